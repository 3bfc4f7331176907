"""What watches a pair for a rule, and what it sees."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from domain.event import Event
from domain.values import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a rule watches for was seen. `trigger` is the id of the event that showed it.

    `pct_change` is signed, in percent. `observed` and `usual` are what was measured and what it is compared with, in the
    kind's own unit (see `kinds.py`); None where the prices say it all. The times and the origin are the trigger's.
    `held_back` is how many sightings before it made no alert (see `voice.py`).
    """

    trigger: str
    pct_change: Decimal
    price: Decimal
    reference_price: Decimal
    observed: Decimal | None = None
    usual: Decimal | None = None
    held_back: int = 0
    occurred_at: datetime
    recorded_at: datetime
    origin: Origin


class Detector(Protocol):
    """Watches one pair for one rule. The same events in the same order make the same sightings."""

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Sighting | None:
        """Take note of an event of the pair; of other kinds than it hears it takes none.

        An event that is not `timely` was fetched afterwards: it may be counted, but shows nothing. `price` is the
        pair's last one, None before the first.
        """
        ...

    def again(self) -> None:
        """Take the last sighting for not reported: what still goes on is seen again."""
        ...

    def memory(self) -> Any:
        """What it must remember over a restart, to be written as JSON; None for nothing."""
        ...

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave, before it observes anything."""
        ...
