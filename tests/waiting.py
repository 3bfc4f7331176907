"""Waiting for what another thread does, without guessing how long it takes."""

import threading
import time
from collections.abc import Callable

_PAUSE = threading.Event()  # its wait works under libfaketime, where time.sleep raises "Invalid argument"


def until(condition: Callable[[], object], *, seconds: float = 20) -> bool:
    """Whether the condition came true in time.

    It is asked for ever less often, as many questions keep those from working who are to answer: what has taken long may
    be seen a fiftieth later than it came.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > seconds:
            return False
        _PAUSE.wait(min(1, max(0.01, waited / 50)))
    return True
