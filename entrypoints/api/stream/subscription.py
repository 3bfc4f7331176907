"""What a client subscribed to, and how far it has it."""

import asyncio
from dataclasses import dataclass, field

from application.ports.event_log import Place
from application.ports.market_reads import Touch
from application.topics import FEED_EVENTS
from entrypoints.api.stream.channels import Message


@dataclass(slots=True, eq=False)
class Subscription:
    """`place` is how far the client has everything of a channel of the log, `touch` how far it has the candles.

    It takes part in the live stream once `is_live`; before, its replay is catching up. Candles count from the
    generation of rewinds that this subscription asked for, in which nothing after its touch is left out. `names` None
    means all.
    """

    channel: str
    names: frozenset[str] | None
    place: Place = field(default_factory=lambda: Place({}))
    touch: Touch = (0, 0)
    is_live: bool = False
    generation: int = 0
    replay: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def at(self) -> Place | Touch:
        """How far the client has everything."""
        return self.touch if self.channel == "candles" else self.place

    def has(self, message: Message, generation: int) -> bool:
        """Whether the client has this message, of that generation of rewinds of the candles, already."""
        if message.touch is not None:
            return message.touch <= self.touch or generation < self.generation
        return message.position is not None and self.place.covers(message.position)

    def move_past(self, message: Message) -> None:
        """The client has this message now."""
        if message.touch is not None:
            self.touch = message.touch
        elif self.channel == "feeds":  # whose rows may overtake each other
            self.place = self.place if message.told is None else self.place.joined(message.told.within((FEED_EVENTS,)))
        else:
            self.place = message.moved_past(self.place)

    def picks(self, message: Message) -> bool:
        """Whether it is of the pairs that were asked for."""
        return self.names is None or not self.names.isdisjoint(message.names)

    def move_to(self, place: Place | Touch) -> None:
        """Stand after a place of this channel."""
        if isinstance(place, Place):
            self.place = place
        else:
            self.touch = place

    def stop_replay(self) -> None:
        """Catch up no longer."""
        if self.replay is not None:
            self.replay.cancel()
            self.replay = None
