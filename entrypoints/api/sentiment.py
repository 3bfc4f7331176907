"""Sentiment: how the articles with a tag sounded, by interval."""

from litestar import Controller

from domain.market.candle import Interval
from entrypoints.api.market import IntervalQuery
from entrypoints.api.news import Tag
from entrypoints.api.params import Session, WindowOf, read_interval, read_text
from entrypoints.api.routes import cached_read
from entrypoints.api.rows.sentiment import SentimentPage, sentiment_row


class SentimentController(Controller):
    """Sentiment by tag and interval."""

    path = "/sentiment"
    tags = ["analytics"]  # noqa: RUF012 - Litestar reads it as it stands

    @cached_read(summary="Sentiment by tag and interval")
    def sentiment(
        self, services: Session, window: WindowOf, tag: Tag = None, interval: IntervalQuery = Interval.H1.value
    ) -> SentimentPage:
        """Oldest first, by when the articles were recorded; intervals without any are left out.

        With `start` the page begins there and cursors lead on; without, it is the latest page.
        """
        page = services.sentiment.sentiment(read_interval(interval), window, tag=read_text(tag, "tag"))
        return SentimentPage([sentiment_row(one) for one in page.items], page.next_cursor)
