"""Port: what queries read of sentiment by tag."""

from typing import Protocol

from application.ports.page import Page, Window
from domain.analytics.sentiment import TagSentiment
from domain.market.candle import Interval


class SentimentReads(Protocol):
    """How the articles with a tag sounded to the chosen model, by interval. Safe for several threads."""

    def sentiment(
        self, interval: Interval, window: Window, *, tag: str | None = None, as_first_known: bool = False
    ) -> Page[TagSentiment]:
        """By `start`, oldest first, then by tag; with `window.start` the page begins there and cursors lead on,
        without it is the latest page and cursors lead back.

        Articles go by when they were recorded: nobody could act on them earlier. Intervals without any are left out.
        `tag` (in any case) picks one tag. Where an interval has scores by several versions of the model, those of the
        present version count, else those of the greatest. With `window.as_of` the present is that moment. With
        `as_first_known` those of whichever version had scored them first count: what a backtest may look at.
        """
        ...
