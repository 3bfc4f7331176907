"""VADER's own rules, in less time: headlines are many, and most of their words have no valence."""

from collections.abc import Sequence

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SentimentIntensityAnalyzer,
    SentiText,
)

_MAY_NEGATE = frozenset(NEGATE) | {"so", "this"}  # "never so" strengthens


class Vader(SentimentIntensityAnalyzer):  # type: ignore[misc]  # untyped
    """Gives what VADER gives, to the last digit (a test compares them), without looking where nothing can be."""

    def __init__(self) -> None:
        super().__init__()
        self._emoji = frozenset(self.emojis)

    def compound(self, text: str) -> float:
        """What `polarity_scores` calls `compound`: -1 to 1, to four places."""
        compound: float
        if not self._emoji.isdisjoint(text):
            compound = self.polarity_scores(text)["compound"]
            return compound
        read = SentiText(text)
        words = [word.lower() for word in read.words_and_emoticons]
        if self.lexicon.keys().isdisjoint(words):
            return 0.0
        valences: list[float] = []
        for at, word in enumerate(words):
            if word not in self.lexicon or word in BOOSTER_DICT or words[at : at + 2] == ["kind", "of"]:
                valences.append(0.0)
            else:
                self.sentiment_valence(0, read, read.words_and_emoticons[at], at, valences)
        if "but" in words:
            valences = self._but_check(read.words_and_emoticons, valences)
        compound = self.score_valence(valences, text)["compound"]
        return compound

    @staticmethod
    def _negation_check(valence: float, words: Sequence[str], distance: int, at: int) -> float:
        before = [word.lower() for word in words[max(at - 3, 0) : at]]
        if _MAY_NEGATE.isdisjoint(before) and not any("n't" in word for word in before):
            return valence
        checked: float = SentimentIntensityAnalyzer._negation_check(valence, words, distance, at)
        return checked
