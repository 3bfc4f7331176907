"""Dead letters: looked at, read again, or given up."""

import time
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request
from litestar.params import FromPath, JSONBody, QueryParameter

from application.dead_letters import Settled
from application.ports.page import Window
from domain.errors import InvalidValue, NotFound
from entrypoints.api.access.auditing import audited
from entrypoints.api.params import Limit, PageCursor, Session, read_text
from entrypoints.api.routes import command, read, remove
from entrypoints.api.rows.dead_letters import (
    DeadLetterPage,
    SettledRow,
    WholeLetterRow,
    letter_row,
    whole_letter_row,
)
from entrypoints.api.services import Services

OUTCOMES = ("open", "redriven", "dropped", "all")
_SEEN_WITHIN_S = 2.0

KindQuery = Annotated[str | None, QueryParameter(name="reason_kind", description="Such as kraken-frame or log-record")]
TopicQuery = Annotated[
    str | None, QueryParameter(name="topic", description="Where they came from, as `topic` of a row")
]
OutcomeQuery = Annotated[str, QueryParameter(name="outcome", schema_extra={"enum": list(OUTCOMES)})]


class Chosen(msgspec.Struct, forbid_unknown_fields=True):
    """Open letters of this kind and from this place; what is left out is not looked at."""

    reason_kind: str | None = None
    topic: str | None = None


class DeadLetterController(Controller):
    """What could not be understood."""

    path = "/admin/dead-letters"
    tags = ["operations"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="Dead letters")
    def letters(
        self,
        services: Session,
        reason_kind: KindQuery = None,
        topic: TopicQuery = None,
        outcome: OutcomeQuery = "open",
        limit: Limit = 100,
        cursor: PageCursor = None,
    ) -> DeadLetterPage:
        """Newest first; the open ones, unless `outcome` says otherwise."""
        if outcome not in OUTCOMES:
            raise InvalidValue("outcome", f"outcome '{outcome[:20]}' is unknown: expected one of {', '.join(OUTCOMES)}")
        page = services.dead_letters.dead_letters(
            Window(limit=limit, cursor=read_text(cursor, "cursor")),
            kind=read_text(reason_kind, "reason_kind"),
            place=read_text(topic, "topic"),
            outcome=None if outcome == "all" else outcome,
        )
        return DeadLetterPage([letter_row(kept) for kept in page.items], page.next_cursor)

    @read("/{letter_id:str}", summary="One dead letter with its bytes")
    def letter(self, services: Session, letter_id: FromPath[str]) -> WholeLetterRow:
        """The first 64 KiB, as text and in hexadecimal digits."""
        kept = services.dead_letters.dead_letter(letter_id)
        if kept is None:
            raise NotFound(f"there is no dead letter '{letter_id[:40]}'")
        return whole_letter_row(kept)

    @command("/{letter_id:str}/redrive", summary="Read a dead letter again")
    def redrive(self, services: Session, letter_id: FromPath[str]) -> SettledRow:
        """409 where it still cannot be read, with the reason. Twice makes no duplicate."""
        events = services.letters.redrive(letter_id)
        _wait_until_seen(services, letter_id)
        return SettledRow(settled=1, events=events, refused=0, reason=None, more=False)

    @remove("/{letter_id:str}", summary="Give a dead letter up")
    def drop(self, services: Session, letter_id: FromPath[str]) -> None:
        """It stays on record as dropped."""
        services.letters.drop(letter_id)
        _wait_until_seen(services, letter_id)

    @command("/redrive", summary="Read open dead letters again")
    def redrive_all(self, request: Request[Any, Any, Any], services: Session, data: JSONBody[Chosen]) -> SettledRow:
        """The newest 1,000 of those chosen; what still cannot be read stays open."""
        audited(request, target=_words(data))
        return _told(services, services.letters.redrive_all(kind=data.reason_kind, place=data.topic))

    @command("/drop", summary="Give open dead letters up")
    def drop_all(self, request: Request[Any, Any, Any], services: Session, data: JSONBody[Chosen]) -> SettledRow:
        """The newest 1,000 of those chosen."""
        audited(request, target=_words(data))
        return _told(services, services.letters.drop_all(kind=data.reason_kind, place=data.topic))


def _words(chosen: Chosen) -> str:
    kind, place = chosen.reason_kind, chosen.topic
    return " ".join(filter(None, (kind or "all kinds", place and f"in {place}")))


def _told(services: Services, settled: Settled) -> SettledRow:
    if settled.letter_ids:
        _wait_until_seen(services, settled.letter_ids[-1])
    return SettledRow(
        settled=len(settled.letter_ids),
        events=settled.events,
        refused=settled.refused,
        reason=settled.reason,
        more=settled.more,
    )


def _wait_until_seen(services: Services, letter_id: str) -> None:
    """Whoever looks after this answer sees what it did, if the store keeps up; two seconds at most."""
    deadline = time.monotonic() + _SEEN_WITHIN_S
    while time.monotonic() < deadline:
        kept = services.dead_letters.dead_letter(letter_id)
        if kept is None or kept.outcome != "open":
            return
        time.sleep(0.02)
