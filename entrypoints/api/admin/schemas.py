"""The schemas of the log's records."""

from litestar import Controller

from entrypoints.api.params import Limit, PageCursor, Session, page_of, read_text
from entrypoints.api.routes import read
from entrypoints.api.rows.operations import SubjectPage, subject_row


class SchemaController(Controller):
    """Schemas."""

    path = "/admin/schemas"
    tags = ["operations"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="The schemas of the log's records")
    def schemas(self, services: Session, limit: Limit = 100, cursor: PageCursor = None) -> SubjectPage:
        """Version by version: those of this program in the embedded profile, those of the registry in the cluster."""
        page = page_of(services.operations.schemas.subjects(), limit, read_text(cursor, "cursor"))
        return SubjectPage([subject_row(subject) for subject in page.items], page.next_cursor)
