"""What a resuming client missed, read in batches until it has caught up."""

from collections.abc import Sequence
from typing import Protocol

from application.ports.event_log import InvalidCursor, Place
from application.ports.market_reads import Touch
from entrypoints.api.services import Services
from entrypoints.api.stream.channels import TOPICS_OF, Message
from entrypoints.api.stream.places import candle_touch, log_place
from entrypoints.api.stream.repeats import Repeats, reader_from_before
from entrypoints.api.stream.translate import candle_messages, feed_messages, log_messages

BATCH = 100
"""Rows read at once: so many may wait for a client that reads nothing."""


class Source(Protocol):
    """The past of one channel. Used by one thread at a time."""

    @property
    def place(self) -> Place | Touch:
        """Where it stands: after what was read."""
        ...

    def read(self) -> tuple[Sequence[Message], bool]:
        """The next messages, and whether that was all there is for now."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


def open_source(services: Services, channel: str, after: str | None) -> Source:
    """Begin to read a channel after a client's cursor; the candles, which only the store can tell, also from now on.

    Raises InvalidCursor, CursorTooOld, LogUnavailable.
    """
    if channel != "candles":
        return _LoggedEvents(services, channel, log_place(after or "", services.origin))
    latest = services.market.last_touch()
    touch = latest if after is None else candle_touch(after, services.origin)
    if touch > latest:
        raise InvalidCursor(f"cursor '{(after or '')[:60]}' is later than all there is: subscribe without `after`")
    return _StoredCandles(services, touch)


class _LoggedEvents:
    def __init__(self, services: Services, channel: str, place: Place) -> None:
        self.place = place
        self._services = services
        self._after = place
        self._repeats = Repeats()
        self._is_feeds = channel == "feeds"
        self._reader = reader_from_before(services.event_log, TOPICS_OF[channel], place)

    def read(self) -> tuple[Sequence[Message], bool]:
        records = self._reader.read(limit=BATCH, timeout_s=0)
        self.place = self.place.joined(Place.at(self._reader.cursor))
        fresh = [one for one in self._repeats.left_out(records) if not self._after.covers(one.position)]
        if self._is_feeds:
            return feed_messages(self._services, fresh, self.place), not records
        return log_messages(self._services, fresh), not records

    def close(self) -> None:
        self._reader.close()


class _StoredCandles:
    def __init__(self, services: Services, touch: Touch) -> None:
        self.place = touch
        self._services = services

    def read(self) -> tuple[Sequence[Message], bool]:
        candles = self._services.market.candles_after(self.place, limit=BATCH)
        if candles:
            self.place = candles[-1][1]
        return candle_messages(self._services, candles), len(candles) < BATCH

    def close(self) -> None:
        """Nothing is held."""
