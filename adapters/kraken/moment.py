"""Times as Kraken's REST, v1 and files write them: seconds since 1970, as decimal text."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, DecimalException

from domain.errors import InvalidValue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS = 12
_MICROSECOND = timedelta(microseconds=1)


def from_seconds(seconds: Decimal) -> datetime:
    """Seconds since 1970 -> UTC, truncated to microseconds (REST gives 7 decimals, the WebSocket 6). Raises InvalidValue."""
    try:
        if seconds.adjusted() > _MOST_DIGITS:  # int() of 1E+999999999 would take all memory
            raise OverflowError
        return _EPOCH + timedelta(microseconds=int(seconds.scaleb(6)))
    except (DecimalException, OverflowError, ValueError) as error:
        raise InvalidValue("time", f"{str(seconds)[:40]} is not a time: expected seconds since 1970") from error


def nanoseconds(at: datetime) -> int:
    """UTC -> whole nanoseconds since 1970, which REST takes as `since`."""
    return (at - _EPOCH) // _MICROSECOND * 1000
