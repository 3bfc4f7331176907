"""What may not enter the tables though it can be read: events at times that cannot be."""

from datetime import UTC, datetime, timedelta

from domain.event import Event
from domain.values import rfc3339

EARLIEST = datetime(2009, 1, 3, tzinfo=UTC)  # the day of Bitcoin's first block: nobody traded or wrote of it before
AHEAD_AT_MOST = timedelta(minutes=5)


def refusal(event: Event, now: datetime) -> str | None:
    """Why an event is refused at `now` (UTC), in one sentence; None when it is not.

    Both times must lie between 2009-01-03 and five minutes ahead of us: a later one is a wrong clock, and would close
    candles and raise alerts that nothing happened for.
    """
    for what, at in (("occurred_at", event.occurred_at), ("recorded_at", event.recorded_at)):
        if at < EARLIEST:
            return f"{what} is {rfc3339(at)}: expected a time since {EARLIEST:%Y-%m-%d}"
        if at > now + AHEAD_AT_MOST:
            return f"{what} is {rfc3339(at)}, more than 5 minutes ahead of {rfc3339(now)}: expected clocks to agree"
    return None
