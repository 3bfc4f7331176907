"""What every event has: a stable name and version, a deterministic id, both times, an origin."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from domain.values import Origin

Fields = dict[str, Any]
"""An event's fields by name as JSON holds them: decimals and times (RFC 3339) are strings, bytes are base64."""

Upcast = Callable[[Fields], Fields]
"""Makes the fields of an event's next version. Pure: it depends on its argument alone, and leaves that as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact in the past tense. Stored under `name` and `version`, never under a class path.

    `occurred_at` is the venue's or the publisher's time, `recorded_at` ours; both are UTC. An event whose `version` was
    raised keeps in `upcasts`, by the version that each begins with, what makes the fields of the next one.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    upcasts: ClassVar[Mapping[int, Upcast]] = MappingProxyType({})

    occurred_at: datetime
    recorded_at: datetime
    origin: Origin

    @property
    def event_id(self) -> str:
        """Derived from the facts: a fact seen twice has one id."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """What the log keeps in order: the pair, the news source, the aggregate."""
        raise NotImplementedError
