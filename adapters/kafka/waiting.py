"""Setting up a cluster that is still starting: say what is waited for, try again, give up in time."""

import time
from collections.abc import Callable
from typing import TypeVar

from application.ports.event_log import LogUnavailable

Say = Callable[[str], None]
T = TypeVar("T")

_AGAIN_S = 0.5


def patiently(what: str, ask: Callable[[], T], *, wait_s: float, say: Say) -> T:
    """What `ask` returns; while it raises LogUnavailable it is asked again, for `wait_s` seconds at most.

    `say` is told once that `what` is waited for, and again when the reason changes. Raises the last LogUnavailable.
    """
    deadline = time.monotonic() + wait_s
    said = ""
    while True:
        try:
            return ask()
        except LogUnavailable as unavailable:
            if time.monotonic() >= deadline:
                raise
            if str(unavailable) != said:
                said = str(unavailable)
                say(f"Waiting up to {wait_s:g} s for {what}: {said}")
        time.sleep(_AGAIN_S)
