"""A thread that does one job, is started again when it fails, and says how it is."""

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

_LONGEST_PAUSE_S = 30.0
_HEALTHY_AFTER_S = 60.0
_WELL_AFTER_S = 10.0


class Worker:
    """Runs `job(stop)` in a thread. A job that raises is logged and started again, after 1, 2, 4 … 30 seconds."""

    def __init__(self, name: str, job: Callable[[threading.Event], None]) -> None:
        self.name = name
        self._error: str | None = None
        self._running_since: float | None = None
        self._job = job
        self._stop = threading.Event()
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

    @property
    def error(self) -> str | None:
        """Why it failed last, while it is waiting to be started again or has just been."""
        since = self._running_since
        return None if since is not None and time.monotonic() - since > _WELL_AFTER_S else self._error

    def _run(self) -> None:
        pause = 1.0
        while not self._stop.is_set():
            started = self._running_since = time.monotonic()
            try:
                self._job(self._stop)
                return
            except Exception as error:  # the thread's last line of defence: said, shown in health, tried again
                if time.monotonic() - started > _HEALTHY_AFTER_S:
                    pause = 1.0
                self._running_since = None
                self._error = f"{type(error).__name__}: {error}"
                log.exception("a worker failed and will be started again", worker=self.name, pause_s=pause)
                self._stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
