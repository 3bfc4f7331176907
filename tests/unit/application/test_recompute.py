"""Candles recounted from stored trades end as those that the embedded profile merges trade by trade."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from adapters.memory.clock import FixedClock
from adapters.memory.event_log import MemoryEventLog
from adapters.sql.engine import create_engine
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from adapters.sql.tables import candle_data, trade_data
from application.market.recompute import CandleRecount
from application.ports.event_log import Position, Recorded
from application.ports.market_reads import Touch
from application.store import StoreProjection, fold_imported
from application.topics import topic_of
from domain.event import Event
from domain.market.candle import Candle, Interval, candles_of
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Origin
from domain.values import Side as TakerSide
from tests.builders import BTC, ETH, T0, at, trade
from tests.telemetry import Remembered

DAY = timedelta(days=1)
NOTHING: Touch = (0, 0)


class Side:
    """A store that is filled one way or the other."""

    def __init__(self, path: Path) -> None:
        self.engine = create_engine(f"sqlite:///{path}")
        self.store = SqlStore(self.engine)
        self.reads = SqlMarketReads(self.engine)
        self.recount = CandleRecount(self.store, self.reads)
        self.projection = StoreProjection(MemoryEventLog(), self.store, FixedClock(), Remembered(), origin=Origin.LIVE)

    def candles(self) -> set[Candle]:
        return {candle for candle, _ in self.reads.candles_after(NOTHING, limit=100_000)}

    def merge(self, events: list[Event]) -> None:
        """As the embedded profile does it."""
        with self.store.begin() as tx:
            self.projection.apply([_recorded(number, event) for number, event in enumerate(events)], tx)

    def store_then_recount(self, events: list[Event]) -> None:
        """As the cluster profile does it: one stores the trades, another makes the candles afterwards."""
        trades = [event for event in events if isinstance(event, TradeExecuted)]
        with self.store.begin() as tx:
            tx.add_trades(trades)
        with self.store.begin() as tx:
            fold_imported([event for event in events if isinstance(event, CandleImported)], tx)
        for pair in {event.pair for event in trades}:
            self.recount.recount(pair, {Interval.M1.start_of(t.occurred_at) for t in trades if t.pair == pair})


def _recorded(number: int, event: Event) -> Recorded:
    return Recorded(Position("", number), topic_of(event), event)


_template: list[bytes] = []


@contextmanager
def fresh() -> Iterator[Side]:
    """An empty store; copied from a first one, as migrating takes longer than a whole example."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        if not _template:
            engine = create_engine(f"sqlite:///{path}")
            upgrade(engine)
            engine.dispose()
            with sqlite3.connect(path) as connection:
                _template.append(connection.serialize())
            connection.close()
        else:
            path.write_bytes(_template[0])
        side = Side(path)
        yield side
        side.engine.dispose()


# Few ids, minutes and days, so that trades share buckets of every interval, come twice, late, and at other times.
_moments = st.builds(
    lambda day, minute, micros: T0 + DAY * day + timedelta(minutes=minute, microseconds=micros),
    st.integers(0, 1),
    st.sampled_from((0, 1, 2, 5, 7, 16, 61, 250)),
    st.integers(0, 59_999_999),
)
_trades = st.builds(
    trade,
    trade_id=st.integers(-6, 12),
    pair=st.sampled_from((BTC, ETH)),
    occurred_at=_moments,
    recorded_at=st.integers(0, 9).map(lambda n: T0 + DAY * 3 + timedelta(seconds=n)),
    price=st.integers(1, 500).map(lambda cents: Decimal(cents) / 100),
    volume=st.sampled_from((Decimal("0.00000001"), Decimal("0.5"), Decimal(3))),
    side=st.none() | st.sampled_from(TakerSide),
    origin=st.sampled_from((Origin.LIVE, Origin.SNAPSHOT, Origin.BACKFILL)),
)


def _imported(interval: Interval, moment: datetime) -> CandleImported:
    """The venue's own candle; imported twice, it is the same fact."""
    start = interval.start_of(moment)
    number = 1 + (start.hour * 60 + start.minute) % 7
    price = Decimal(number)
    return CandleImported(
        venue="kraken", pair=BTC, interval=interval, start=start, open=price, high=price * 2, low=price / 2, close=price,
        volume=price, vwap=price, trades=number, occurred_at=start + interval.length, recorded_at=T0 + DAY * 3,
        origin=Origin.BACKFILL,
    )  # fmt: skip


def _batches(interval: Interval) -> st.SearchStrategy[list[list[Event]]]:
    """Trades, and candles imported of one interval: what is known of a bucket then depends on no order."""
    facts: st.SearchStrategy[Event] = st.one_of(_trades, st.builds(_imported, st.just(interval), _moments))
    return st.lists(st.lists(facts, max_size=12), max_size=6).map(_of_one_mind)


def _of_one_mind(batches: list[list[Event]]) -> list[list[Event]]:
    """The same facts, each trade as it was told first: another trade under its id is refused by the store."""
    first: dict[str, Event] = {}
    return [[first.setdefault(fact.event_id, fact) for fact in batch] for batch in batches]


@settings(max_examples=40)
@given(st.sampled_from(Interval).flatmap(_batches), st.randoms(use_true_random=False))
def test_recounting_ends_with_the_candles_that_merging_makes(batches: list[list[Event]], chance: Any) -> None:
    events = [event for batch in batches for event in batch]
    with fresh() as merged, fresh() as recounted:
        for batch in batches:
            merged.merge(batch)
        while events:
            size = chance.randrange(1, len(events) + 1)
            recounted.store_then_recount(events[:size])
            events = events[size:]
        assert recounted.candles() == merged.candles()


def test_recounting_again_changes_nothing(tmp_path: Path) -> None:
    with fresh() as side:
        trades: list[Event] = [trade(n, occurred_at=at(n * 40)) for n in range(20)]
        side.store_then_recount(trades)
        before = side.reads.candles_after(NOTHING, limit=1000)
        side.store_then_recount(trades)
        assert side.reads.candles_after(NOTHING, limit=1000) == before
        assert side.recount.recount(BTC, {T0}) == 0


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_candles_whose_trades_have_aged_out_are_frozen(kept: int) -> None:
    trades = [trade(n, occurred_at=at(n)) for n in range(1, 4)]
    with fresh() as side:
        side.store_then_recount([*trades])
        before = side.candles()
        with side.engine.begin() as connection:
            connection.execute(delete(trade_data).where(trade_data.c.trade_id <= 3 - kept))
        side.store_then_recount([trade(9, occurred_at=at(2.5), price=Decimal(1))])
        assert side.candles() == before


def test_longer_candles_need_no_trades_that_have_aged_out() -> None:
    early = [trade(n, occurred_at=at(n)) for n in range(1, 4)]
    late = [trade(n, occurred_at=at(60 + n), price=Decimal(99_000)) for n in range(4, 6)]
    with fresh() as side:
        side.store_then_recount([*early])
        with side.engine.begin() as connection:
            connection.execute(delete(trade_data))
        side.store_then_recount([*late])
        expected = {c for interval in Interval for c in candles_of([*early, *late], interval)}
        assert side.candles() == expected


def test_sides_that_were_not_counted_once_are_counted_with_the_next_trade() -> None:
    early, late = trade(1, side=TakerSide.SELL), trade(2, occurred_at=at(2), side=TakerSide.BUY)
    with fresh() as side:
        side.store_then_recount([early])
        with side.engine.begin() as connection:
            connection.execute(update(candle_data).values(buy_volume=Decimal(0), sell_volume=Decimal(0)))
        side.store_then_recount([late])
        assert side.candles() == {c for interval in Interval for c in candles_of([early, late], interval)}


def test_a_lost_candle_is_made_again() -> None:
    trades: list[Event] = [trade(n, occurred_at=at(n * 30)) for n in range(1, 30)]
    with fresh() as side:
        side.store_then_recount(trades)
        before = side.candles()
        with side.engine.begin() as connection:
            connection.execute(delete(candle_data).where(candle_data.c.interval == "1m"))
        side.store_then_recount(trades)
        assert side.candles() == before
