"""What a resuming client missed, read in batches by a thread of its own until it has caught up."""

from collections.abc import Sequence
from typing import Protocol

from application.ports.event_log import BEGINNING, Cursor, InvalidCursor
from entrypoints.api.services import Services
from entrypoints.api.stream.channels import TOPICS_OF, Message
from entrypoints.api.stream.places import Place, cursor_of, from_wire, in_log, place_of
from entrypoints.api.stream.translate import candle_messages, feed_messages, log_messages

BATCH = 500


class Source(Protocol):
    """The past of one channel. Used by one thread."""

    place: Place

    def read(self) -> tuple[Sequence[Message], bool]:
        """The next messages, and whether that was all there is for now; `place` is after them."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


def open_source(services: Services, channel: str, after: str) -> Source:
    """Begin to read a channel after a client's cursor. Raises InvalidCursor, CursorTooOld, LogUnavailable."""
    place = from_wire(after, services.origin)
    head = place_of(services.event_log.head())
    if in_log(place) != BEGINNING and place[0] > head[0]:
        raise InvalidCursor(f"cursor '{after[:60]}' is later than all there is: subscribe without `after`")
    return _StoredCandles(services, place) if channel == "candles" else _LoggedEvents(services, channel, place)


class _LoggedEvents:
    def __init__(self, services: Services, channel: str, place: Place) -> None:
        self.place = place
        self._services = services
        self._translate = feed_messages if channel == "feeds" else log_messages
        self._reader = services.event_log.reader(TOPICS_OF[channel], after=in_log(place))

    def read(self) -> tuple[Sequence[Message], bool]:
        records = self._reader.read(limit=BATCH, timeout_s=0)
        messages = self._translate(self._services, records)
        self.place = max(self.place, place_of(self._reader.cursor))
        return messages, not records

    def close(self) -> None:
        self._reader.close()


class _StoredCandles:
    def __init__(self, services: Services, place: Place) -> None:
        self.place = place
        self._services = services

    def read(self) -> tuple[Sequence[Message], bool]:
        cursor: Cursor = cursor_of(self.place)
        candles = self._services.market.candles_after(cursor, limit=BATCH)
        if candles:
            self.place = place_of(candles[-1][1])
        return candle_messages(self._services, candles), len(candles) < BATCH

    def close(self) -> None:
        """Nothing is held."""
