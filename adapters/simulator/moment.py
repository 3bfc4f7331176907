"""Moments as the simulator counts them: integer nanoseconds since the Unix epoch, UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ns(moment: datetime) -> int:
    """Nanoseconds of an aware datetime, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def to_datetime(ns: int) -> datetime:
    """The moment in UTC, truncated to microseconds."""
    return _EPOCH + timedelta(microseconds=ns // 1000)


def rfc3339(ns: int) -> str:
    """The moment as Kraken's WebSocket writes it: truncated to microseconds, always six digits, `Z`."""
    return f"{to_datetime(ns):%Y-%m-%dT%H:%M:%S.%fZ}"
