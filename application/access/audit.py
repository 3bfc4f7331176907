"""Noting each command in the audit trail."""

import uuid

from application.ports.audit_trail import AuditTrail
from application.ports.clock import Clock
from domain.access.audit import CommandAudited
from domain.values import Origin

ANONYMOUS = "anonymous"
_LONGEST = 300


class Audit:
    """Texts that come from outside are cut, so that nobody fills the trail with them."""

    def __init__(self, trail: AuditTrail, clock: Clock) -> None:
        self.trail = trail
        self._clock = clock

    def note(self, *, actor: str, action: str, outcome: int, address: str, target: str = "", detail: str = "") -> None:
        """Append what somebody did, or was refused; `outcome` is the HTTP status. Raises StoreUnavailable."""
        now = self._clock.now()
        self.trail.record(
            CommandAudited(
                audit_id=uuid.uuid4().hex, actor=actor, action=action, target=target[:_LONGEST], detail=detail[:_LONGEST],
                outcome=outcome, address=address, occurred_at=now, recorded_at=now, origin=Origin.LIVE,
            )
        )  # fmt: skip
