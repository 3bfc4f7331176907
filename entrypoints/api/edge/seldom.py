"""Log lines that a stranger can cause, written at most once a minute each, with the number of those left out."""

import logging
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

_PAUSE_S = 60.0
_CAUSED_BY_CLIENTS = (
    "Invalid HTTP request received.",
    "Invalid UTF-8 sequence received from client.",
    "socket.send() raised exception.",  # asyncio's, for each write to a connection that broke
)


class Seldom:
    """Writes a warning at most once a minute for each event name. Not for several threads.

    `event` names must come from the code, never from a request, so that the table stays small.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def warn(self, event: str, **fields: object) -> None:
        """Write the warning, or count it."""
        now = self._now()
        last = self._last.get(event)
        if last is not None and now - last < _PAUSE_S:
            self._left_out[event] = self._left_out.get(event, 0) + 1
            return
        self._last[event] = now
        left_out = self._left_out.pop(event, 0)
        log.warning(event, **fields, **({"left_out_since_then": left_out} if left_out else {}))


class SeldomFilter(logging.Filter):
    """Lets a library's lines about bad input of clients through as seldom; all else as it is."""

    def __init__(self) -> None:
        super().__init__()
        self._seldom = Seldom()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written as it is."""
        if record.msg not in _CAUSED_BY_CLIENTS:
            return True
        self._seldom.warn("a client sent what cannot be read, or went away", said=str(record.msg))
        return False
