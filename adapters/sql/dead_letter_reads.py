"""What queries read of dead letters."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, func, literal, select

from adapters.sql.engine import reading
from adapters.sql.listing import Listing
from adapters.sql.tables import dead_letter, dead_letter_settlement
from application.ports.alert_reads import KeptLetter
from application.ports.page import Page, Window
from domain.dead_letter import DeadLettered
from domain.values import Origin

_FIELDS = ("kind", "place", "reason", "partition", "offset", "reader", "location", "occurred_at", "recorded_at")
_NEWEST_FIRST = Listing("dead-letters", dead_letter, dead_letter.c.recorded_at, (dead_letter.c.letter_id,))


class SqlDeadLetterReads:
    """See application.ports.alert_reads.DeadLetterReads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def dead_letters(
        self, window: Window, *, kind: str | None = None, place: str | None = None, outcome: str | None = "open"
    ) -> Page[KeptLetter]:
        """Dead letters of a kind, from a place, of an outcome (None: any), newest first by when they were recorded."""
        query, settled = _letters(window.as_of)
        if kind is not None:
            query = query.where(dead_letter.c.kind == kind)
        if place is not None:
            query = query.where(dead_letter.c.place == place)
        if outcome is not None:
            query = query.where(settled == outcome)
        with reading(self._engine) as connection:
            return _NEWEST_FIRST.page(connection, query, window, _to_letter)

    def dead_letter(self, letter_id: str) -> KeptLetter | None:
        """One by its id."""
        query, _ = _letters(None)
        with reading(self._engine) as connection:
            row = connection.execute(query.where(dead_letter.c.letter_id == letter_id)).one_or_none()
        return None if row is None else _to_letter(row)

    def count_since(self, time: datetime, *, most: int) -> int:
        """How many were recorded at `time` or later; counts no further than `most`."""
        found = select(dead_letter.c.letter_id).where(dead_letter.c.recorded_at >= time).limit(most).subquery()
        with reading(self._engine) as connection:
            return int(connection.scalar(select(func.count()).select_from(found)) or 0)


def _letters(as_of: datetime | None) -> tuple[Select[Any], Any]:
    settlement = dead_letter_settlement
    joined = settlement.c.letter_id == dead_letter.c.letter_id
    if as_of is not None:
        joined &= settlement.c.recorded_at <= as_of
    outcome = func.coalesce(settlement.c.outcome, literal("open"))
    query = select(dead_letter, outcome.label("outcome")).select_from(dead_letter.outerjoin(settlement, joined))
    return query, outcome


def _to_letter(row: Any) -> KeptLetter:
    fields = {field: getattr(row, field) for field in _FIELDS}
    return KeptLetter(DeadLettered(origin=Origin(row.origin), raw=bytes(row.raw), **fields), row.outcome)
