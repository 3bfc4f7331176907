"""What a rebuild keeps, on every database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine

from adapters.memory.clock import FixedClock
from adapters.memory.event_log import MemoryEventLog
from adapters.sql.store import SqlStore
from adapters.sql.tables import READ_MODELS, candle_data, trade_data
from application.ports.event_log import Cursor, LogUnavailable
from application.ports.generations import Generations
from application.rebuild import Rebuild
from application.store import StoreProjection
from domain.event import Event
from domain.market.feed import FeedConnected, TradeGapDetected
from domain.values import Origin
from tests.builders import BTC, T0, article, at, dead_letter, ticker, trade
from tests.telemetry import Remembered

NewGenerations = Callable[[Engine], Generations]
_UNSTEADY = {"position", "touched", "touched_nth"}


def early() -> list[Event]:
    stamp: dict[str, Any] = {"occurred_at": at(9), "recorded_at": at(9), "origin": Origin.LIVE}
    gap: dict[str, Any] = {"venue": "kraken", "pair": BTC, "first": 300, "last": 304, "since": at(), "until": at(9)}
    return [
        FeedConnected(venue="kraken", pair=BTC, **stamp),
        TradeGapDetected(**gap, **stamp),
        *(trade(n, occurred_at=at(n * 7)) for n in range(100)),
        *(ticker(occurred_at=at(n)) for n in range(5)),
        article("early"),
        dead_letter(),
    ]


def late() -> list[Event]:
    return [*(trade(n, occurred_at=at(n * 7)) for n in range(100, 150)), article("late"), ticker(occurred_at=at(900))]


class World:
    """A store filled from a log in memory, and its rebuild."""

    def __init__(self, engine: Engine, generations: Generations, *, log_is_whole: bool) -> None:
        self.engine = engine
        self.event_log = MemoryEventLog()
        self.store = SqlStore(engine)
        clock, telemetry = FixedClock(T0 + timedelta(hours=1)), Remembered()
        self.projection = StoreProjection(self.event_log, self.store, clock, telemetry, origin=Origin.LIVE)
        self.rebuild = Rebuild(
            self.event_log, generations, clock, telemetry, origin=Origin.LIVE, log_is_whole=lambda: log_is_whole
        )

    def learn(self, events: list[Event]) -> None:
        self.event_log.append(events)
        self.projection.catch_up()

    def rows(self) -> dict[str, list[str]]:
        with self.engine.connect() as connection:
            return {
                table.name: sorted(
                    repr(row)
                    for row in connection.execute(sqlalchemy.select(*(c for c in table.c if c.name not in _UNSTEADY)))
                )
                for table in READ_MODELS
            }

    def execute(self, statement: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(statement)


class RebuildContract:
    """Subclasses give an `engine` and the fixture `new_generations`."""

    def test_what_the_log_has_forgotten_is_kept(self, engine: Engine, new_generations: NewGenerations) -> None:
        world = World(engine, new_generations(engine), log_is_whole=False)
        world.learn(early())
        world.learn(late())
        before = world.rows()
        world.event_log.delete_before(Cursor(str(len(early()))))
        rebuilt = world.rebuild.run()
        assert rebuilt.records == len(late())
        assert world.rows() == before
        assert rebuilt.frozen["trade_data"] == 100
        again = world.rebuild.run()
        assert (world.rows(), again.frozen) == (before, rebuilt.frozen)
        world.learn([trade(900, occurred_at=at(905))])  # and it goes on
        assert len(world.rows()["trade_data"]) == 151

    def test_a_log_that_has_forgotten_everything_deletes_nothing(
        self, engine: Engine, new_generations: NewGenerations
    ) -> None:
        world = World(engine, new_generations(engine), log_is_whole=False)
        world.learn([*early(), *late()])
        before = world.rows()
        world.event_log.delete_before(world.event_log.head())
        assert world.rebuild.run().records == 0
        assert world.rows() == before

    def test_candles_whose_trades_have_aged_out_keep_what_they_say(
        self, engine: Engine, new_generations: NewGenerations
    ) -> None:
        world = World(engine, new_generations(engine), log_is_whole=False)
        world.learn([*early(), *late()])
        before = world.rows()
        world.execute(sqlalchemy.delete(trade_data).where(trade_data.c.trade_id < 120))
        world.event_log.delete_before(Cursor(str(len(early()))))
        world.rebuild.run()
        assert world.rows()["candle_data"] == before["candle_data"]

    def test_rows_that_are_wrong_are_made_right(self, engine: Engine, new_generations: NewGenerations) -> None:
        world = World(engine, new_generations(engine), log_is_whole=True)
        world.learn([*early(), *late()])
        before = world.rows()
        world.execute(sqlalchemy.update(candle_data).values(trades=candle_data.c.trades + 7))
        world.execute(sqlalchemy.update(trade_data).where(trade_data.c.trade_id == 3).values(side=None))
        world.execute(sqlalchemy.delete(trade_data).where(trade_data.c.trade_id > 140))
        world.rebuild.run()
        assert world.rows() == before

    def test_when_the_log_cannot_be_read_the_rows_stay(
        self, engine: Engine, new_generations: NewGenerations, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = World(engine, new_generations(engine), log_is_whole=False)
        world.learn(early())
        before = world.rows()
        read = StoreProjection.catch_up

        def half(projection: StoreProjection, progress: Any = None) -> int:
            read(projection, progress)
            raise LogUnavailable("a bad page")

        monkeypatch.setattr(StoreProjection, "catch_up", half)
        with pytest.raises(LogUnavailable):
            world.rebuild.run()
        assert world.rows() == before

    def test_rules_and_checkpoints_stay(self, engine: Engine, new_generations: NewGenerations) -> None:
        world = World(engine, new_generations(engine), log_is_whole=True)
        world.learn(early())
        with world.store.begin() as tx:
            before = tx.checkpoints("")
        world.rebuild.run()
        with world.store.begin() as tx:
            after = tx.checkpoints("")
        assert {name: after[name] for name in before} == before
