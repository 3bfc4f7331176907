"""A log, a registry and a database of a test's own, and the two jobs as processes upon them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Engine

from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.schema_registry import RegistrySchemaIds
from adapters.sql.engine import create_engine
from adapters.sql.tables import metadata
from adapters.system.clock import SystemClock
from application.dead_letters import LOG_RECORD
from application.ports.places import Place, Position
from domain.admission import EARLIEST
from domain.values import Pair

PAIRS = tuple(Pair(name) for name in ("BTC/USD", "ETH/USD", "SOL/USD", "ADA/USD"))
WITHIN_S = 180.0  # a loaded machine takes long to start Spark; nothing waits this long where all is well


class Job:
    """`cryptoviz ingest` or `analytics` as a process of its own."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command, env=environment, cwd=log.parent, stdout=file, stderr=file, start_new_session=True
            )

    def kill(self) -> None:
        """As `kill -9` does; Spark's Java process follows by itself."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """As the supervisor does; returns the exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(90)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def words(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


class Stack:
    """Where the servers are. Events go in by `log`; what the jobs make of them is read through `engine`."""

    def __init__(self, kafka: str, registry: str, database: sqlalchemy.URL, directory: Path) -> None:
        self.kafka, self.registry = kafka, registry
        self.database = database.render_as_string(hide_password=False)
        self.directory = directory
        directory.mkdir()
        self.config = KafkaConfig(kafka, PAIRS)
        self.ids = RegistrySchemaIds(registry)
        self.log = KafkaEventLog(self.config, self.ids, SystemClock())
        self.engine: Engine = create_engine(self.database)

    def close(self) -> None:
        self.log.close()
        self.engine.dispose()

    @contextmanager
    def job(self, command: str, *options: str, **environment: str) -> Iterator[Job]:
        """Run a job while the block runs, with its checkpoints in `directory`; a batch every 0.3 s."""
        arguments = [sys.executable, "-m", "entrypoints.cli.main", command, "--source", "kraken", "--trigger", "0.3"]
        where = ["--data-dir", str(self.directory), "--checkpoints", str(self.directory / command)]
        job = Job(
            [*arguments, *where, *options], {**self.environment, **environment}, self.directory / f"{command}.log"
        )
        try:
            yield job
        finally:
            if not job.has_ended():
                job.stop()

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "CRYPTOVIZ_SCHEMA_REGISTRY_URL": self.registry,
            "CRYPTOVIZ_DATABASE_URL": self.database,
            "PYTHONPATH": str(Path(__file__).parents[3]),
        }

    def count(self, table: str) -> int:
        return int(self.query(f"SELECT count(*) FROM {table}")[0][0])

    def query(self, statement: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql(statement))

    def rows(self) -> dict[str, set[tuple[Any, ...]]]:
        return rows_of(self.engine)

    def stored(self) -> Any:
        """How far the ingestion says it has come."""
        return dict(self.query("SELECT reader, cursor FROM checkpoint WHERE reader LIKE 'ingest:%%'"))

    def caught_up(self) -> bool:
        """Whether the tables are as far as the log is, in the topics that the ingestion reads."""
        empty = Place.at(self.log.oldest()).numbers  # a partition whose records were all deleted ends where it begins
        head = {name: number for name, number in Place.at(self.log.head()).numbers.items() if empty.get(name) != number}
        stored = {reader.removeprefix("ingest:"): Place.at(cursor) for reader, cursor in self.stored().items()}
        return all(
            name in stored and stored[name].covers(Position(name, number))
            for name, number in head.items()
            if not name.startswith(("alertevent", "rawalert"))
        )


def rows_of(engine: Engine, *, without: Sequence[str] = ()) -> dict[str, set[tuple[Any, ...]]]:
    """All rows of the read models, but for what says when and in which order they were written."""
    left_out = {"position", "touched", "touched_nth"}
    kept = {"event_store", "checkpoint", "job_batch", "process_report", "alembic_version", *without}
    with engine.connect() as connection:
        return {
            table.name: {
                tuple(_plain(value) for value in row) for row in connection.execute(_of_the_log(table, left_out))
            }
            for table in metadata.sorted_tables
            if table.name not in kept
        }


def _of_the_log(table: sqlalchemy.Table, left_out: Collection[str]) -> sqlalchemy.Select[Any]:
    """A table's rows. A letter of a refused record is dated by when each profile refused it: its times are left out."""
    columns: list[Any] = [column for column in table.c if column.name not in left_out]
    if table.name == "dead_letter":
        is_ours = table.c.kind == LOG_RECORD
        columns = [
            sqlalchemy.case((is_ours, sqlalchemy.literal(EARLIEST, column.type)), else_=column)
            if column.name in ("occurred_at", "recorded_at")
            else column
            for column in columns
        ]
    return sqlalchemy.select(*columns)


def _plain(value: Any) -> Any:
    return repr(value) if isinstance(value, dict | list) else value


def until(condition: Callable[[], bool], *jobs: Job, within_s: float = WITHIN_S) -> None:
    """Wait for a condition; where it does not come true, the jobs' last words say why."""
    deadline = time.monotonic() + within_s
    while not condition():
        ended = [job for job in jobs if job.has_ended()]
        if ended or time.monotonic() > deadline:
            raise AssertionError("\n".join(["it did not come true; the jobs say:", *(job.words() for job in jobs)]))
        time.sleep(0.1)
