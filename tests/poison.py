"""Stores and databases that refuse chosen events: they stand for whatever a record may do to the code behind them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select

from adapters.sql.tables import metadata
from application.ports.store import Store, StoreRefused
from domain.event import Event
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.values import Origin, Pair
from tests import builders


class Poison(Exception):
    """What the poisoned code raises."""


class PoisonedTransaction:
    """Writes like the transaction within, but raises for events that `is_poison` names, after it has written the others."""

    def __init__(self, within: Any, is_poison: Callable[[Event], bool], error: type[Exception]) -> None:
        self._within = within
        self._is_poison = is_poison
        self._error = error

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._within, name)
        if not name.startswith(("add_", "settle_")):
            return method

        def write(events: Sequence[Any]) -> Any:
            bad = [event for event in events if self._is_poison(event)]
            written = method([event for event in events if not self._is_poison(event)])
            if bad:
                raise self._error(f"cannot take {getattr(bad[0], 'event_id', bad[0])}\x00\ud800")
            return written

        return write


class PoisonedStore:
    """See application.ports.store.Store. It is mended by setting `is_poison` to something that is never true."""

    def __init__(
        self, store: Store, is_poison: Callable[[Event], bool], *, error: type[Exception] = StoreRefused
    ) -> None:
        self._store = store
        self.is_poison = is_poison
        self.error = error
        self.begun = 0

    def begin(self) -> AbstractContextManager[Any]:
        return self._begin()

    @contextmanager
    def _begin(self) -> Iterator[Any]:
        self.begun += 1
        with self._store.begin() as tx:
            yield PoisonedTransaction(tx, self.is_poison, self.error)


@dataclass(frozen=True)
class Poisonous:
    """An event that the database refuses, by a value in one column of one table, until it is mended."""

    event: Event
    table: str
    column: str
    value: str | int


def poisonous(at: datetime) -> list[Poisonous]:
    """One of each topic that the read models are made from."""
    imported = CandleImported(
        venue="kraken", pair=Pair("BAD/USD"), interval=Interval.M1, start=Interval.M1.start_of(at), open=Decimal(1),
        high=Decimal(1), low=Decimal(1), close=Decimal(1), volume=Decimal(1), vwap=None, trades=1,
        occurred_at=Interval.M1.start_of(at) + Interval.M1.length, recorded_at=at, origin=Origin.BACKFILL,
    )  # fmt: skip
    connected = builders.feed_connected(occurred_at=at, venue="poison")
    return [
        Poisonous(builders.trade(666, occurred_at=at), "trade_data", "trade_id", 666),
        Poisonous(builders.ticker(frame_hash="poison", occurred_at=at), "ticker_data", "frame_hash", "poison"),
        Poisonous(builders.article("poison", title="poison", occurred_at=at), "article_data", "title", "poison"),
        Poisonous(
            builders.sentiment(builders.article("1"), model="poison", occurred_at=at),
            "sentiment_data",
            "model",
            "poison",
        ),
        Poisonous(builders.forecast(model="poison", occurred_at=at), "prediction_data", "model", "poison"),
        Poisonous(connected, "feed_event", "event_id", connected.event_id),
        Poisonous(imported, "candle_data", "pair", "BAD/USD"),
        Poisonous(builders.dead_letter(b"1", kind="poison", occurred_at=at), "dead_letter", "kind", "poison"),
    ]


def refuse(engine: Engine, poisons: Sequence[Poisonous]) -> None:
    """Make the database refuse what is poisonous."""
    with engine.begin() as connection:
        for one in poisons:
            value = f"'{one.value}'" if isinstance(one.value, str) else one.value
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql(
                    f"CREATE TRIGGER poison_{one.table} BEFORE INSERT ON {one.table} WHEN NEW.{one.column} = {value} "
                    "BEGIN SELECT RAISE(ABORT, 'poison'); END"
                )
            else:
                connection.exec_driver_sql(
                    f"ALTER TABLE {one.table} ADD CONSTRAINT poison CHECK ({one.column} IS NULL OR {one.column} <> {value})"
                )


def mend(engine: Engine, poisons: Sequence[Poisonous]) -> None:
    """Let it in again."""
    with engine.begin() as connection:
        for one in poisons:
            is_sqlite = engine.dialect.name == "sqlite"
            connection.exec_driver_sql(
                f"DROP TRIGGER poison_{one.table}" if is_sqlite else f"ALTER TABLE {one.table} DROP CONSTRAINT poison"
            )


def holds(engine: Engine, one: Poisonous) -> bool:
    """Whether the table has its row."""
    with engine.connect() as connection:
        column = metadata.tables[one.table].c[one.column]
        return connection.execute(select(column).where(column == one.value)).first() is not None
