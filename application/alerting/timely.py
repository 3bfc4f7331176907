"""Which events may raise alerts: those that came when they happened."""

from datetime import datetime, timedelta

from domain.analytics.sentiment import SentimentScored
from domain.event import Event
from domain.values import Origin

LATE = timedelta(seconds=60)
LATE_SCORE = timedelta(minutes=5)


def is_timely(event: Event) -> bool:
    """Whether a trade, a ticker or a forecast's score can raise alerts: what came long after it happened was fetched
    afterwards.

    A recording is taken by its word: nothing in it was backfilled.
    """
    if event.origin is Origin.RECORDING:
        return True
    return event.origin is not Origin.BACKFILL and event.recorded_at - event.occurred_at <= LATE


def is_timely_score(score: SentimentScored, now: datetime | None) -> bool:
    """The same of an article's score, by when the article was recorded: not of one that is scored again later.

    `now` is the time of the latest trade, None before the first.
    """
    if score.origin is Origin.RECORDING or now is None:
        return True
    return now - score.article_recorded_at <= LATE_SCORE
