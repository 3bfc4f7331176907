"""Port: what time it is."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests and recordings bring their own."""

    def now(self) -> datetime:
        """The present time, UTC, in microseconds."""
        ...
