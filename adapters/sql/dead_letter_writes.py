"""Keeping dead letters, and what became of them."""

from collections.abc import Sequence

from adapters.sql.statements import insert_new
from adapters.sql.tables import dead_letter, dead_letter_settlement
from adapters.sql.unit_of_work import UnitOfWork
from domain.dead_letter import DeadLettered, DeadLetterSettled

_FIELDS = (
    "letter_id", "event_id", "kind", "place", "reason", "raw", "partition", "offset", "reader", "location",
    "occurred_at", "recorded_at", "origin",
)  # fmt: skip


class DeadLetterWrites(UnitOfWork):
    """See application.ports.store.Writes."""

    def add_dead_letters(self, letters: Sequence[DeadLettered]) -> None:
        """Keep dead letters; one is one by its letter id."""
        rows = [{field: getattr(letter, field) for field in _FIELDS} for letter in letters]
        insert_new(self.connection, dead_letter, rows)

    def settle_dead_letters(self, settled: Sequence[DeadLetterSettled]) -> None:
        """Mark dead letters as dealt with; the first word on a letter stays."""
        fields = ("letter_id", "outcome", "recorded_at", "origin")
        rows = [{field: getattr(event, field) for field in fields} for event in settled]
        insert_new(self.connection, dead_letter_settlement, rows)
