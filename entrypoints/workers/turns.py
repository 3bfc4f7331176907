"""The event that ends a job, and that tells on the way that the job still asks for it."""

import threading

from application.progress import Progress


class Turns(threading.Event):
    """Every job asks at each turn of its loop whether it shall stop, or waits for that: so it shows that it does not hang.

    Only what the job's own thread asks counts; other threads may use the event as any other.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def is_set(self) -> bool:
        """Whether to stop; another turn begins."""
        if threading.get_ident() == self._progress.thread:
            self._progress.turn()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait as any event does; the job rests meanwhile."""
        if threading.get_ident() != self._progress.thread:
            return super().wait(timeout)
        self._progress.rest(timeout)
        try:
            return super().wait(timeout)
        finally:
            self._progress.rested()


def event_like(stop: threading.Event) -> threading.Event:
    """Another event for the same job: it tells of the job's turns where `stop` does."""
    return Turns(stop._progress) if isinstance(stop, Turns) else threading.Event()
