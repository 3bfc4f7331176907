"""The news' room: articles."""

from typing import Annotated

from litestar import Controller
from litestar.params import FromPath, QueryParameter

from domain.errors import NotFound
from entrypoints.api.params import AsOf, Session, WindowOf, read_text, read_time
from entrypoints.api.routes import cached_read
from entrypoints.api.rows.news import ArticlePage, ArticleRow, article_row

Tag = Annotated[str | None, QueryParameter(description="Such as BTC or ETF")]
Source = Annotated[str | None, QueryParameter(description="A feed's name, such as CoinDesk")]
Text = Annotated[str | None, QueryParameter(description="Words in title, summary or content")]


class NewsController(Controller):
    """Articles."""

    path = "/articles"
    tags = ["news"]  # noqa: RUF012 - Litestar reads it as it stands

    @cached_read(summary="Articles")
    def articles(
        self, services: Session, window: WindowOf, tag: Tag = None, source: Source = None, q: Text = None
    ) -> ArticlePage:
        """Newest first."""
        page = services.news.articles(
            window, tag=read_text(tag, "tag"), source=read_text(source, "source"), text=read_text(q, "q")
        )
        return ArticlePage([article_row(article) for article in page.items], page.next_cursor)

    @cached_read("/{article_id:str}", summary="One article")
    def article(self, services: Session, article_id: FromPath[str], as_of: AsOf = None) -> ArticleRow:
        """By its `id`, with what the prices of the pairs that it is about did after it."""
        known_at = read_time(as_of, "as_of")
        found = services.news.article(article_id, as_of=known_at)
        if found is None:
            raise NotFound(f"there is no article '{article_id[:40]}'")
        return article_row(found, services.news_price.after(found.article, as_of=known_at))
