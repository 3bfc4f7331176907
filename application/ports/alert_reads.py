"""Port: what queries read of alerts, and of what could not be understood."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.page import Page, Window
from domain.alerting.alert import Alert, AlertStatus
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.values import Pair


class AlertReads(Protocol):
    """Alerts newest first, and the streams of rules and watchlist. Safe for several threads."""

    def alerts(
        self,
        window: Window,
        *,
        status: AlertStatus | None = None,
        pair: Pair | None = None,
        now: datetime | None = None,
    ) -> Page[Alert]:
        """Alerts by the time of the trade that triggered them; with `as_of`, with the status that they had then.

        Silences that have ended by `now` (or `as_of`) are over: such an alert is raised again. Without both, none is.
        """
        ...

    def streams(self, prefix: str, *, as_of: datetime | None = None) -> dict[str, list[Event]]:
        """The event store's streams whose name starts with `prefix`, in order of their creation."""
        ...


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A dead letter, and what became of it: `open`, `redriven` or `dropped`."""

    letter: DeadLettered
    outcome: str


class DeadLetterReads(Protocol):
    """Dead letters, newest first."""

    def dead_letters(
        self, window: Window, *, kind: str | None = None, place: str | None = None, outcome: str | None = "open"
    ) -> Page[KeptLetter]:
        """Dead letters of a kind, from a place, of an outcome (None: any)."""
        ...

    def dead_letter(self, letter_id: str) -> KeptLetter | None:
        """One by its id."""
        ...
