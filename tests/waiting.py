"""Waiting for what another thread does, without guessing how long it takes."""

import time
from collections.abc import Callable


def until(condition: Callable[[], object], *, seconds: float = 20) -> bool:
    """Whether the condition came true in time."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True
