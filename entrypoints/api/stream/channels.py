"""Channels, and the messages on them."""

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from application.ports.event_log import Place, Position
from application.ports.market_reads import Touch
from application.ports.telemetry import Telemetry
from application.topics import ALERT_EVENTS, ALERTS, ANALYTICS_EVENTS, ARTICLES, FEED_EVENTS, TICKERS, TRADES
from domain.values import Origin
from entrypoints.api.stream.places import to_wire

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
    `takers` counts the live clients that got it.

    Most clients of a channel stand at the same place: what was worked out for one is kept for the next.
    """

    __slots__ = (
        "_after", "_at", "_before", "_data", "_origin", "_row", "_text",
        "channel", "names", "position", "takers", "told", "touch",
    )  # fmt: skip

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
        self.takers = 0
        self._data: str | None = None
        self._before: Place | None = None
        self._after: Place | None = None
        self._at: Place | Touch | None = None
        self._text = ""

    def moved_past(self, place: Place) -> Place:
        """A client's place, moved on past this message's record, where it has one."""
        if self.position is None:
            return place
        if self._after is None or (place is not self._before and place != self._before):
            self._before, self._after = place, place.past(self.position)
        return self._after

    def text_at(self, place: Place | Touch, session: Origin) -> str:
        """The message as it goes over the wire to a client that stands at `place` now, of that session's data."""
        if place is not self._at:
            self._at, self._text = place, self.text(to_wire(place, session))
        return self._text

    def text(self, cursor: str, *, replay: bool = False) -> str:
        """The message as it goes over the wire, with the cursor of the client that it goes to."""
        if self._data is None:
            self._data = msgspec.json.encode(self._row()).decode()
        mark = ',"replay":true' if replay else ""
        return f'{{"channel":"{self.channel}","cursor":"{cursor}","origin":"{self._origin.value}"{mark},"data":{self._data}}}'


def count_taken(telemetry: Telemetry, messages: Iterable[Message]) -> None:
    """Count what clients got, once all have been told: a thousand clients are one count a channel."""
    taken: Counter[str] = Counter()
    for message in messages:
        taken[message.channel] += message.takers
    for channel, rows in taken.items():
        if rows:
            telemetry.count("stream_messages", rows, channel=channel)
