"""How a worker is, for health and status."""

from entrypoints.api.services import Component
from entrypoints.source import Source
from entrypoints.workers.worker import Worker

ESSENTIAL = {"store", "log-writer"}


def state_of(worker: Worker, source: Source) -> Component:
    """Degraded while it is being started again after an error; a feed whose recording has ended has done its work."""
    essential = worker.name in ESSENTIAL
    if worker.is_alive:
        return Component("degraded" if worker.error else "ok", worker.error, essential)
    if worker.name == "feed" and source.recording and not worker.error:
        return Component("ok", "the recording has ended")
    return Component("down", worker.error, essential)
