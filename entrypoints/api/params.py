"""Parameters: read from text into domain values, refused by name."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from application.ports.page import InvalidPageCursor, Page, Window
from domain.alerting.alert import AlertStatus
from domain.errors import InvalidValue
from domain.market.candle import Interval
from domain.values import Pair, parse_time
from entrypoints.api.house import House
from entrypoints.api.problems import UnknownPair
from entrypoints.api.services import Services

LONGEST_PAGE = 1000
_LONGEST_TEXT = 200

T = TypeVar("T")

Session = NamedDependency[Services]
"""The services as they are at this request: the parameter's name is `services`."""

OfHouse = NamedDependency[House]
"""What outlives sessions: the parameter's name is `house`."""

WindowOf = NamedDependency[Window]
"""Start, end, as_of, limit and cursor, read: the parameter's name is `window`."""

_TIME = {"format": "date-time"}
_PAIR = "Such as BTC-USD; old Kraken names (XBT-USD) are understood"

Start = Annotated[str | None, QueryParameter(description="RFC 3339 time, inclusive", schema_extra=_TIME)]
End = Annotated[str | None, QueryParameter(description="RFC 3339 time, exclusive", schema_extra=_TIME)]
AsOf = Annotated[str | None, QueryParameter(description="RFC 3339 time: as it was known then", schema_extra=_TIME)]
Limit = Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="Rows on a page")]
PageCursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before")]
PairQuery = Annotated[str | None, QueryParameter(description=_PAIR)]
PairPath = Annotated[str, PathParameter(description=_PAIR)]


def window(
    start: Start = None, end: End = None, as_of: AsOf = None, limit: Limit = 100, cursor: PageCursor = None
) -> Window:
    """The `window` that list handlers ask for. Raises InvalidValue."""
    read_start, read_end = read_time(start, "start"), read_time(end, "end")
    in_order(read_start, read_end)
    return Window(
        start=read_start, end=read_end, as_of=read_time(as_of, "as_of"), limit=limit, cursor=read_text(cursor, "cursor")
    )


def in_order(start: datetime | None, end: datetime | None) -> None:
    """Raises InvalidValue when `start` is after `end`."""
    if start and end and start > end:
        raise InvalidValue("start", "start is after end: expected start to be the earlier one")


def read_time(text: str | None, field: str) -> datetime | None:
    """An RFC 3339 time. A `+` that a client forgot to encode arrives as a space, and is understood."""
    if text is None:
        return None
    return parse_time(re.sub(r"(?<=T)(.*) (\d\d:\d\d)$", r"\1+\2", text), field)


def read_text(text: str | None, field: str) -> str | None:
    """A text to look for: not empty, of 200 characters at most, without control characters."""
    if text is None:
        return None
    if not text.strip() or len(text) > _LONGEST_TEXT or not text.isprintable():
        raise InvalidValue(field, f"{field} must have 1 to {_LONGEST_TEXT} printable characters; leave it out for all")
    return text


def read_pair(services: Services, text: str) -> Pair:
    """A configured pair, or one that was collected before: its history stays. Raises UnknownPair, naming those configured."""
    pair = services.find_pair(text) or services.find_pair(text, among=services.market.pairs())
    if pair is None:
        raise UnknownPair(text, [known.slug for known in services.pairs])
    return pair


def read_collected_pair(services: Services, text: str) -> Pair:
    """A configured pair, for what is about the present. Raises UnknownPair, naming those that are."""
    pair = services.find_pair(text)
    if pair is None:
        raise UnknownPair(text, [known.slug for known in services.pairs])
    return pair


def read_optional_pair(services: Services, text: str | None) -> Pair | None:
    """A configured pair, or none."""
    return None if text is None else read_pair(services, text)


def read_interval(text: str) -> Interval:
    """A candle's interval. Raises InvalidValue."""
    try:
        return Interval(text)
    except ValueError:
        known = ", ".join(interval.value for interval in Interval)
        raise InvalidValue("interval", f"interval '{text[:20]}' is unknown: expected one of {known}") from None


def read_status(text: str | None) -> AlertStatus | None:
    """An alert's status. Raises InvalidValue."""
    if text is None:
        return None
    try:
        return AlertStatus(text)
    except ValueError:
        known = ", ".join(status.value for status in AlertStatus)
        raise InvalidValue("status", f"status '{text[:20]}' is unknown: expected one of {known}") from None


def page_of(rows: Sequence[T], limit: int, cursor: str | None) -> Page[T]:
    """A page of a short list that is read whole; its cursor is the number of rows before it."""
    if cursor is not None and not re.fullmatch(r"\d{1,9}", cursor, re.ASCII):
        raise InvalidPageCursor(f"'{cursor[:40]}' is not a cursor")
    start = int(cursor or 0)
    end = start + limit
    return Page(list(rows[start:end]), str(end) if end < len(rows) else None)
