"""How much is stored."""

from litestar import Controller

from entrypoints.api.params import Limit, PageCursor, Session, page_of, read_text
from entrypoints.api.routes import read
from entrypoints.api.rows.operations import StoragePage, storage_page


class StorageController(Controller):
    """Storage."""

    path = "/admin/storage"
    tags = ["operations"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="What is stored, since when, and for how long")
    def storage(self, services: Session, limit: Limit = 100, cursor: PageCursor = None) -> StoragePage:
        """Tables by name, and beside `items` what log, database and disk take; measured once a minute at most."""
        measured = services.operations.storage.measured()
        page = page_of(measured.tables, limit, read_text(cursor, "cursor"))
        return storage_page(measured, page.items, page.next_cursor)
