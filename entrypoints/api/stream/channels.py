"""Channels, and the messages on them."""

from collections.abc import Callable

import msgspec

from application.ports.event_log import Place, Position
from application.ports.market_reads import Touch
from application.topics import ALERT_EVENTS, ALERTS, ANALYTICS_EVENTS, ARTICLES, FEED_EVENTS, TICKERS, TRADES
from domain.values import Origin

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


class Message:
    """One row on one channel, encoded once, however many clients want it.

    `names` are what a client's `pairs` may pick it by. `position` is the record that caused it, `touch` the candle's;
    a row that no event caused (a feed that went stale) has neither: everybody gets it. `told` is how far the channel is
    complete with this row, where its rows may overtake each other (feeds wait for the store); None where they do not.
    """

    __slots__ = ("_data", "_origin", "_row", "channel", "names", "position", "told", "touch")

    def __init__(
        self,
        channel: str,
        names: tuple[str, ...],
        *,
        origin: Origin,
        row: Callable[[], msgspec.Struct],
        position: Position | None = None,
        touch: Touch | None = None,
        told: Place | None = None,
    ) -> None:
        self.channel = channel
        self.names = names
        self.position = position
        self.touch = touch
        self.told = told
        self._origin = origin
        self._row = row
        self._data: str | None = None

    def text(self, cursor: str, *, replay: bool = False) -> str:
        """The message as it goes over the wire, with the cursor of the client that it goes to."""
        if self._data is None:
            self._data = msgspec.json.encode(self._row()).decode()
        mark = ',"replay":true' if replay else ""
        return f'{{"channel":"{self.channel}","cursor":"{cursor}","origin":"{self._origin.value}"{mark},"data":{self._data}}}'
