"""Port: a model that says how an article sounds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol


class Verdict(NamedTuple):
    """A score from -1 (bad news) to 1 (good news), to four places, and one of `domain.analytics.sentiment.LABELS`."""

    score: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A model's name, and the version of its rules and data: another version may score the same text differently."""

    model: str
    version: str


class SentimentModel(Protocol):
    """A pure function of title and text, with a name and a version. Not for use by several threads at once."""

    @property
    def identity(self) -> ModelVersion:
        """Which model this is."""
        ...

    def score(self, title: str, text: str) -> Verdict:
        """How an article sounds. Any text gives a verdict in bounded time; an empty one is neutral, 0."""
        ...
