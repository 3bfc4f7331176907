"""A source's log and store, made to fit each other before anything reads them. Damaged and foreign files are moved aside.

The log and the store are two files, and either may be lost, damaged or replaced by another. The other one then says what
can be said: a store is made again from its log; a log begins behind the position up to which the store has read.
"""

from pathlib import Path

import structlog
from sqlalchemy import Engine

from adapters.embedded.data_directory import DataDirectory
from adapters.embedded.event_log import SqliteEventLog
from adapters.embedded.log_file import LogFile
from adapters.embedded.log_salvage import aside_name, fill_up, open_or_repair, set_aside
from adapters.embedded.pairing import LOG_ID
from adapters.sql.checkpoints import SqlCheckpointReads
from adapters.sql.engine import DAMAGED, create_engine
from adapters.sql.generations import SqliteGenerations, forget_broken_streams
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from application.lost_records import lost_records
from application.operations.topics import LogConsumer
from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import BEGINNING, Place
from application.ports.store import StoreDamaged
from application.ports.telemetry import Telemetry
from application.rebuild import Rebuild
from application.recovery import recover_streams
from application.store import READER
from domain.values import Origin

log = structlog.get_logger(__name__)


class DataFiles:
    """Prepares the files of one locked data directory. `told` has a sentence for each thing that was wrong."""

    def __init__(
        self,
        directory: DataDirectory,
        clock: Clock,
        telemetry: Telemetry,
        *,
        origin: Origin,
        readers: list[LogConsumer],
    ) -> None:
        """`readers` are those of the log whose checkpoints the store keeps."""
        self._directory = directory
        self._clock = clock
        self._telemetry = telemetry
        self._origin = origin
        self._readers = readers
        self._store_file = Path(directory.store_url.database or "")
        self.told: list[str] = []

    def prepare(self) -> None:
        """Make both files usable.

        Raises DatabaseTooNew, LogFileUnusable for a newer format, LogUnavailable, StoreUnavailable.
        """
        self._open_log()
        engine = create_engine(self._directory.store_url)
        try:
            damage = self._open_store(engine)
            if damage is None:
                damage = self._refuse_foreign(engine)
            with SqliteEventLog(self._directory.log_file, clock=self._clock) as event_log:
                if damage is not None:
                    self._make_again(engine, event_log, damage)
                self._recover_streams(engine, event_log)
            self._align(engine)
            self._note_lost(engine)
            self._remember(engine)
        finally:
            engine.dispose()
            for sentence in self.told:
                log.warning(sentence)

    def _open_log(self) -> None:
        path = self._directory.log_file
        repaired = open_or_repair(path)
        if repaired:
            self.told.append(
                f"The event log {path} was damaged or no event log: {repaired.records:,} records could be read and are "
                f"kept, the damaged file is {repaired.aside.name}. What the tables hold stays."
            )

    def _open_store(self, engine: Engine) -> str | None:
        """What is wrong with the store; None when it can be used."""
        marker = self._store_file.with_name(self._store_file.name + DAMAGED)
        try:
            upgrade(engine)
        except StoreDamaged as damaged:
            fill_up(self._store_file)
            return str(damaged).rpartition(": the next start")[0] or str(damaged)
        return f"damage was found in the store {self._store_file}" if marker.exists() else None

    def _refuse_foreign(self, engine: Engine) -> str | None:
        """Find a log or store of another data directory: it knows another partner, and says nothing about ours."""
        with SqlStore(engine).begin() as tx:
            noted = tx.checkpoint(LOG_ID)
        with_id = LogFile(self._directory.log_file)
        try:
            found, is_empty = with_id.id(), with_id.is_empty()
        finally:
            with_id.close()
        if noted is None or noted.state == found or is_empty:
            return None
        if self._directory.known_log() == noted.state:  # the store is the one that was here
            aside = set_aside(self._directory.log_file, "other")
            self.told.append(
                f"The event log in {self._directory.path} was not the one of this store: it is now {aside.name}, and a new "
                "log begins here."
            )
            LogFile(self._directory.log_file).close()
            return None
        return f"the store {self._store_file} was filled from another log"

    def _make_again(self, engine: Engine, event_log: SqliteEventLog, damage: str) -> None:
        aside = aside_name(self._store_file, "damaged" if "damage" in damage else "other")
        rebuild = Rebuild(
            event_log, SqliteGenerations(engine, aside=aside), self._clock, self._telemetry,
            origin=self._origin, log_is_whole=lambda: event_log.is_whole,
        )  # fmt: skip
        rebuilt = rebuild.run()
        kept = sum(rebuilt.frozen.values())
        self.told.append(
            f"The store was made again from {rebuilt.records:,} records of the log, as {damage}"
            + (f"; {kept:,} rows that the log no longer has were kept" if kept else "")
            + f". The file that was there is {aside.name}."
        )

    def _recover_streams(self, engine: Engine, event_log: SqliteEventLog) -> None:
        """Rules, watchlist and alerts of a new or damaged store stand in the log."""
        store = SqlStore(engine)
        with store.begin() as tx:
            is_empty = tx.checkpoint(READER) is None
            is_new = is_empty or tx.checkpoint(LOG_ID) is None
        if is_empty and event_log.head() != BEGINNING:
            self.told.append(
                f"The store {self._store_file} was missing or empty: it is made again from the log, with rules and alerts."
            )
        if is_new or self.told:
            forget_broken_streams(engine)
            recover_streams(store, event_log.commands())

    def _align(self, engine: Engine) -> None:
        """Let the log go on behind the positions that readers have been at: none of them is given again."""
        saved = SqlCheckpointReads(engine).checkpoints("")
        places = [reader.place(saved) for reader in self._readers if reader.place is not None]
        reached = max((place.numbers.get("", 0) for place in places if place is not None), default=0)
        file = LogFile(self._directory.log_file)
        try:
            head = file.head()
            if reached > head:
                is_empty = file.is_empty()
                file.begin_after(reached, is_hole=not is_empty)
                what = "has no records" if is_empty else f"ends at position {head:,}, as an older copy of it does"
                self.told.append(
                    f"The event log in {self._directory.path} {what}, and the tables were filled from it up to position "
                    f"{reached:,}: what they hold stays, and the log goes on from {self._clock.now():%Y-%m-%d %H:%M} UTC."
                )
        finally:
            file.close()

    def _note_lost(self, engine: Engine) -> None:
        """A reader that stands before the log's first record can never read what was between."""
        saved = SqlCheckpointReads(engine).checkpoints("")
        with SqliteEventLog(self._directory.log_file) as event_log:
            oldest, now = Place.at(event_log.oldest()), self._clock.now()
            letters = [
                letter
                for reader in self._readers
                if reader.place is not None and (place := reader.place(saved)) is not None
                for letter in lost_records(place, oldest, reader=reader.name, now=now, origin=self._origin)
            ]
            if letters:
                event_log.append(letters)
        self.told += [f"The reader '{letter.reader}' of the log: {letter.reason}." for letter in letters]

    def _remember(self, engine: Engine) -> None:
        file = LogFile(self._directory.log_file)
        try:
            log_id = file.id()
        finally:
            file.close()
        with SqlStore(engine).begin() as tx:
            tx.save_checkpoint(LOG_ID, Checkpoint(BEGINNING, state=log_id))
        self._directory.remember_log(log_id)
