"""What every store must do with trades and tickers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.ports.page import InvalidPageCursor, Window
from domain.errors import InvalidValue
from domain.market.feed_health import FeedHealth
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import EXACT, Origin, Side, rfc3339
from tests import strategies
from tests.builders import BTC, ETH, at, feed_health, ticker, trade
from tests.contracts.store import StoreUnderTest, all_pages

# One database serves all examples of a property: each begins by emptying it.
property_of_a_store = settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NOT_CURSORS = ("", "0", "nonsense", "é", "WyJ0cmFkZXMiXQ", "WyJvdGhlciIsMCwiIiwwXQ", "=" * 5_000)
OTHER_TRADES: list[dict[str, object]] = [
    {"price": Decimal("97412.600000000000000001")},
    {"volume": Decimal(7)},
    {"side": Side.SELL},
    {"occurred_at": at(1)},
    {"occurred_at": at(-86_400)},
    {"venue": "elsewhere"},
]


# Never by repr: equal values (2 and 2.0, a time with fold=1) are written differently.
event_id = attrgetter("event_id")


def _ids(trades: Sequence[TradeExecuted]) -> list[int]:
    return [trade.trade_id for trade in trades]


def _add(under_test: StoreUnderTest, *trades: TradeExecuted) -> list[TradeExecuted]:
    with under_test.store.begin() as tx:
        return tx.add_trades(trades)


class TradeContract:
    @property_of_a_store
    @given(given_trades=st.lists(strategies.trades, max_size=20, unique_by=lambda one: (one.pair, one.trade_id)))
    def test_trades_come_back_exactly(self, under_test: StoreUnderTest, given_trades: list[TradeExecuted]) -> None:
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            new = tx.add_trades([*given_trades, *reversed(given_trades)])
            assert tx.add_trades(given_trades) == []
        assert sorted(new, key=event_id) == sorted(given_trades, key=event_id)
        found = under_test.market.trades(None, Window(limit=1000)).items
        assert found == sorted(found, key=lambda trade: (trade.occurred_at, trade.pair, trade.trade_id), reverse=True)
        expected = [_with_sound_order_type(trade) for trade in given_trades]
        assert sorted(found, key=event_id) == sorted(expected, key=event_id)

    def test_decimals_keep_every_digit(self, under_test: StoreUnderTest) -> None:
        numbers = ["0.000000000000000001", "12345678901234567890.123456789012345678", "1E+5", "1E-7", "97412.60"]
        _add(under_test, *(trade(number, price=Decimal(text)) for number, text in enumerate(numbers)))
        found = under_test.market.trades(BTC, Window()).items
        assert [trade.price for trade in reversed(found)] == [Decimal(text) for text in numbers]

    def test_what_is_new_is_returned_once_and_as_given(self, under_test: StoreUnderTest) -> None:
        _add(under_test, trade(5), trade(-3), trade(5, pair=ETH))
        batch = [trade(4), trade(5), trade(6), trade(6), trade(-3), trade(-4), trade(6, pair=ETH)]
        new = _add(under_test, *batch)
        assert [id(trade) for trade in new] == [id(batch[index]) for index in (0, 2, 5, 6)]
        assert _add(under_test, *batch) == []
        assert _add(under_test) == []

    def test_a_trade_with_two_times_a_microsecond_apart_is_one(self, under_test: StoreUnderTest) -> None:
        by_websocket, by_rest = trade(1, occurred_at=at(micros=1)), trade(1, occurred_at=at(micros=2))
        assert _add(under_test, by_websocket) == [by_websocket]
        assert _add(under_test, by_rest) == []
        assert _add(under_test, trade(2, occurred_at=at(micros=1)), trade(2, occurred_at=at(micros=2))) == [
            trade(2, occurred_at=at(micros=1))
        ]
        assert _ids(under_test.market.trades(BTC, Window()).items) == [2, 1]

    @pytest.mark.parametrize("in_one_batch", [True, False])
    @pytest.mark.parametrize("change", OTHER_TRADES)
    def test_another_trade_under_a_known_id_is_refused(
        self, under_test: StoreUnderTest, change: dict[str, object], in_one_batch: bool
    ) -> None:
        known = trade(1, side=Side.BUY)
        another = replace(known, recorded_at=at(99), **change)  # type: ignore[arg-type]
        if not in_one_batch:
            _add(under_test, known, trade(9))
        with pytest.raises(InvalidValue) as refused:
            _add(under_test, *((trade(2), known, another) if in_one_batch else (trade(2), another)))
        words = str(refused.value)
        assert words.startswith(f"{another.event_id} is known as ")
        for one in (known, another):
            side, volume = "a buy" if one.side is Side.BUY else "a sell", one.volume.normalize(EXACT)
            assert f"{side} of {volume:f} for {one.price} at {rfc3339(one.occurred_at)} on {one.venue}" in words
        _add(under_test, known)
        stored = under_test.market.trades(BTC, Window()).items
        assert known in stored
        assert another not in stored
        assert 2 not in _ids(stored)

    def test_reports_of_one_trade_may_differ_in_what_is_not_the_trade(self, under_test: StoreUnderTest) -> None:
        known = trade(1, price=Decimal("97412.60"), side=Side.BUY, occurred_at=at(micros=5))
        again = [
            replace(known, side=None, order_type=None, recorded_at=at(9), origin=Origin.BACKFILL),
            replace(known, price=Decimal("97412.6000"), volume=known.volume + Decimal("0E-18")),
            replace(known, occurred_at=at(micros=6)),
        ]
        assert _add(under_test, known, *again) == [known]
        assert _add(under_test, *again) == _add(under_test, trade(2), *again)[1:] == []
        assert _ids(under_test.market.trades(BTC, Window()).items) == [1, 2]

    def test_many_known_ids_are_found_among_many(self, under_test: StoreUnderTest) -> None:
        _add(under_test, *(trade(number) for number in range(0, 4_000, 2)))
        new = _add(under_test, *(trade(number) for number in range(4_002)))
        assert _ids(new) == [*range(1, 4_000, 2), 4_000, 4_001]

    def test_start_is_inclusive_and_end_exclusive(self, under_test: StoreUnderTest) -> None:
        _add(under_test, *(trade(number, occurred_at=at(number)) for number in range(5)))
        found = under_test.market.trades(BTC, Window(start=at(1), end=at(3))).items
        assert _ids(found) == [2, 1]

    def test_as_of_leaves_out_what_was_recorded_later(self, under_test: StoreUnderTest) -> None:
        _add(under_test, trade(1), trade(2, recorded_at=at(60)), trade(3, occurred_at=at(7200)))
        for pair in (BTC, None):
            assert _ids(under_test.market.trades(pair, Window(as_of=at(0))).items) == [1]
            assert _ids(under_test.market.trades(pair, Window(as_of=at(60))).items) == [2, 1]
            assert _ids(under_test.market.trades(pair, Window(as_of=at(7200))).items) == [3, 2, 1]

    @property_of_a_store
    @given(
        places=st.lists(st.tuples(st.sampled_from([BTC, ETH]), st.integers(0, 3)), max_size=30),
        limit=st.integers(1, 7),
        of_one_pair=st.booleans(),
    )
    def test_pages_together_are_the_whole_list(
        self, under_test: StoreUnderTest, places: list[tuple[str, int]], limit: int, of_one_pair: bool
    ) -> None:
        trades = [trade(number, pair=pair, occurred_at=at(second)) for number, (pair, second) in enumerate(places)]
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            tx.add_trades(trades)
        pair = BTC if of_one_pair else None
        pages = all_pages(lambda window: under_test.market.trades(pair, window), Window(limit=limit))
        wanted = [trade for trade in trades if pair in (None, trade.pair)]
        order = sorted(wanted, key=lambda trade: (trade.occurred_at, trade.pair, trade.trade_id), reverse=True)
        assert [trade for page in pages for trade in page] == order
        assert all(len(page) == limit for page in pages[:-1])

    def test_what_is_added_meanwhile_moves_no_page(self, under_test: StoreUnderTest) -> None:
        _add(under_test, *(trade(number) for number in range(4)))
        first = under_test.market.trades(None, Window(limit=2))
        _add(under_test, trade(9), trade(8, occurred_at=at(1)), trade(7, pair=ETH))
        second = under_test.market.trades(None, Window(limit=2, cursor=first.next_cursor))
        assert _ids([*first.items, *second.items]) == [3, 2, 1, 0]

    @pytest.mark.parametrize("cursor", NOT_CURSORS)
    def test_what_is_no_cursor_of_the_list_is_refused(self, under_test: StoreUnderTest, cursor: str) -> None:
        _add(under_test, trade(1))
        with pytest.raises(InvalidPageCursor):
            under_test.market.trades(BTC, Window(cursor=cursor))
        with pytest.raises(InvalidPageCursor):
            under_test.market.tickers(BTC, Window(cursor=cursor))

    def test_trades_since_are_all_of_them_oldest_first(self, under_test: StoreUnderTest) -> None:
        # More than one chunk, and more of one time than fit a chunk.
        trades = [trade(number, occurred_at=at(number // 9_000)) for number in range(12_000)]
        _add(under_test, *trades, trade(1, pair=ETH))
        found = under_test.market.trades_since(BTC, at(0), at(1, micros=1))
        assert _ids(list(found)) == list(range(12_000))
        assert _ids(list(under_test.market.trades_since(BTC, at(1), at(2)))) == list(range(9_000, 12_000))
        assert list(under_test.market.trades_since(BTC, at(5), at(9))) == []

    def test_tickers_since_are_all_of_them_oldest_first(self, under_test: StoreUnderTest) -> None:
        tickers = [ticker(occurred_at=at(number // 7_000, micros=number % 7_000)) for number in range(8_000)]
        with under_test.store.begin() as tx:
            tx.add_tickers([*tickers, ticker(pair=ETH)])
        found = list(under_test.market.tickers_since(BTC, at(0), at(2)))
        assert sorted(found, key=event_id) == sorted(tickers, key=event_id)
        assert [one.occurred_at for one in found] == sorted(one.occurred_at for one in tickers)
        assert len(list(under_test.market.tickers_since(BTC, at(1), at(1, micros=10)))) == 10
        assert list(under_test.market.tickers_since(BTC, at(5), at(9))) == []

    def test_bounds_as_of_a_time_stay_when_older_trades_are_fetched(self, under_test: StoreUnderTest) -> None:
        _add(under_test, *[trade(number, occurred_at=at(number), recorded_at=at(number)) for number in range(10, 15)])
        known = under_test.market.trade_id_bounds(BTC, as_of=at(12))
        assert known is not None
        assert [one.trade_id for one in known] == [10, 12]
        _add(under_test, *[trade(number, occurred_at=at(number), recorded_at=at(20)) for number in range(5, 10)])
        assert under_test.market.trade_id_bounds(BTC, as_of=at(12)) == known
        assert under_test.market.trade_id_bounds(BTC, as_of=at(9)) is None

    def test_bounds_are_the_venues_own_ids(self, under_test: StoreUnderTest) -> None:
        assert under_test.market.trade_id_bounds(BTC) is None
        _add(under_test, trade(-7), trade(30, pair=ETH))
        assert under_test.market.trade_id_bounds(BTC) is None
        _add(under_test, trade(5), trade(3, occurred_at=at(9)), trade(4))
        assert under_test.market.trade_id_bounds(BTC) == (trade(3, occurred_at=at(9)), trade(5))
        assert under_test.market.trade_id_bounds(BTC, as_of=at(-1)) is None
        assert under_test.market.trade_before(BTC, 5) == trade(4)
        assert under_test.market.trade_before(BTC, 99) == trade(5)
        assert under_test.market.trade_before(BTC, 3) is None

    @pytest.mark.parametrize(
        ("health", "missing"),
        [
            (None, []),
            (feed_health(), []),
            (feed_health(open_runs=((30, 40), (12, 14)), history_runs=((1, 9),)), [(12, 14), (30, 40)]),
            (feed_health(open_runs=((45, 90),), history_runs=((5, 12), (12, 20), (21, 21))), [(10, 21), (45, 50)]),
        ],
    )
    def test_continuity_is_what_lies_between_the_bounds(
        self, under_test: StoreUnderTest, health: FeedHealth | None, missing: list[tuple[int, int]]
    ) -> None:
        with under_test.store.begin() as tx:
            tx.add_trades([trade(10), trade(50), trade(-1)])
            tx.put_feed_health([health] if health else [])
        found = under_test.market.continuity(BTC)
        assert (found.first, found.last, found.missing) == (10, 50, missing)
        nothing = under_test.market.continuity(ETH)
        assert (nothing.first, nothing.last, nothing.missing) == (None, None, [])


class TickerContract:
    @property_of_a_store
    @given(tickers=st.lists(strategies.tickers, max_size=20, unique_by=lambda ticker: ticker.event_id))
    def test_tickers_come_back_exactly(self, under_test: StoreUnderTest, tickers: list[TickerUpdated]) -> None:
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            tx.add_tickers(tickers)
            tx.add_tickers(tickers)
        pairs = {ticker.pair for ticker in tickers}
        found = [found for pair in pairs for found in under_test.market.tickers(pair, Window(limit=1000)).items]
        assert sorted(found, key=event_id) == sorted(tickers, key=event_id)

    def test_a_ticker_without_a_time_of_its_own_is_known_by_its_hash(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            tx.add_tickers([ticker(frame_hash="a"), ticker(frame_hash="b"), ticker(frame_hash="a"), ticker()])
        assert len(under_test.market.tickers(BTC, Window()).items) == 3

    def test_the_latest_of_each_pair(self, under_test: StoreUnderTest) -> None:
        assert under_test.market.latest_tickers() == []
        late = ticker(occurred_at=at(2), recorded_at=at(9))
        with under_test.store.begin() as tx:
            tx.add_tickers([ticker(pair=ETH), late, ticker(occurred_at=at(1)), ticker()])
        assert under_test.market.latest_tickers() == [late, ticker(pair=ETH)]
        assert under_test.market.latest_tickers(as_of=at(8)) == [ticker(occurred_at=at(1)), ticker(pair=ETH)]
        assert under_test.market.latest_tickers(as_of=at(-1)) == []

    def test_history_is_paged_newest_first(self, under_test: StoreUnderTest) -> None:
        tickers = [ticker(frame_hash=str(number), occurred_at=at(number // 3)) for number in range(8)]
        with under_test.store.begin() as tx:
            tx.add_tickers([*tickers, ticker(pair=ETH)])
        pages = all_pages(lambda window: under_test.market.tickers(BTC, window), Window(limit=3))
        assert [found for page in pages for found in page] == tickers[::-1]
        within = under_test.market.tickers(BTC, Window(start=at(1), end=at(2))).items
        assert within == tickers[5:2:-1]

    def test_whose_data_it_is_stays_known(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            tx.add_tickers([ticker(origin=Origin.SIMULATED)])
            tx.add_trades([trade(origin=Origin.BACKFILL, recorded_at=at() + timedelta(days=1))])
        assert under_test.market.latest_tickers()[0].origin is Origin.SIMULATED
        assert under_test.market.trades(BTC, Window()).items[0].origin is Origin.BACKFILL


def _with_sound_order_type(trade: TradeExecuted) -> TradeExecuted:
    return replace(trade, order_type=trade.order_type.replace("\x00", "\ufffd")) if trade.order_type else trade
