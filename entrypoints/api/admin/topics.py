"""The log's topics."""

from litestar import Controller

from entrypoints.api.params import Limit, PageCursor, Session, page_of, read_text
from entrypoints.api.routes import read
from entrypoints.api.rows.operations import TopicPage, topic_row


class TopicController(Controller):
    """Topics."""

    path = "/admin/topics"
    tags = ["operations"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="The log's topics, and how far their readers are")
    def topics(self, services: Session, limit: Limit = 100, cursor: PageCursor = None) -> TopicPage:
        """In their order. A reader's lag is counted from the place that it saved last."""
        page = page_of(services.operations.topics.states(), limit, read_text(cursor, "cursor"))
        return TopicPage([topic_row(state) for state in page.items], page.next_cursor)
