"""The audit trail."""

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter

from entrypoints.api.access.needs import Need
from entrypoints.api.access.rows import AuditPage, audit_row
from entrypoints.api.params import OfHouse, WindowOf, read_text
from entrypoints.api.routes import read

Actor = Annotated[str | None, QueryParameter(description="A user's name, key:ID, command line, or anonymous")]
Action = Annotated[str | None, QueryParameter(description="How the action begins: POST, or PUT /api/v1/alert-rules")]


class AuditController(Controller):
    """The audit trail."""

    path = "/admin/audit"
    tags = ["access"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="Who commanded what", opt={"needs": Need.VIEWER})
    def audit(self, house: OfHouse, window: WindowOf, actor: Actor = None, action: Action = None) -> AuditPage:
        """Newest first, refused commands too."""
        page = house.audit.trail.entries(window, actor=read_text(actor, "actor"), action=read_text(action, "action"))
        return AuditPage([audit_row(event) for event in page.items], page.next_cursor)
