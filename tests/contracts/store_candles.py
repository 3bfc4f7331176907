"""What every store must do with candles, and how it tells what was known of them at an earlier time."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.market_reads import AsOfTooOld, Touch
from application.ports.page import InvalidPageCursor, Window
from application.ports.store import Bucket
from domain.market.candle import Candle, CandleSource, Interval, candles_of, merge
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair
from tests.builders import BTC, ETH, T0, at, candle, trade
from tests.contracts.store import StoreUnderTest, all_pages
from tests.contracts.store_market import NOT_CURSORS, property_of_a_store
from tests.waiting import until

NOWHERE = (0, 0)
PAIRS = (BTC, ETH, Pair("SOL/USD"))
MINUTES = [T0 + timedelta(minutes=number) for number in range(10)]


def _put(under_test: StoreUnderTest, *candles: Candle) -> None:
    with under_test.store.begin() as tx:
        tx.put_candles(candles)


def _store(under_test: StoreUnderTest, *trades: TradeExecuted) -> list[Candle]:
    """Trades, and the candles that a projection makes of them; returned oldest first."""
    candles = sorted(candles_of(trades), key=lambda one: one.start)
    with under_test.store.begin() as tx:
        tx.add_trades(trades)
        tx.put_candles(candles)
    return candles


def _followed(under_test: StoreUnderTest, touch: Touch, limit: int) -> list[tuple[Candle, Touch]]:
    """All candles after `touch`, page by page."""
    found: list[tuple[Candle, Touch]] = []
    while page := under_test.market.candles_after(found[-1][1] if found else touch, limit=limit):
        assert len(page) <= limit
        found += page
    return found


def _all_told(under_test: StoreUnderTest, count: int) -> None:
    """Wait until all candles can be followed: transactions of other tests, on the same server, hold them up."""
    assert until(lambda: len(_followed(under_test, NOWHERE, 100)) == count, seconds=120)


def _starts(candles: list[Candle]) -> list[datetime]:
    return [candle.start for candle in candles]


class CandleContract:
    def test_candles_come_back_exactly(self, under_test: StoreUnderTest) -> None:
        made = [
            candle(),
            candle(MINUTES[1], turnover=None, volume=Decimal(0), source=CandleSource.IMPORTED, origin=Origin.BACKFILL),
            candle(MINUTES[2], turnover=Decimal("1234567890123456789012345678.123456789012345678901234567890123456")),
            candle(MINUTES[3], opened=(at(181, micros=1), -(2**62)), closed_by=(at(182), 2**62), trades=2**40),
            candle(MINUTES[4], buy_volume=Decimal("1E-18"), sell_volume=Decimal(0)),
            candle(interval=Interval.D1, start=T0.replace(hour=0, minute=0)),
        ]
        _put(under_test, *made)
        with under_test.store.begin() as tx:
            assert tx.candles([one.bucket for one in made]) == {one.bucket: one for one in made}
            assert tx.candles([(ETH, Interval.M1, T0), (BTC, Interval.H1, T0)]) == {}
            assert tx.candles([]) == {}
            assert tx.candles_between(BTC, Interval.M1, MINUTES[1], MINUTES[3]) == made[1:3]
        assert under_test.market.candles(BTC, Interval.M1, Window()).items == made[:5]

    def test_a_candle_is_replaced_whole(self, under_test: StoreUnderTest) -> None:
        _put(under_test, candle())
        later = candle(close=Decimal(1), trades=7, recorded_at=at(30), turnover=None)
        _put(under_test, later)
        assert under_test.market.candles(BTC, Interval.M1, Window()).items == [later]

    @pytest.mark.parametrize("limit", [1, 3, 10, 11])
    def test_with_a_start_pages_lead_on(self, under_test: StoreUnderTest, limit: int) -> None:
        _put(under_test, *(candle(start) for start in reversed(MINUTES)), candle(pair=ETH))
        window = Window(start=MINUTES[2], end=MINUTES[9], limit=limit)
        pages = all_pages(lambda asked: under_test.market.candles(BTC, Interval.M1, asked), window)
        assert [start for page in pages for start in _starts(page)] == MINUTES[2:9]

    @pytest.mark.parametrize("limit", [1, 3, 10, 11])
    def test_without_a_start_the_latest_page_comes_first_and_pages_lead_back(
        self, under_test: StoreUnderTest, limit: int
    ) -> None:
        _put(under_test, *(candle(start) for start in MINUTES))
        pages = all_pages(lambda asked: under_test.market.candles(BTC, Interval.M1, asked), Window(limit=limit))
        assert _starts(pages[0]) == MINUTES[-limit:]
        assert [start for page in reversed(pages) for start in _starts(page)] == MINUTES
        before = under_test.market.candles(BTC, Interval.M1, Window(end=MINUTES[5], limit=2))
        assert _starts(before.items) == MINUTES[3:5]

    @pytest.mark.parametrize("cursor", NOT_CURSORS)
    def test_what_is_no_cursor_of_the_list_is_refused(self, under_test: StoreUnderTest, cursor: str) -> None:
        with pytest.raises(InvalidPageCursor):
            under_test.market.candles(BTC, Interval.M1, Window(cursor=cursor))

    def test_a_stream_resumes_exactly_where_it_stood(self, under_test: StoreUnderTest) -> None:
        assert under_test.market.last_touch() == NOWHERE
        assert under_test.market.candles_after(NOWHERE, limit=10) == []
        hour = candle(interval=Interval.H1, start=T0.replace(minute=0))
        _put(under_test, candle(MINUTES[1]), hour, candle(MINUTES[0]))  # in the order given, not that of their times
        with under_test.store.begin() as tx:
            tx.put_candles([candle(MINUTES[2])])
            tx.put_candles([candle(MINUTES[3]), candle(pair=ETH)])
        written = [
            candle(MINUTES[1]),
            hour,
            candle(MINUTES[0]),
            candle(MINUTES[2]),
            candle(MINUTES[3]),
            candle(pair=ETH),
        ]
        _all_told(under_test, len(written))
        everything = under_test.market.candles_after(NOWHERE, limit=10)
        assert [one for one, _ in everything] == written
        touches = [touch for _, touch in everything]
        assert touches == sorted(set(touches))
        assert under_test.market.last_touch() == touches[-1]
        for limit in (1, 2, 6):
            assert _followed(under_test, NOWHERE, limit) == everything
        for number, touch in enumerate(touches, 1):
            assert under_test.market.candles_after(touch, limit=10) == everything[number:]

    def test_a_candle_written_again_moves_to_the_end(self, under_test: StoreUnderTest) -> None:
        _put(under_test, candle(MINUTES[0]), candle(MINUTES[1]))
        _all_told(under_test, 2)
        before = under_test.market.last_touch()
        _put(under_test, candle(MINUTES[0], trades=2))
        _all_told(under_test, 2)
        ((again, touch),) = under_test.market.candles_after(before, limit=10)
        assert again == candle(MINUTES[0], trades=2)
        assert touch == under_test.market.last_touch() > before
        assert [one.start for one, _ in under_test.market.candles_after(NOWHERE, limit=10)] == [MINUTES[1], MINUTES[0]]

    def test_a_candle_given_twice_at_once_is_the_last(self, under_test: StoreUnderTest) -> None:
        _put(under_test, candle(trades=2), candle(MINUTES[1]), candle(trades=3))
        assert under_test.market.candles(BTC, Interval.M1, Window()).items == [candle(trades=3), candle(MINUTES[1])]

    def test_touches_never_come_again(self, under_test: StoreUnderTest) -> None:
        _put(under_test, *(candle(start) for start in MINUTES))
        _all_told(under_test, len(MINUTES))
        seen = under_test.market.last_touch()
        for _ in range(2):
            with under_test.store.begin() as tx:
                tx.clear_read_models()
        _put(under_test, candle())
        _all_told(under_test, 1)
        assert [one for one, _ in under_test.market.candles_after(seen, limit=10)] == [candle()]

    def test_whoever_follows_misses_nothing_of_several_writers(self, under_test: StoreUnderTest) -> None:
        writers, each = 3, 8

        def write(writer: int) -> None:
            for number in range(each):
                _put(under_test, candle(MINUTES[number], pair=PAIRS[writer]), candle(MINUTES[9], pair=PAIRS[writer]))

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
        for thread in threads:
            thread.start()
        seen: set[Bucket] = set()
        touch = NOWHERE

        def all_seen() -> bool:
            nonlocal touch
            found = _followed(under_test, touch, 5)
            touches = [one for _, one in found]
            assert touches == sorted(set(touches))
            assert not touches or touches[0] > touch
            seen.update(one.bucket for one, _ in found)
            touch = touches[-1] if touches else touch
            return len(seen) == writers * (each + 1)

        assert until(all_seen, seconds=120)
        for thread in threads:
            thread.join(60)

    def test_of_writers_that_merge_none_loses_an_update(self, under_test: StoreUnderTest) -> None:
        writers, each = 4, 10

        def add(writer: int) -> None:
            for number in range(each):
                with under_test.store.begin() as tx:
                    one = candle(trades=1, pair=PAIRS[number % 2])
                    present = tx.candles([one.bucket])
                    tx.put_candles([merge(one, present[one.bucket]) if present else one])

        threads = [threading.Thread(target=add, args=(writer,)) for writer in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        for pair in PAIRS[:2]:
            (found,) = under_test.market.candles(pair, Interval.M1, Window()).items
            assert (found.trades, found.volume) == (writers * each // 2, Decimal(writers * each))

    @property_of_a_store
    @given(
        trades=st.lists(
            st.tuples(st.integers(0, 4), st.integers(0, 59), st.integers(1, 500), st.integers(0, 10)), max_size=25
        ),
        known_by=st.integers(0, 11),
        limit=st.integers(1, 4),
        onwards=st.booleans(),
    )
    def test_as_of_is_what_the_trades_recorded_by_then_say(
        self,
        under_test: StoreUnderTest,
        trades: list[tuple[int, int, int, int]],
        known_by: int,
        limit: int,
        onwards: bool,
    ) -> None:
        stored = [
            trade(
                number, occurred_at=at(minute * 60 + second), price=Decimal(price), recorded_at=at((5 + recorded) * 60)
            )
            for number, (minute, second, price, recorded) in enumerate(trades)
        ]
        with under_test.store.begin() as tx:
            tx.clear_read_models()
        _store(under_test, *stored)
        as_of = at((5 + known_by) * 60)
        window = Window(as_of=as_of, limit=limit, start=T0 if onwards else None)
        pages = all_pages(lambda asked: under_test.market.candles(BTC, Interval.M1, asked), window)
        found = [one for page in (pages if onwards else reversed(pages)) for one in page]
        known = candles_of([one for one in stored if one.recorded_at <= as_of])
        assert found == sorted(known, key=lambda one: one.start)

    def test_as_of_before_trades_that_have_aged_out_is_refused(self, under_test: StoreUnderTest) -> None:
        kept = trade(7, occurred_at=MINUTES[5])
        _store(under_test, kept)
        _put(under_test, candle(MINUTES[0], trades=3, recorded_at=at(9_000)))
        with pytest.raises(AsOfTooOld) as refused:
            under_test.market.candles(BTC, Interval.M1, Window(as_of=at(60)))
        assert refused.value.oldest == kept.occurred_at
        # A bucket of which only a part is left.
        _put(
            under_test,
            candle(MINUTES[0], trades=2, recorded_at=at(50)),
            candle(MINUTES[5], trades=2, recorded_at=at(900)),
        )
        with pytest.raises(AsOfTooOld):
            under_test.market.candles(BTC, Interval.M1, Window(as_of=at(301)))
        # What was recorded by then is still known: frozen, but right.
        frozen = candle(MINUTES[0], trades=3, recorded_at=at(50))
        _put(under_test, frozen, candle(MINUTES[5], recorded_at=at(900)))
        assert under_test.market.candles(BTC, Interval.M1, Window(as_of=at(60))).items == [frozen]

    def test_a_venues_own_candle_taken_over_later_was_not_known(self, under_test: StoreUnderTest) -> None:
        imported = candle(source=CandleSource.IMPORTED, trades=900, recorded_at=at(9_000))
        _put(under_test, imported)
        assert under_test.market.candles(BTC, Interval.M1, Window(as_of=at(60))).items == []
        assert under_test.market.candles(BTC, Interval.M1, Window(as_of=at(9_000))).items == [imported]

    def test_a_venues_own_candle_is_known_until_others_took_its_place(self, under_test: StoreUnderTest) -> None:
        imported = [
            candle(start, source=CandleSource.IMPORTED, trades=900, recorded_at=at(800)) for start in MINUTES[:5]
        ]
        late = trade(1, occurred_at=at(70), recorded_at=at(900))
        with under_test.store.begin() as tx:
            tx.add_trades([late])
            tx.put_candles([*imported, *candles_of([late])])
            tx.keep_replaced([imported[1], imported[1]])
            tx.keep_replaced([imported[1]])
        for as_of, known in ((799, []), (800, imported), (899, imported)):
            assert under_test.market.candles(BTC, Interval.M1, Window(as_of=at(as_of))).items == known
        assert under_test.market.candles(BTC, Interval.M1, Window(as_of=at(900))).items == [
            imported[0], *candles_of([late]), *imported[2:],
        ]  # fmt: skip
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            tx.add_trades([late])
            tx.put_candles(candles_of([late]))
        assert under_test.market.candles(BTC, Interval.M1, Window(as_of=at(899))).items == []

    def test_longer_candles_are_recomputed_over_all_their_trades(self, under_test: StoreUnderTest) -> None:
        early = [trade(1, occurred_at=at(1)), trade(2, occurred_at=at(125), price=Decimal(5))]
        late = trade(3, occurred_at=at(10), price=Decimal(1), recorded_at=at(7_000))
        (hour,) = candles_of([*early, late], Interval.H1)
        with under_test.store.begin() as tx:
            tx.add_trades([*early, late])
            tx.put_candles([hour])
        (known,) = under_test.market.candles(BTC, Interval.H1, Window(as_of=at(200))).items
        assert known == candles_of(early, Interval.H1)[0]
        assert known != replace(hour, recorded_at=known.recorded_at)
