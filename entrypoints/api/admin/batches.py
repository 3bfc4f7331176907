"""The Spark jobs' batches."""

from litestar import Controller

from application.ports.page import Window
from entrypoints.api.params import Limit, PageCursor, Session, read_text
from entrypoints.api.routes import read
from entrypoints.api.rows.operations import BatchPage, batch_row


class BatchController(Controller):
    """Batches."""

    path = "/admin/batches"
    tags = ["operations"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="What the Spark jobs did last")
    def batches(self, services: Session, limit: Limit = 100, cursor: PageCursor = None) -> BatchPage:
        """Newest first, the last 200 of each job; none in the embedded profile, which has no Spark."""
        page = services.operations.batches.batches(Window(limit=limit, cursor=read_text(cursor, "cursor")))
        return BatchPage([batch_row(batch) for batch in page.items], page.next_cursor)
