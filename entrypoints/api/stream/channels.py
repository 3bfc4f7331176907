"""Channels, and the messages on them. A message is encoded once, however many clients want it."""

from collections.abc import Callable

import msgspec

from application.topics import ALERT_EVENTS, ALERTS, ANALYTICS_EVENTS, ARTICLES, FEED_EVENTS, TICKERS, TRADES
from domain.values import Origin
from entrypoints.api.stream.places import Place

TOPICS_OF: dict[str, tuple[str, ...]] = {
    "tickers": (TICKERS,),
    "trades": (TRADES,),
    "candles": (),  # read from the store, which makes them
    "articles": (ARTICLES,),
    "alerts": (ALERTS, ALERT_EVENTS),
    "predictions": (ANALYTICS_EVENTS,),
    "feeds": (FEED_EVENTS,),
}
CHANNELS = tuple(TOPICS_OF)


class _Envelope(msgspec.Struct, frozen=True):
    channel: str
    cursor: str
    origin: Origin
    data: msgspec.Struct


class Message:
    """One row on one channel.

    `names` are what a client's `pairs` may pick it by. `place` is None for a row that no event caused (a feed that
    went stale): everybody gets it.
    """

    __slots__ = ("_cursor", "_origin", "_row", "_text", "channel", "names", "place")

    def __init__(
        self,
        channel: str,
        names: tuple[str, ...],
        place: Place | None,
        *,
        cursor: str,
        origin: Origin,
        row: Callable[[], msgspec.Struct],
    ) -> None:
        self.channel = channel
        self.names = names
        self.place = place
        self._cursor = cursor
        self._origin = origin
        self._row = row
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The message as it goes over the wire."""
        if self._text is None:
            envelope = _Envelope(self.channel, self._cursor, self._origin, self._row())
            self._text = msgspec.json.encode(envelope).decode()
        return self._text
