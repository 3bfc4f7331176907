"""How an article sounds, and which model said so; how the articles with a tag sounded over a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType
from typing import ClassVar

from domain.errors import InvalidValue
from domain.event import Event, Fields, Upcast
from domain.market.candle import Interval
from domain.values import ZERO, Origin, exact, quotient

POSITIVE, NEUTRAL, NEGATIVE = LABELS = ("positive", "neutral", "negative")
_FOUR_PLACES = Decimal("0.0001")


def label_of(score: Decimal, band: Decimal) -> str:
    """`neutral` within `band` of zero, its ends included."""
    if abs(score) <= band:
        return NEUTRAL
    return POSITIVE if score > ZERO else NEGATIVE


def rounded(score: Decimal) -> Decimal:
    """A score to four places, half to even; never a negative zero."""
    return score.quantize(_FOUR_PLACES, ROUND_HALF_EVEN) + ZERO


def _with_article_time(fields: Fields) -> Fields:
    """Version 1 was recorded at its article's time, whenever the score was made."""
    return {**fields, "article_recorded_at": fields["recorded_at"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentScored(Event):
    """The score of one article by one version of one model: -1 (bad news) to 1 (good news).

    `article_event_id` is the article's event id, `occurred_at` the article's, `article_recorded_at` when we recorded it;
    `recorded_at` is when the score was made. Raises InvalidValue for a score or label out of range.
    """

    name: ClassVar[str] = "sentiment-scored"
    version: ClassVar[int] = 2
    upcasts: ClassVar[Mapping[int, Upcast]] = MappingProxyType({1: _with_article_time})

    article_event_id: str
    article_recorded_at: datetime
    model: str
    model_version: str
    score: Decimal
    label: str

    def __post_init__(self) -> None:
        if not -1 <= exact(self.score, "score") <= 1:
            raise InvalidValue("score", f"score is {self.score}: expected -1 to 1")
        if self.label not in LABELS:
            raise InvalidValue("label", f"label is '{self.label[:40]}': expected one of {', '.join(LABELS)}")

    @property
    def event_id(self) -> str:
        """One score for an article, a model and its version."""
        return f"sentiment:{self.model}:{self.model_version}:{self.article_event_id}"

    @property
    def key(self) -> str:
        """In order within an article."""
        return self.article_event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSentiment:
    """How the articles with a tag sounded that were recorded from `start` on for the length of `interval`.

    `score` is the mean of the articles' scores, to four places; the three counts add up to `articles`. All scores are
    by one version of one model. `recorded_at` is the latest of the scores'.
    """

    tag: str
    interval: Interval
    start: datetime
    articles: int
    score: Decimal
    positive: int
    neutral: int
    negative: int
    model: str
    model_version: str
    origin: Origin
    recorded_at: datetime


def tag_sentiment(tag: str, interval: Interval, start: datetime, scores: Sequence[SentimentScored]) -> TagSentiment:
    """Sum up the scores, at least one, of different articles by one version of one model. Their order does not matter."""
    labels = Counter(score.label for score in scores)
    return TagSentiment(
        tag=tag,
        interval=interval,
        start=start,
        articles=len(scores),
        score=rounded(quotient(sum((score.score for score in scores), ZERO), Decimal(len(scores)))),
        positive=labels[POSITIVE],
        neutral=labels[NEUTRAL],
        negative=labels[NEGATIVE],
        model=scores[0].model,
        model_version=scores[0].model_version,
        origin=min((score.origin for score in scores), key=list(Origin).index),  # live if any is, as for candles
        recorded_at=max(score.recorded_at for score in scores),
    )
