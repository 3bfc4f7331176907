"""Noting each command in the audit trail."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from application.ports.audit_trail import AuditTrail
from application.ports.clock import Clock
from domain.access.audit import CommandAudited
from domain.values import Origin

ANONYMOUS = "anonymous"
_LONGEST = 300


UNKNOWN_OUTCOME = 0
"""The outcome of an entry until its command has ended; it stays where the process ended first."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An entry that was written before its command was carried out."""

    audit_id: str
    at: datetime


class Audit:
    """Texts that come from outside are cut, so that nobody fills the trail with them."""

    def __init__(self, trail: AuditTrail, clock: Clock) -> None:
        self.trail = trail
        self._clock = clock

    def begin(self, *, actor: str, action: str, address: str, target: str = "") -> Begun:
        """Note a command before it is carried out, so that none is without an entry. Raises StoreUnavailable."""
        begun = Begun(uuid.uuid4().hex, self._clock.now())
        self.note(actor=actor, action=action, outcome=UNKNOWN_OUTCOME, address=address, target=target, begun=begun)
        return begun

    def note(
        self,
        *,
        actor: str,
        action: str,
        outcome: int,
        address: str,
        target: str = "",
        detail: str = "",
        begun: Begun | None = None,
    ) -> None:
        """Append what somebody did, or was refused; `outcome` is the HTTP status. Raises StoreUnavailable.

        It takes the place of the entry that was written when the command began.
        """
        begun = begun or Begun(uuid.uuid4().hex, self._clock.now())
        self.trail.record(
            CommandAudited(
                audit_id=begun.audit_id, actor=actor, action=action, target=target[:_LONGEST], detail=detail[:_LONGEST],
                outcome=outcome, address=address, occurred_at=begun.at, recorded_at=begun.at, origin=Origin.LIVE,
            )
        )  # fmt: skip
