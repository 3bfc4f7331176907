"""A source's log and store for commands that do one thing and end."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.embedded.data_directory import HOUSE_FILE
from adapters.metrics.prometheus import PrometheusTelemetry
from application.market.resume import remember_log
from application.ownership import claim
from entrypoints.container import SessionContainer
from entrypoints.house import open_house
from entrypoints.settings import Settings
from entrypoints.source import Source


@contextmanager
def opened(settings: Settings, source: Source, command: str) -> Iterator[SessionContainer]:
    """Open them, with the tables up to date, and close all at the end.

    In the embedded profile that locks the data directory: nothing else may run on it. Raises DirectoryInUse, naming who
    holds it; in the cluster profile NotAllowed when the database is another source's.
    """
    container = SessionContainer(settings=settings, source=source, telemetry=PrometheusTelemetry())
    if settings.profile == "embedded":
        if not (settings.data_dir / HOUSE_FILE).exists():
            with open_house(settings):  # before there is data, or it would seem to have been lost
                pass
        container.directory().lock(command=command)
    try:
        if settings.profile == "embedded":
            container.data_files().prepare()
        else:  # migrated when it was set up: no command changes a shared database in passing
            claim(container.store(), container.directory().name)
        yield container
    finally:
        container.event_log().close()
        container.engine().dispose()
        container.directory().release()


def catch_up(box: SessionContainer) -> None:
    """Bring the tables up with the log; in the cluster profile the ingestion does that by itself."""
    if box.settings().profile == "embedded":
        box.projection().catch_up()


def resume(box: SessionContainer) -> None:
    """Let the collector know all that the log holds."""
    catch_up(box)
    remember_log(box.collector(), box.event_log(), box.store())
