"""What could not be understood is kept: the raw bytes, why, and where they came from."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from domain.event import Event
from domain.values import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettered(Event):
    """Something we could not understand.

    `kind` says what the bytes are, and so who could read them once that is mended: `kraken-frame`, `kraken-rest`,
    `news-entry`, `log-record`. `place` says where they came from (an endpoint, a feed, a topic), with partition and
    offset where there are any. Equal bytes from one place at one time (or offset) are one letter.
    """

    name: ClassVar[str] = "dead-lettered"

    kind: str
    place: str
    reason: str
    raw: bytes
    partition: int | None = None
    offset: int | None = None

    @property
    def letter_id(self) -> str:
        """20 hex digits from place, offset (where there is none: time) and content."""
        where = rfc3339(self.recorded_at) if self.offset is None else f"{self.partition}:{self.offset}"
        digest = hashlib.sha256(f"{self.kind}|{self.place}|{where}|".encode() + self.raw)
        return digest.hexdigest()[:20]

    @property
    def event_id(self) -> str:
        """`dead-letter:ID`."""
        return f"dead-letter:{self.letter_id}"

    @property
    def key(self) -> str:
        """In order within the place."""
        return self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterSettled(Event):
    """A dead letter was dealt with: `redriven` (understood at last) or `dropped` (somebody gave it up)."""

    name: ClassVar[str] = "dead-letter-settled"

    letter_id: str
    outcome: str

    @property
    def event_id(self) -> str:
        """A letter is settled once."""
        return f"dead-letter:{self.letter_id}:{self.outcome}"

    @property
    def key(self) -> str:
        """In order within the letter."""
        return self.letter_id
