"""Who commanded what, and what came of it: each command is an event."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAudited(Event):
    """Somebody commanded something, was allowed to or not.

    `actor` is a user's name, `key:ID`, `command line`, or `anonymous`; `action` the method and the route's template;
    `target` what it was done to; `detail` says more in words, never a secret; `outcome` is the HTTP status, 0 in the event that is
    written before the command is carried out: the one that follows under the same id says how it ended.
    """

    name: ClassVar[str] = "command-audited"

    audit_id: str
    actor: str
    action: str
    target: str
    detail: str
    outcome: int
    address: str

    @property
    def event_id(self) -> str:
        """`audit:ID`."""
        return f"audit:{self.audit_id}"

    @property
    def key(self) -> str:
        """In order within a day."""
        return f"audit:{self.recorded_at:%Y-%m-%d}"
