"""TextBlob's own sentiment: the mean polarity of the adjectives and adverbs that its lexicon knows."""

from decimal import Decimal
from importlib.metadata import version

from textblob import TextBlob

from adapters.sentiment.reading import read_article
from application.ports.sentiment_model import ModelVersion, Verdict

_RULES = 1  # to be counted up when anything but the library changes what an article scores
_BAND = Decimal("0.05")


class TextBlobModel:
    """See application.ports.sentiment_model.SentimentModel. Its version is the library's."""

    def __init__(self) -> None:
        self._identity = ModelVersion("textblob", f"{_RULES}-{version('textblob')}")

    @property
    def identity(self) -> ModelVersion:
        """`textblob`, and its version."""
        return self._identity

    def score(self, title: str, text: str) -> Verdict:
        """How an article sounds; see `read_article`."""
        return read_article(title, text, _polarity, _BAND)


def _polarity(sentence: str) -> float:
    return float(TextBlob(sentence).sentiment.polarity)
