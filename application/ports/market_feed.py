"""Port: a source of live market events."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from domain.event import Event

MarketSink = Callable[[Sequence[Event]], None]
"""Takes the events of one frame, in order. It blocks while we cannot keep up: so a feed stops reading."""


class MarketFeed(Protocol):
    """Tickers, trades, feed events and dead letters, as they come."""

    def run(self, sink: MarketSink, stop: threading.Event) -> None:
        """Feed `sink` until `stop` is set, reconnecting for ever; or until a recording ends."""
        ...

    def follow(self, pairs: Sequence[str]) -> None:
        """Collect these pairs from now on, without an interruption for those that stay. From any thread."""
        ...
