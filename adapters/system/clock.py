"""The computer's clock."""

from datetime import UTC, datetime


class SystemClock:
    """Wall time; the system is expected to keep it right (NTP)."""

    def now(self) -> datetime:
        """The present time, UTC."""
        return datetime.now(UTC)
