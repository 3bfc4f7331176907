"""Use cases on a memory log and a SQLite store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine

from adapters.memory.clock import FixedClock
from adapters.memory.event_log import MemoryEventLog
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.dead_letter_reads import SqlDeadLetterReads
from adapters.sql.engine import create_engine
from adapters.sql.forecast_reads import SqlForecastReads
from adapters.sql.generations import SqliteGenerations
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.migrate import upgrade
from adapters.sql.news_reads import SqlNewsReads
from adapters.sql.sentiment_reads import SqlSentimentReads
from adapters.sql.store import SqlStore
from adapters.sql.tables import metadata
from application.alerting.commands import AlertCommands
from application.alerting.preview import RulePreview
from application.alerting.relay import Relay
from application.alerting.watch import AlertWatch
from application.failed_records import FailedRecords
from application.rebuild import Rebuild
from application.store import StoreProjection
from domain.values import Origin
from tests.builders import BTC, ETH, SCORER, T0
from tests.telemetry import Remembered


class World:
    """One session's log, store and use cases, without feeds and threads."""

    def __init__(self, engine: Engine, event_log: MemoryEventLog) -> None:
        self.engine = engine
        self.event_log = event_log
        self.clock = FixedClock(T0)
        self.telemetry = Remembered()
        self.store = SqlStore(engine)
        self.market = SqlMarketReads(engine)
        self.news = SqlNewsReads(engine, SCORER)
        self.sentiment = SqlSentimentReads(engine, SCORER)
        self.forecasts = SqlForecastReads(engine)
        self.alerts = SqlAlertReads(engine)
        self.letters = SqlDeadLetterReads(engine)
        self.projection = StoreProjection(event_log, self.store, self.clock, self.telemetry, origin=Origin.LIVE)
        self.failed = FailedRecords(event_log, self.clock, self.telemetry, origin=Origin.LIVE)
        self.relay = Relay(event_log, self.store, self.failed, self.clock)
        self.rebuild = Rebuild(
            event_log, SqliteGenerations(engine), self.clock, self.telemetry,
            origin=Origin.LIVE, log_is_whole=lambda: self.log_is_whole,
        )  # fmt: skip
        self.log_is_whole = True
        self.commands = AlertCommands(
            self.store,
            self.alerts,
            self.clock,
            origin=Origin.LIVE,
            changed=self.relay.wake,
        )
        self.preview = RulePreview(
            self.market, self.news, self.forecasts, self.clock, origin=Origin.LIVE, pairs=[BTC, ETH]
        )

    def set_up(self) -> None:
        """Make the default rule and a watchlist."""
        self.commands.set_up([BTC, ETH])

    def alert_watch(self) -> AlertWatch:
        return AlertWatch(
            self.event_log,
            self.store,
            self.market,
            self.news,
            self.forecasts,
            self.clock,
            self.telemetry,
            origin=Origin.LIVE,
            raised=self.relay.wake,
        )

    def rows(self) -> dict[str, list[Any]]:
        """All rows of the read models in a fixed order, without what only says where in the log they came from."""
        kept = {"event_store", "checkpoint", "alembic_version"}
        with self.engine.connect() as connection:
            return {
                table.name: sorted(
                    repr(row)
                    for row in connection.execute(
                        sqlalchemy.select(*(c for c in table.c if c.name not in {"position", "touched", "touched_nth"}))
                    )
                )
                for table in metadata.sorted_tables
                if table.name not in kept
            }


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[Any]:
    """Makes worlds; two of them share nothing unless given the same log."""
    engines: list[Engine] = []

    def make(event_log: MemoryEventLog | None = None) -> World:
        engine = create_engine(f"sqlite:///{tmp_path / f'store{len(engines)}.db'}")
        engines.append(engine)
        upgrade(engine)
        return World(engine, event_log or MemoryEventLog())

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def world(new_world: Any) -> World:
    made: World = new_world()
    return made
