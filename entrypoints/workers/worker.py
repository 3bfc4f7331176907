"""A thread that does one job, is started again when it fails, and reports its progress."""

import threading
from collections.abc import Callable

import structlog

from application.isolation import is_of_the_surroundings
from application.progress import Progress
from entrypoints.workers.turns import Turns

log = structlog.get_logger(__name__)

_LONGEST_PAUSE_S = 30.0
_LONGEST_PAUSE_FOR_SERVICES_S = 5.0  # they come back by themselves, and the work shall go on soon after
_HEALTHY_AFTER_S = 60.0


class Worker:
    """Runs `job(stop)` in a thread. A job that raises is logged and started again, after 1, 2, 4 … 30 seconds.

    A job that returns has ended; `ends` says that it may do so unasked, as a recording's feed does.
    """

    def __init__(
        self,
        name: str,
        job: Callable[[threading.Event], None],
        progress: Progress | None = None,
        *,
        ends: str | None = None,
    ) -> None:
        self.name = name
        self.progress = progress or Progress(name)
        self._job = job
        self._ends = ends
        self._stop = Turns(self.progress)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ask the job to end, without waiting for it."""
        self._stop.set()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Ask the job to end and wait for it; returns whether it did."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def is_alive(self) -> bool:
        """Whether the job is running, or about to be started again."""
        return self._thread.is_alive()

    def _run(self) -> None:
        pause, progress = 1.0, self.progress
        while not self._stop.is_set():
            progress.begin()
            try:
                self._job(self._stop)
            except Exception as error:  # the thread's last line of defence: said, shown in health, tried again
                if progress.failed(error) > _HEALTHY_AFTER_S:
                    pause = 1.0
                longest = _LONGEST_PAUSE_FOR_SERVICES_S if is_of_the_surroundings(error) else _LONGEST_PAUSE_S
                pause = min(pause, longest)
                log.exception("a worker failed and will be started again", worker=self.name, pause_s=pause)
                self._stop.wait(pause)
                pause = min(pause * 2, longest)
            else:
                break
        if self._ends is not None:
            progress.ended("ok", self._ends)
        else:
            progress.ended("stopped" if self._stop.is_set() else "down", "it has ended")
