"""The house: what outlives sessions (the simulator's gives way to Kraken's) and belongs to no source.

In the embedded profile it has a database of its own, `DATA_DIR/house.sqlite3`, to which several processes may write: the
command line while the server runs. In the cluster profile it shares the one database.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from dependency_injector import containers, providers
from sqlalchemy import URL

from adapters.embedded.data_directory import HOUSE_FILE, keep_private
from adapters.notify.notifier import ChannelNotifier
from adapters.passwords.argon2id import Argon2id
from adapters.sql.access import SqlAccess
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.audit_trail import SqlAuditTrail
from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from adapters.system.clock import SystemClock
from application.access.api_keys import ApiKeys
from application.access.audit import Audit
from application.access.sessions import Sessions
from application.access.users import Users
from application.alerting.channels import Channels
from application.sources import SourceCommands
from entrypoints.api.house import House
from entrypoints.settings import Settings


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


@contextmanager
def open_house(settings: Settings) -> Iterator[HouseContainer]:
    """Open it, in the embedded profile with its tables up to date, and close it at the end.

    Raises DataDirectoryError where we may not write, StoreUnavailable.
    """
    house = HouseContainer(settings=settings)
    try:
        if settings.profile == "embedded":
            keep_private(settings.data_dir / HOUSE_FILE)  # it holds password hashes
            upgrade(house.engine())
        yield house
    finally:
        house.notifier().close()
        house.engine().dispose()
