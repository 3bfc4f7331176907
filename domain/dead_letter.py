"""What could not be understood or processed is kept: the raw bytes, why, and where they came from."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from domain.event import Event
from domain.values import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettered(Event):
    """Something we could not understand, or could not process.

    `kind` says what the bytes are, and so who could read them once that is mended: `kraken-frame`, `kraken-rest`,
    `news-entry`, `log-record`; `apply` is what one reader of the log could not process. `place` says where they came
    from (an endpoint, a feed, a topic), with partition and offset where there are any. Equal bytes from one place at one
    time (or offset) are one letter. `reader` names the reader that failed, `location` the line of code; None elsewhere.
    """

    name: ClassVar[str] = "dead-lettered"

    kind: str
    place: str
    reason: str
    raw: bytes
    partition: int | None = None
    offset: int | None = None
    reader: str | None = None
    location: str | None = None

    @property
    def letter_id(self) -> str:
        """20 hex digits from reader, place, offset (where there is none: time) and content."""
        where = rfc3339(self.recorded_at) if self.offset is None else f"{self.partition}:{self.offset}"
        kind = self.kind if self.reader is None else f"{self.kind}:{self.reader}"
        digest = hashlib.sha256(f"{kind}|{self.place}|{where}|".encode() + self.raw)
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
