"""What every store must do, whatever it is made of: transactions, streams, checkpoints, and how pages are read.

A test module of an adapter brings the fixture `under_test` and subclasses the contracts.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import pytest

from application.ports.alert_reads import AlertReads, DeadLetterReads
from application.ports.channel_store import ChannelSecrets
from application.ports.checkpoints import Checkpoint
from application.ports.deliveries import Deliveries, DeliveryReads
from application.ports.event_log import Cursor
from application.ports.forecast_reads import ForecastReads
from application.ports.market_reads import MarketReads
from application.ports.news_reads import NewsReads
from application.ports.page import Page, Window
from application.ports.sentiment_reads import SentimentReads
from application.ports.store import StoreRefused, Transaction
from domain.alerting.rule import AlertRuleCreated
from domain.errors import ConcurrencyError
from domain.market.candle import Interval
from tests.builders import BTC, alert_acknowledged, alert_raised, at, candle, rule_created, ticker, trade

T = TypeVar("T")


class WholeTransaction(Transaction, Deliveries, ChannelSecrets, Protocol):
    """All that is written, whichever port asks for it."""


class WholeStore(Protocol):
    def begin(self) -> AbstractContextManager[WholeTransaction]: ...


@dataclass(frozen=True)
class StoreUnderTest:
    """A store, empty at first, and what reads from it; the chosen model of sentiment is `SCORER`."""

    store: WholeStore
    market: MarketReads
    news: NewsReads
    alerts: AlertReads
    forecasts: ForecastReads
    sentiment: SentimentReads
    letters: DeadLetterReads
    deliveries: DeliveryReads


def all_pages(read: Callable[[Window], Page[T]], window: Window) -> list[list[T]]:
    """Follow the cursors to the end."""
    pages = []
    while True:
        page = read(window)
        assert len(page.items) <= window.limit
        pages.append(page.items)
        if page.next_cursor is None:
            return pages
        window = replace(window, cursor=page.next_cursor)


class _OnPurpose(Exception):
    pass


class TransactionContract:
    def test_nothing_of_a_transaction_that_raises_stays(self, under_test: StoreUnderTest) -> None:
        with pytest.raises(_OnPurpose), under_test.store.begin() as tx:
            tx.add_trades([trade()])
            tx.add_tickers([ticker()])
            tx.put_candles([candle()])
            tx.append("rule:r1", [rule_created()], expected_version=0)
            tx.save_checkpoint("store", Checkpoint(Cursor("7")))
            raise _OnPurpose
        with under_test.store.begin() as tx:
            assert tx.load("rule:r1") == []
            assert tx.checkpoint("store") is None
        assert under_test.market.trades(BTC, Window()).items == []
        assert under_test.market.latest_tickers() == []

    def test_a_place_is_saved_with_its_rows(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            tx.add_trades([trade()])
            tx.save_checkpoint("store", Checkpoint(Cursor("7"), state='{"quiet": []}'))
        with under_test.store.begin() as tx:
            assert tx.checkpoint("store") == Checkpoint(Cursor("7"), '{"quiet": []}')
            tx.save_checkpoint("store", Checkpoint(Cursor("8")))
            assert tx.checkpoint("store") == Checkpoint(Cursor("8"))
            assert tx.checkpoint("alerting") is None

    def test_readers_see_what_was_committed_while_somebody_writes(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            tx.add_trades([trade(1)])
        with under_test.store.begin() as tx:
            tx.add_trades([trade(2)])
            assert [found.trade_id for found in under_test.market.trades(BTC, Window()).items] == [1]
        assert [found.trade_id for found in under_test.market.trades(BTC, Window()).items] == [2, 1]

    def test_clearing_keeps_streams_and_checkpoints(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            tx.append("rule:r1", [rule_created()], expected_version=0)
            tx.save_checkpoint("alerting", Checkpoint(Cursor("7")))
            tx.add_trades([trade()])
        with under_test.store.begin() as tx:
            tx.clear_read_models()
        with under_test.store.begin() as tx:
            assert tx.load("rule:r1") == [rule_created()]
            assert tx.checkpoint("alerting") == Checkpoint(Cursor("7"))
            assert tx.add_trades([trade()]) == [trade()]


class SavepointContract:
    def test_what_a_failed_part_wrote_is_undone_and_the_rest_stays(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            tx.add_trades([trade(1)])
            with pytest.raises(ArithmeticError), tx.savepoint():
                tx.add_trades([trade(2)])
                tx.put_candles([candle()])
                raise ArithmeticError
            with tx.savepoint():
                tx.add_trades([trade(3)])
                tx.put_candles([candle(at(60))])
        assert [one.trade_id for one in under_test.market.trades(BTC, Window()).items] == [3, 1]
        assert [one.start for one in under_test.market.candles(BTC, Interval.M1, Window()).items] == [at(60)]

    def test_data_that_a_column_does_not_take_is_refused_and_the_transaction_goes_on(
        self, under_test: StoreUnderTest
    ) -> None:
        misfit = replace(candle(), close=None)  # type: ignore[arg-type]
        with under_test.store.begin() as tx:
            with pytest.raises(StoreRefused, match="the store does not take this data"), tx.savepoint():
                tx.put_candles([misfit])
            tx.add_trades([trade(1)])
        assert len(under_test.market.trades(BTC, Window()).items) == 1
        with pytest.raises(StoreRefused), under_test.store.begin() as tx:
            tx.put_candles([misfit])


class EventStoreContract:
    def test_a_stream_is_read_as_it_was_written(self, under_test: StoreUnderTest) -> None:
        raised, seen = alert_raised(), alert_acknowledged(occurred_at=at(5))
        with under_test.store.begin() as tx:
            tx.append("alert:a1", [raised], expected_version=0)
            tx.append("alert:a1", [seen], expected_version=1)
            assert tx.load("alert:a1") == [raised, seen]
            assert tx.load("alert:a1", as_of=at(4)) == [raised]
            assert tx.load("alert:a2") == []

    def test_streams_are_found_by_prefix_in_the_order_of_their_creation(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            for rule_id in ("z", "a", "_", "%"):
                tx.append(f"rule:{rule_id}", [rule_created(rule_id)], expected_version=0)
            tx.append("ruler", [rule_created("ruler", occurred_at=at(9))], expected_version=0)
            assert list(tx.load_all("rule:")) == ["rule:z", "rule:a", "rule:_", "rule:%"]
            assert list(tx.load_all("rule:_")) == ["rule:_"]
        assert list(under_test.alerts.streams("rule:")) == ["rule:z", "rule:a", "rule:_", "rule:%"]
        assert list(under_test.alerts.streams("rule")) == ["rule:z", "rule:a", "rule:_", "rule:%", "ruler"]
        assert list(under_test.alerts.streams("rule", as_of=at(1))) == ["rule:z", "rule:a", "rule:_", "rule:%"]

    @pytest.mark.parametrize("expected", [0, 2])
    def test_another_version_than_expected_is_refused_and_the_transaction_goes_on(
        self, under_test: StoreUnderTest, expected: int
    ) -> None:
        with under_test.store.begin() as tx:
            tx.append("rule:r1", [rule_created()], expected_version=0)
            with pytest.raises(ConcurrencyError, match="rule:r1"):
                tx.append("rule:r1", [rule_created()], expected_version=expected)
            tx.append("rule:r2", [rule_created("r2")], expected_version=0)
        with under_test.store.begin() as tx:
            assert list(tx.load_all("rule:")) == ["rule:r1", "rule:r2"]

    def test_of_racing_writers_one_wins(self, under_test: StoreUnderTest) -> None:
        writers = 8
        ready = threading.Barrier(writers)
        outcomes: list[str] = []

        def append(number: int) -> None:
            ready.wait(10)
            try:
                with under_test.store.begin() as tx:
                    tx.append("rule:r1", [rule_created(f"by-{number}")], expected_version=0)
                outcomes.append("won")
            except ConcurrencyError:
                outcomes.append("lost")

        threads = [threading.Thread(target=append, args=(number,)) for number in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(outcomes) == ["lost"] * (writers - 1) + ["won"]
        with under_test.store.begin() as tx:
            assert len(tx.load("rule:r1")) == 1

    def test_writers_that_try_again_lose_nothing(self, under_test: StoreUnderTest) -> None:
        writers, each = 4, 8
        failures: list[BaseException] = []

        def append(writer: int) -> None:
            for number in range(each):
                while True:
                    try:
                        with under_test.store.begin() as tx:
                            version = len(tx.load("rule:r1"))
                            tx.append("rule:r1", [rule_created(f"{writer}-{number}")], expected_version=version)
                        break
                    except ConcurrencyError:
                        continue
                    except BaseException as error:  # noqa: BLE001 - told to the test's own thread
                        failures.append(error)
                        return

        threads = [threading.Thread(target=append, args=(writer,)) for writer in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        expected = {f"{writer}-{number}" for writer in range(writers) for number in range(each)}
        with under_test.store.begin() as tx:
            stored = tx.load("rule:r1")
            assert [event for _, event in tx.after(0, limit=1_000)] == stored
        assert len(stored) == writers * each
        assert {event.rule_id for event in stored if isinstance(event, AlertRuleCreated)} == expected

    def test_the_outbox_is_read_in_order_and_by_pieces(self, under_test: StoreUnderTest) -> None:
        events = [rule_created(f"r{number}") for number in range(7)]
        for event in events:
            with under_test.store.begin() as tx:
                tx.append(f"rule:{event.rule_id}", [event], expected_version=0)
        read, position = [], 0
        with under_test.store.begin() as tx:
            while waiting := tx.after(position, limit=3):
                assert [number for number, _ in waiting] == sorted(number for number, _ in waiting)
                read += [event for _, event in waiting]
                position = waiting[-1][0]
        assert read == events

    def test_writers_in_parallel_never_commit_behind_the_relay(self, under_test: StoreUnderTest) -> None:
        writers, each = 4, 10

        def append(writer: int) -> None:
            for number in range(each):
                with under_test.store.begin() as tx:
                    tx.append(f"rule:{writer}-{number}", [rule_created()], expected_version=0)

        threads = [threading.Thread(target=append, args=(writer,)) for writer in range(writers)]
        for thread in threads:
            thread.start()
        relayed, position = 0, 0
        while relayed < writers * each:
            working = any(thread.is_alive() for thread in threads)
            with under_test.store.begin() as tx:
                waiting = tx.after(position, limit=100)
            if waiting:
                relayed, position = relayed + len(waiting), waiting[-1][0]
            elif not working:
                break
        for thread in threads:
            thread.join(60)
        assert relayed == writers * each
