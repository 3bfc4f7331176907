"""The one rule for what may come in, whatever the way: WebSocket, REST, import, recording, redrive, Kafka, event log, Spark.

Events check their own prices, quantities and ids when they are made (`domain.values`). This module checks what depends
on the present, and what no table or candle could hold: times, and names.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import get_type_hints

from domain.dead_letter import DeadLettered
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.history import CandleImported
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ARTICLE_EVENTS
from domain.values import rfc3339

EARLIEST = datetime(2009, 1, 3, tzinfo=UTC)  # the day of Bitcoin's first block: nobody traded or wrote of it before
AHEAD_AT_MOST = timedelta(minutes=5)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # for plans and deadlines: far enough from the calendar's end to add to
LONGEST_NAME = 100  # characters of a venue, an order type, a frame's hash
LONGEST_KEY = 2_000  # bytes; an entry of PostgreSQL's B-trees has at most 2,704
_INTEGERS = range(-(2**63), 2**63)


class Admission:
    """The rule at one moment: make one for each batch or frame, and ask it for each event."""

    __slots__ = ("latest", "now")

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.latest = now + AHEAD_AT_MOST

    def refusal(self, event: Event) -> str | None:
        """Return why `event` may not come in, in one sentence; None when it may."""
        at, recorded_at = event.occurred_at, event.recorded_at
        if not EARLIEST <= at <= self.latest:
            return self.refused_time("occurred_at", at)
        if recorded_at is not self.now and recorded_at is not at and not EARLIEST <= recorded_at <= self.latest:
            return self.refused_time("recorded_at", recorded_at)
        check = _CHECKS.get(type(event))
        return check(event) if check else _held(event)

    def admit(self, event: Event) -> None:
        """Raise InvalidValue for an event that may not come in."""
        reason = self.refusal(event)
        if reason is not None:
            raise InvalidValue(reason.partition(" ")[0], reason)

    def admit_time(self, field: str, at: datetime) -> None:
        """Raise InvalidValue for a time that no event may have."""
        if not EARLIEST <= at <= self.latest:
            raise InvalidValue(field, self.refused_time(field, at))

    def refused_time(self, field: str, at: datetime) -> str:
        """Say why a time outside the bounds is refused."""
        if at < EARLIEST:
            return f"{field} is {rfc3339(at)}: expected a time since {EARLIEST:%Y-%m-%d}"
        ahead = f"more than 5 minutes ahead of {rfc3339(self.now)}: expected clocks to agree"
        return f"{field} is {rfc3339(at)}, {ahead}"


def refusal(event: Event, now: datetime) -> str | None:
    """Return why an event may not come in at `now` (UTC), in one sentence; None when it may.

    Both times must lie between 2009-01-03 and five minutes ahead of us: a later one is a wrong clock, and would close
    candles and raise alerts that nothing happened for.
    """
    return Admission(now).refusal(event)


@lru_cache(maxsize=4096)
def refused_name(name: str | None) -> str | None:
    """Return why a name (a venue, an order type) cannot be kept; None when it can, or is absent."""
    if name is None:
        return None
    if len(name) > LONGEST_NAME:
        return f"a name of {len(name)} characters: expected at most {LONGEST_NAME}"
    if not name.isprintable():  # NUL, other control characters, lone surrogates
        return f"the name {name[:40]!r} has characters that cannot be printed: expected plain text"
    return None


def _named(*names: str) -> Callable[[Event], str | None]:
    def check(event: Event) -> str | None:
        for name in names:
            reason = refused_name(getattr(event, name))
            if reason is not None:
                return f"{name} is {reason}"
        return None

    return check


def _candle(event: Event) -> str | None:
    return _named("venue")(event) or _held(event)


def _article(event: Event) -> str | None:
    """An article's own key is a hash, however long its guid; its tags are looked up as they are."""
    return _too_long(getattr(event, "tags", ())) or _moments(event)


def _held(event: Event) -> str | None:
    """Why no table could hold an event of any other type."""
    return _too_long([event.event_id, event.key]) or _moments(event)


def _too_long(keys: tuple[str, ...] | list[str]) -> str | None:
    longest = max((len(key.encode("utf-8", "replace")) for key in keys), default=0)
    if longest > LONGEST_KEY:
        return f"a name of {longest} bytes: expected at most {LONGEST_KEY}, as tables are looked up by it"
    return None


def _moments(event: Event) -> str | None:
    for name in _fields_of(type(event), datetime):
        at = getattr(event, name)
        if at is not None and not EARLIEST <= at <= LATEST:
            return f"{name} is {rfc3339(at)}: expected a time between {EARLIEST:%Y-%m-%d} and {LATEST:%Y-%m-%d}"
    for name in _fields_of(type(event), int):
        number = getattr(event, name)
        if number is not None and number not in _INTEGERS:
            return f"{name} is a number of {number.bit_length()} bits: expected an integer of 64 bits"
    return None


_FIELDS: dict[tuple[type[Event], type], tuple[str, ...]] = {}


def _fields_of(kind: type[Event], wanted: type) -> tuple[str, ...]:
    found = _FIELDS.get((kind, wanted))
    if found is None:
        hints = get_type_hints(kind)
        found = tuple(field.name for field in fields(kind) if hints[field.name] in (wanted, wanted | None))
        _FIELDS[kind, wanted] = found
    return found


_CHECKS: dict[type[Event], Callable[[Event], str | None]] = {
    TradeExecuted: _named("venue", "order_type"),
    TickerUpdated: _named("venue", "frame_hash"),
    CandleImported: _candle,
    **dict.fromkeys(ARTICLE_EVENTS, _article),
    DeadLettered: lambda letter: None,  # refusing it would make a letter of a letter
}
