"""The house: what outlives sessions (the simulator's gives way to Kraken's) and belongs to no source.

In the embedded profile it has a database of its own, `DATA_DIR/house.sqlite3`, to which several processes may write: the
command line while the server runs. In the cluster profile it shares the one database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from dependency_injector import containers, providers
from sqlalchemy import URL, func, select

from adapters.embedded.data_directory import HOUSE_FILE, is_in_use, keep_private, sources_in
from adapters.embedded.log_salvage import aside_name, fill_up
from adapters.notify.notifier import ChannelNotifier
from adapters.passwords.argon2id import Argon2id
from adapters.sql.access import SqlAccess
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.audit_trail import SqlAuditTrail
from adapters.sql.engine import DAMAGED, check, create_engine, reading
from adapters.sql.generations import SqliteGenerations
from adapters.sql.house_tables import api_key, app_user, audit_entry
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from adapters.system.clock import SystemClock
from application.access.api_keys import ApiKeys
from application.access.audit import Audit
from application.access.sessions import Sessions
from application.access.users import Users
from application.alerting.channels import Channels
from application.ports.store import StoreDamaged
from application.sources import SourceCommands
from entrypoints.api.house import House
from entrypoints.settings import Settings

log = structlog.get_logger(__name__)

_CHECKED_UP_TO = 50_000_000  # bytes of the house; looking through them takes a fraction of a second


def _url(settings: Settings) -> URL | str:
    if settings.profile == "cluster":
        return settings.database_url or ""
    return URL.create("sqlite", database=str(settings.data_dir / HOUSE_FILE))


class HouseContainer(containers.DeclarativeContainer):
    """Its database, and the use cases over it."""

    settings = providers.Dependency(instance_of=Settings)
    clock = providers.Singleton(SystemClock)
    engine = providers.Singleton(create_engine, providers.Callable(_url, settings))
    store = providers.Singleton(SqlStore, engine)

    access = providers.Singleton(SqlAccess, engine)
    passwords = providers.Singleton(Argon2id)
    users = providers.Singleton(Users, access, passwords, clock)
    sessions = providers.Singleton(Sessions, access, passwords, clock)
    keys = providers.Singleton(ApiKeys, access, clock)
    audit = providers.Singleton(Audit, providers.Singleton(SqlAuditTrail, engine), clock)

    notifier = providers.Singleton(ChannelNotifier, clock, allow_private_hosts=settings.provided.allow_private_hosts)
    streams = providers.Singleton(SqlAlertReads, engine)
    channels = providers.Singleton(Channels, store, streams, clock, notifier)
    sources = providers.Singleton(SourceCommands, store, streams, clock)

    services = providers.Singleton(
        House, users=users, sessions=sessions, keys=keys, audit=audit, channels=channels, sources=sources
    )


def _prepare(data_dir: Path, house: HouseContainer) -> None:
    """Bring the tables up to date; of a damaged file keep what can be read in a new one, and move the damaged one aside."""
    file = data_dir / HOUSE_FILE
    is_lost = not (file.exists() and file.stat().st_size) and any(map(is_in_use, sources_in(data_dir)))
    keep_private(file)  # it holds password hashes
    damage = f"damage was found in {file}" if file.with_name(file.name + DAMAGED).exists() else None
    try:
        upgrade(house.engine())
        if file.stat().st_size < _CHECKED_UP_TO:
            check(house.engine())
    except StoreDamaged as damaged:
        damage = str(damaged)
    if damage:
        fill_up(file)
        aside = aside_name(file, "damaged")
        with SqliteGenerations(house.engine(), aside=aside).begin() as new:
            new.exchange()
        with reading(house.engine()) as connection:
            users, keys, entries = (
                connection.scalar(select(func.count()).select_from(table)) for table in (app_user, api_key, audit_entry)
            )
        log.warning(
            f"The file of users, keys and channels was damaged ({damage.partition(': ')[0]}): {users} users, {keys} API "
            f"keys and {entries} entries of the audit trail could be read and are kept, the damaged file is {aside.name}. "
            "`cryptoviz restore` brings back one from a backup."
        )
    elif is_lost:
        log.warning(
            f"{file} was missing: users, keys, channels and the audit trail begin anew. `cryptoviz restore` brings back "
            "those of a backup."
        )


@contextmanager
def open_house(settings: Settings) -> Iterator[HouseContainer]:
    """Open it, in the embedded profile with its tables up to date, and close it at the end.

    Raises DataDirectoryError where we may not write, StoreUnavailable.
    """
    house = HouseContainer(settings=settings)
    try:
        if settings.profile == "embedded":
            _prepare(settings.data_dir, house)
        yield house
    finally:
        house.notifier().close()
        house.engine().dispose()
