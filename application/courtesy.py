"""Work that can wait lets a page that is being opened go first: in one process both share the interpreter's lock."""

import threading
import time
from collections.abc import Callable

GiveWay = Callable[[threading.Event], object]
"""Called before each piece of work that can wait, with what ends the wait."""

_OPENING_S = 2.0  # a page has what it first shows by then


class Courtesy:
    """Safe for several threads. Whoever opens page after page takes half of the time of what waits, no more."""

    def __init__(self) -> None:
        self._until = 0.0
        self._again_from = 0.0

    def page_opened(self) -> None:
        """Somebody is waiting for a page from now on."""
        self._until = time.monotonic() + _OPENING_S

    def give_way(self, stop: threading.Event) -> None:
        """Return once the page that was opened last has had its time, or `stop` is set; then as long without waiting."""
        now = time.monotonic()
        if self._again_from <= now < self._until:
            stop.wait(self._until - now)
            self._again_from = time.monotonic() + _OPENING_S


def at_once(stop: threading.Event) -> None:
    """Give way to nobody: where no page is served."""
