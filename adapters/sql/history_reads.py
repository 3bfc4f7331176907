"""Which facts of a venue's history are stored already."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Engine, select

from adapters.sql.engine import reading
from adapters.sql.market_rows import CANDLE_COLUMNS, REPLACED_COLUMNS, to_candle
from adapters.sql.statements import chunks
from adapters.sql.tables import candle_data, replaced_candle, trade_data
from domain.market.candle import Candle, CandleSource, Interval
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Pair

Fact = TradeExecuted | CandleImported


class SqlHistoryReads:
    """See application.ports.history_reads.HistoryReads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def not_stored(self, facts: Sequence[Fact]) -> list[Fact]:
        """Those of `facts` that are not stored yet, each once, in their order. A candle with other numbers is another."""
        keys = {_key(fact): fact for fact in reversed(facts)}
        with reading(self._engine) as connection:
            stored = _trades(connection, facts) | _candles(connection, facts)
        return [fact for fact in facts if keys.pop(_key(fact), None) is not None and _key(fact) not in stored]


def _key(fact: Fact) -> tuple[object, ...]:
    if isinstance(fact, TradeExecuted):
        return fact.pair, fact.trade_id
    return _candle_key(fact.candle())


def _candle_key(candle: Candle) -> tuple[object, ...]:
    numbers: tuple[Decimal | None, ...] = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    return *candle.bucket, *numbers, candle.turnover, candle.trades


def _trades(connection: Connection, facts: Sequence[Fact]) -> set[tuple[object, ...]]:
    ids: defaultdict[Pair, list[int]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact, TradeExecuted):
            ids[fact.pair].append(fact.trade_id)
    number = trade_data.c.trade_id
    return {
        (pair, found)
        for pair, of_pair in ids.items()
        for chunk in chunks(of_pair)
        for found in connection.scalars(select(number).where(trade_data.c.pair == pair, number.in_(chunk)))
    }


def _candles(connection: Connection, facts: Sequence[Fact]) -> set[tuple[object, ...]]:
    starts: defaultdict[tuple[Pair, Interval], list[datetime]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact, CandleImported):
            starts[fact.pair, fact.interval].append(fact.start)
    found: set[tuple[object, ...]] = set()
    for (pair, interval), of_series in starts.items():
        for table, columns in ((candle_data, CANDLE_COLUMNS), (replaced_candle, REPLACED_COLUMNS)):
            series = table.c.pair == pair, table.c.interval == interval.value
            imported = table.c.source == CandleSource.IMPORTED.value
            for chunk in chunks(of_series):
                query = select(*columns).where(*series, imported, table.c.start.in_(chunk))
                found.update(_candle_key(to_candle(row)) for row in connection.execute(query))
    return found
