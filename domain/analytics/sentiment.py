"""How an article sounds, and which model said so."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from domain.errors import InvalidValue
from domain.event import Event
from domain.values import exact

LABELS = ("positive", "neutral", "negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentScored(Event):
    """The score of one article by one version of one model: -1 (bad news) to 1 (good news).

    `article_event_id` is the article's event id. Raises InvalidValue for a score or label out of range.
    """

    name: ClassVar[str] = "sentiment-scored"

    article_event_id: str
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
