"""Port: the audit trail."""

from typing import Protocol

from application.ports.page import Page, Window
from domain.access.audit import CommandAudited


class AuditTrail(Protocol):
    """Appended to only. Both raise StoreUnavailable."""

    def record(self, event: CommandAudited) -> None:
        """Append, whoever else appends at the same time. An entry with the same id is listed no more."""
        ...

    def entries(self, window: Window, *, actor: str | None = None, action: str | None = None) -> Page[CommandAudited]:
        """Newest first; `action` is how it begins, such as `POST` or `PUT /api/v1/alert-rules`."""
        ...
