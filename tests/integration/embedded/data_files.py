"""A data directory as `cryptoviz run` has it, small; what may befall its files; and what is done with it afterwards."""

import os
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.embedded.data_directory import HOUSE_FILE, DataDirectory
from adapters.embedded.event_log import SqliteEventLog
from adapters.embedded.file_watch import FileWatch
from adapters.memory.clock import FixedClock
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.engine import create_engine
from adapters.sql.generations import SqliteGenerations
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.store import SqlStore
from application.alerting.commands import AlertCommands
from application.alerting.relay import Relay
from application.failed_records import FailedRecords
from application.operations.topics import consumers_in_one_process
from application.ports.event_log import BEGINNING
from application.ports.page import Window
from application.rebuild import Rebuild
from application.store import StoreProjection
from application.topics import TOPICS
from domain.access.role import Role
from domain.values import Origin
from entrypoints.backup import back_up
from entrypoints.data_files import DataFiles
from entrypoints.house import open_house
from entrypoints.restore import restore
from entrypoints.settings import Settings
from tests.builders import BTC, SCORER, T0, at, trade
from tests.telemetry import Remembered

TRADES = 3_000
USER = "kim"
_PAGE = 4096


class Scorer:
    identity = SCORER


@dataclass
class Opened:
    """A prepared log and store."""

    log: SqliteEventLog
    projection: StoreProjection
    rebuild: Rebuild
    store: SqlStore
    relay: Relay
    commands: AlertCommands
    market: SqlMarketReads
    watch: FileWatch


@contextmanager
def started(root: Path, told: list[str]) -> Iterator[Opened]:
    """The files of `root/live`, prepared and caught up, as at the start of a session."""
    directory = DataDirectory(root, origin=Origin.LIVE)
    clock, telemetry = FixedClock(T0 + timedelta(days=3)), Remembered()
    with ExitStack() as held:
        directory.lock(command="a test")
        held.callback(directory.release)
        readers = list(consumers_in_one_process(Scorer()))  # type: ignore[arg-type]
        files = DataFiles(directory, clock, telemetry, origin=Origin.LIVE, readers=readers)
        try:
            files.prepare()
        finally:
            told += files.told
        engine = create_engine(directory.store_url)
        held.callback(engine.dispose)
        log = held.enter_context(SqliteEventLog(directory.log_file, clock=clock))
        store = SqlStore(engine)
        projection = StoreProjection(log, store, clock, telemetry, origin=Origin.LIVE)
        relay = Relay(log, store, FailedRecords(log, clock, telemetry, origin=Origin.LIVE), clock)
        commands = AlertCommands(store, SqlAlertReads(engine), clock, origin=Origin.LIVE, changed=relay.wake)
        rebuild = Rebuild(
            log, SqliteGenerations(engine), clock, telemetry, origin=Origin.LIVE, log_is_whole=lambda: log.is_whole
        )
        projection.catch_up()
        watch = FileWatch([*directory.files, root / HOUSE_FILE])
        yield Opened(log, projection, rebuild, store, relay, commands, SqlMarketReads(engine), watch)


def settings(root: Path) -> Settings:
    return Settings(data_dir=root, _env_file=None)  # type: ignore[call-arg]


def fill(root: Path, first: int = 0, trades: int = TRADES) -> None:
    """Make a directory with trades, an alert rule and a user."""
    with started(root, []) as here:
        here.commands.set_up([BTC])
        here.relay.relay_pending()
        here.log.append([trade(number, occurred_at=at(number)) for number in range(first, first + trades)])
        here.projection.catch_up()
    with open_house(settings(root)) as house:
        house.users().create(USER, "correct horse battery", Role.ADMIN)


@dataclass(frozen=True)
class Kept:
    """What a start finds."""

    trades: int
    candles_of_trades: int
    streams: int
    users: int


def kept(root: Path) -> Kept:
    """Start once more, undisturbed, and count."""
    with started(root, []) as here:
        here.log.append([trade(99_000, occurred_at=at(50))])  # it goes on
        here.projection.catch_up()
    with closing(sqlite3.connect(root / "live" / "store.db")) as store:
        [[trades]] = store.execute("SELECT count(*) FROM trade_data WHERE trade_id < 50000")
        [[candles]] = store.execute("SELECT sum(trades) FROM candle_data WHERE \"interval\" = '1d'")
        [[streams]] = store.execute("SELECT count(DISTINCT stream) FROM event_store")
    with open_house(settings(root)) as house:
        users = len(house.users().list())
    return Kept(trades, candles - 1, streams, users)


# What may befall a file.


def missing(file: Path, _other: Path) -> None:
    file.unlink()


def empty(file: Path, _other: Path) -> None:
    file.write_bytes(b"")


def truncated(file: Path, _other: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2 // _PAGE * _PAGE + 100)


def bad_page(file: Path, _other: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size * 2 // 3 // _PAGE * _PAGE)
        opened.write(b"\xff" * _PAGE)


def bad_first_page(file: Path, _other: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"\xff" * _PAGE)


def other_database(file: Path, _other: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE holidays (day TEXT)")


def other_directory(file: Path, other: Path) -> None:
    shutil.copy(other / file.relative_to(file.parents[1] if file.name != HOUSE_FILE else file.parent), file)


@contextmanager
def read_only(file: Path) -> Iterator[None]:
    """As to a user who may read but not write."""
    places = [file.parent, *(one for one in file.parent.iterdir() if one.name.startswith((file.name, "lock")))]
    modes = {place: place.stat().st_mode for place in places}
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65_534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for place, mode in modes.items():
            if place.exists():
                place.chmod(mode)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process grows beyond 8 KiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 13, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


# What is done afterwards. Each returns what was said.

Operation = Callable[[Path, Path, Callable[[], None]], list[str]]


def start(root: Path, _scratch: Path, befall: Callable[[], None]) -> list[str]:
    befall()
    told: list[str] = []
    with open_house(settings(root)), started(root, told) as here:
        here.log.append([trade(98_000, occurred_at=at(50))])
        here.projection.catch_up()
    return told


def run(root: Path, _scratch: Path, befall: Callable[[], None]) -> list[str]:
    """It befalls a running process, which goes on for a while."""
    with open_house(settings(root)) as house, started(root, []) as here:
        befall()
        told = [here.watch.check() or ""]
        house.users().list()
        here.log.append([trade(98_000, occurred_at=at(50))])
        here.projection.catch_up()
        here.market.trades(BTC, Window(limit=1000))
        with here.log.reader(TOPICS, after=BEGINNING) as reader:
            while reader.read(limit=5_000, timeout_s=0):
                pass
    return told


def rebuild(root: Path, _scratch: Path, befall: Callable[[], None]) -> list[str]:
    befall()
    told: list[str] = []
    with started(root, told) as here:
        told.append(f"rebuilt from {here.rebuild.run().records} records")
    return told


def backup(root: Path, scratch: Path, befall: Callable[[], None]) -> list[str]:
    befall()
    made = back_up(root, scratch / "b.tar.gz", force=True, begin=lambda _step, _size: lambda _done: None)
    restore(scratch / "b.tar.gz", scratch / "again", force=False, begin=lambda _step, _size: lambda _done: None)
    return [f"{len(made.files)} files"]


def restored(root: Path, scratch: Path, befall: Callable[[], None]) -> list[str]:
    back_up(root, scratch / "b.tar.gz", force=True, begin=lambda _step, _size: lambda _done: None)
    befall()
    _, before = restore(scratch / "b.tar.gz", root, force=True, begin=lambda _step, _size: lambda _done: None)
    return [f"what was there is in {before}"]
