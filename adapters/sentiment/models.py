"""The models by the names that people choose them by."""

from adapters.sentiment.lexicon import LexiconModel
from application.ports.sentiment_model import SentimentModel

NAMES = ("lexicon", "textblob")


def sentiment_model(name: str) -> SentimentModel:
    """The model of that name, one of NAMES."""
    if name == "lexicon":
        return LexiconModel()
    from adapters.sentiment.text_blob import TextBlobModel  # it imports NLTK, which takes seconds

    return TextBlobModel()
