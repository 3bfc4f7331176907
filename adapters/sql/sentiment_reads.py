"""What queries read of sentiment by tag: summed up anew from the stored scores at each request."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, Select, and_, select

from adapters.sql.engine import reading
from adapters.sql.news_rows import present_at, to_score
from adapters.sql.page_cursor import decode_cursor, encode_cursor
from adapters.sql.scorers import scorer_at
from adapters.sql.tables import article_data, article_tag, sentiment_data
from application.ports.page import InvalidPageCursor, Page, Window
from application.ports.sentiment_model import ModelVersion
from domain.analytics.sentiment import SentimentScored, TagSentiment, tag_sentiment
from domain.market.candle import Interval

_ON, _BACK = "on", "back"  # where a cursor leads
_AT_ONCE = 1_000  # rows
_Place = tuple[datetime, str]  # start and tag in lower case: the order of the list
_Rank = Callable[[Sequence[SentimentScored]], Any]  # of one version's scores: the greatest is taken


class SqlSentimentReads:
    """See application.ports.sentiment_reads.SentimentReads."""

    def __init__(self, engine: Engine, chosen: ModelVersion) -> None:
        self._engine = engine
        self._chosen = chosen

    def sentiment(
        self, interval: Interval, window: Window, *, tag: str | None = None, as_first_known: bool = False
    ) -> Page[TagSentiment]:
        """By start and tag, oldest first; see the port. Raises InvalidPageCursor."""
        wanted = None if tag is None else tag.lower()
        direction, after = _where(window)
        found: list[tuple[_Place, TagSentiment]] = []
        with reading(self._engine) as connection:
            scorer = scorer_at(connection, self._chosen, window.as_of)
            rank = _first_known if as_first_known else _preferring(scorer.version)
            query = _rows(None if as_first_known else scorer.model, interval, window, wanted, direction, after)
            with connection.execution_options(yield_per=_AT_ONCE).execute(query) as scored:
                for start, rows in groupby(scored, key=lambda row: interval.start_of(row.article_recorded_at)):
                    if (window.start and start < window.start) or (window.end and start >= window.end):
                        continue  # cut off by the window: a part of an interval would mislead
                    of_tags = _summed_up(rows, interval, start, wanted, rank)
                    if direction == _BACK:
                        of_tags.reverse()
                    found += [one for one in of_tags if after is None or _is_beyond(one[0], after, direction)]
                    if len(found) > window.limit:
                        break
        more = len(found) > window.limit
        found = found[: window.limit]
        cursor = encode_cursor("sentiment", direction, *found[-1][0]) if more else None
        if direction == _BACK:
            found.reverse()
        return Page([one for _, one in found], cursor)


def _summed_up(
    rows: Iterable[Any], interval: Interval, start: datetime, wanted: str | None, rank: _Rank
) -> list[tuple[_Place, TagSentiment]]:
    names: dict[str, str] = {}
    scores: dict[str, dict[tuple[str, str], list[SentimentScored]]] = {}  # by tag, model and version
    for row in rows:
        score = to_score(row, row.article_recorded_at)
        for key, name in {name.lower(): name for name in row.tags}.items():
            if wanted in (None, key):
                names[key] = min(name, names.get(key, name))
                scores.setdefault(key, {}).setdefault((score.model, score.model_version), []).append(score)
    return [
        ((start, key), tag_sentiment(names[key], interval, start, max(versions.values(), key=rank)))
        for key, versions in sorted(scores.items())
    ]


def _preferring(version: str) -> _Rank:
    return lambda scores: (scores[0].model_version == version, scores[0].model_version)


def _first_known(scores: Sequence[SentimentScored]) -> tuple[float, str]:
    return -max(score.recorded_at for score in scores).timestamp(), scores[0].model_version


def _where(window: Window) -> tuple[str, _Place | None]:
    if window.cursor is None:
        return (_BACK if window.start is None else _ON), None
    direction, start, tag = decode_cursor(window.cursor, "sentiment", str, datetime, str)
    if direction not in (_ON, _BACK) or not isinstance(start, datetime):
        raise InvalidPageCursor("not a cursor of a list of sentiment: expected a next_cursor that one gave out")
    return str(direction), (start, str(tag))


def _is_beyond(place: _Place, after: _Place, direction: str) -> bool:
    return place > after if direction == _ON else place < after


def _rows(
    model: str | None, interval: Interval, window: Window, tag: str | None, direction: str, after: _Place | None
) -> Select[Any]:
    """The scores of the window's articles with their tags, by when the articles were recorded."""
    at = article_data.c.recorded_at
    query = (
        select(sentiment_data, article_data.c.tags, at.label("article_recorded_at"))
        .join(article_data, article_data.c.article_id == sentiment_data.c.article_id)
        .where(present_at(window.as_of))
    )
    if model is not None:
        query = query.where(sentiment_data.c.model == model)
    if tag is not None:
        same = and_(
            article_tag.c.tag == tag,
            article_tag.c.occurred_at == article_data.c.occurred_at,
            article_tag.c.article_id == article_data.c.article_id,
        )
        query = query.join(article_tag, same)
    if window.as_of is not None:
        query = query.where(at <= window.as_of, sentiment_data.c.recorded_at <= window.as_of)
    lower = [bound for bound in (window.start, after[0] if after and direction == _ON else None) if bound]
    upper = [bound for bound in (window.end, after[0] if after and direction == _BACK else None) if bound]
    if lower:
        query = query.where(at >= max(lower))
    if upper and (end := _end_of(min(upper), interval)):
        query = query.where(at < end)
    order = (at, article_data.c.article_id, sentiment_data.c.model, sentiment_data.c.model_version)
    return query.order_by(*(order if direction == _ON else (column.desc() for column in order)))


def _end_of(at: datetime, interval: Interval) -> datetime | None:
    """A time by which the interval that `at` falls into has ended; None where the calendar ends before."""
    try:
        return at + interval.length
    except OverflowError:
        return None
