"""Rows of dead letters."""

import json
from typing import Any

import msgspec

from application.ports.alert_reads import KeptLetter
from domain.dead_letter import DeadLettered
from domain.values import Origin, rfc3339

LONGEST_SHOWN = 64 * 1024
"""Bytes of a letter's content that an answer carries; `size` says how many there are."""


class DeadLetterRow(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be understood or processed: `reason_kind` says what the bytes are, `topic` where they came from.

    `outcome` is open, redriven or dropped. Where a reader of the log failed (`reason_kind` is apply), `reader` names it,
    and `location` is the line of code.
    """

    id: str
    reason_kind: str
    topic: str
    reason: str
    partition: int | None
    offset: int | None
    reader: str | None
    location: str | None
    size: int
    outcome: str
    origin: Origin
    recorded_at: str


class WholeLetterRow(DeadLetterRow, frozen=True, kw_only=True):
    """A letter with its bytes, the first 64 KiB of them; `decoded` is what they say where they are JSON."""

    raw_text: str
    raw_hex: str
    decoded: Any


class DeadLetterPage(msgspec.Struct, frozen=True):
    """Dead letters, newest first."""

    items: list[DeadLetterRow]
    next_cursor: str | None


class SettledRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of letters: `settled` of them were dealt with and gave `events`; `refused` stay open, the first for `reason`.

    `more` says that there are others: a request settles 1,000 at most.
    """

    settled: int
    events: int
    refused: int
    reason: str | None
    more: bool


def letter_row(kept: KeptLetter) -> DeadLetterRow:
    """A letter without its bytes."""
    return DeadLetterRow(**_fields(kept))


def whole_letter_row(kept: KeptLetter) -> WholeLetterRow:
    """A letter with its bytes."""
    raw = kept.letter.raw[:LONGEST_SHOWN]
    return WholeLetterRow(
        **_fields(kept),
        raw_text=raw.decode("utf-8", "backslashreplace"),
        raw_hex=raw.hex(" "),
        decoded=_decoded(kept.letter),
    )


def _fields(kept: KeptLetter) -> dict[str, Any]:
    letter = kept.letter
    return {
        "id": letter.letter_id,
        "reason_kind": letter.kind,
        "topic": letter.place,
        "reason": letter.reason,
        "partition": letter.partition,
        "offset": letter.offset,
        "reader": letter.reader,
        "location": letter.location,
        "size": len(letter.raw),
        "outcome": kept.outcome,
        "origin": letter.origin,
        "recorded_at": rfc3339(letter.recorded_at),
    }


def _decoded(letter: DeadLettered) -> Any:
    """JSON as it stands, its numbers as text: they must not be rounded. None for what is no JSON, or too long."""
    if len(letter.raw) > LONGEST_SHOWN:
        return None
    try:
        return json.loads(letter.raw, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
