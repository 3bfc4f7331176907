"""A source's log and store for commands that work while nothing else runs on them."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.sql.migrate import upgrade
from entrypoints.container import SessionContainer
from entrypoints.settings import Settings
from entrypoints.source import Source


@contextmanager
def opened(settings: Settings, source: Source, command: str) -> Iterator[SessionContainer]:
    """Lock the source's data directory, bring its tables up to date, and close all at the end.

    Raises DirectoryInUse, naming who holds it.
    """
    container = SessionContainer(settings=settings, source=source, telemetry=PrometheusTelemetry())
    container.directory().lock(command=command)
    try:
        upgrade(container.engine())
        yield container
    finally:
        container.event_log().close()
        container.engine().dispose()
        container.directory().release()
