"""The default model: VADER (Hutto and Gilbert, 2014) with a lexicon of finance and crypto news beside its own.

VADER sums up the valences of a sentence's words under rules for negation, degree ("very", "slightly"), "but", capitals
and exclamation marks, and maps the sum to -1..1. Its rules are used as they are; its lexicon, made for social media,
does not know what this field's words mean: that an "all-time high" is good, and "security" or "share" no feeling.
"""

import hashlib
import re
import string
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from adapters.sentiment.reading import read_article
from adapters.sentiment.vader import Vader
from application.ports.sentiment_model import ModelVersion, Verdict

LEXICON = Path(__file__).with_name("crypto_lexicon.txt")
_RULES = 1  # to be counted up when anything but the lexicons changes what an article scores
# What a lone word of valence 0.4 (of 4) scores. VADER's authors suggest .05; macro-F1 is nearly the same from there to .3.
_BAND = Decimal("0.1")
_ENTRY = re.compile(r"[a-z0-9]+( [a-z0-9]+)*")
_TYPOGRAPHY = str.maketrans("‘’“”–—…\u2011", "''\"\"  .-")
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")


class LexiconModel:
    """See application.ports.sentiment_model.SentimentModel. Its version follows from both lexicons' contents."""

    def __init__(self) -> None:
        own = LEXICON.read_text(encoding="utf-8")
        self._vader = Vader()
        digest = hashlib.sha256((self._vader.lexicon_full_filepath + own).encode()).hexdigest()
        self._identity = ModelVersion("lexicon", f"{_RULES}-{digest[:8]}")
        entries = read_lexicon(own)
        for words, valence in entries.items():
            token = words.replace(" ", "_")
            if valence:
                self._vader.lexicon[token] = valence
            else:
                self._vader.lexicon.pop(token, None)  # as 0 it would count as negative where it stands in capitals
        self._phrases = _by_first_word(entries)
        self._firsts = frozenset(self._phrases)

    @property
    def identity(self) -> ModelVersion:
        """`lexicon`, and its version."""
        return self._identity

    def score(self, title: str, text: str) -> Verdict:
        """How an article sounds; see `read_article`."""
        return read_article(title, text, self._compound, _BAND)

    def _compound(self, sentence: str) -> float:
        return self._vader.compound(self._with_phrases(sentence))

    def _with_phrases(self, sentence: str) -> str:
        """The sentence with each phrase of the lexicon as one word (`all_time_high`): VADER looks up words alone."""
        if not sentence.isascii():
            sentence = sentence.translate(_TYPOGRAPHY)  # VADER knows ASCII's punctuation alone
        sentence = _HYPHEN.sub(" ", sentence)
        words = sentence.split()
        bare = [word.strip(string.punctuation).lower() for word in words]
        if self._firsts.isdisjoint(bare):
            return sentence
        joined: list[str] = []
        at = 0
        while at < len(words):
            length = 1
            for phrase in self._phrases.get(bare[at], ()):
                if bare[at : at + len(phrase)] == phrase:
                    length = len(phrase)
                    break
            end = at + length
            joined.append("_".join([*(word.strip(string.punctuation) for word in words[at : end - 1]), words[end - 1]]))
            at = end
        return " ".join(joined)


def read_lexicon(text: str) -> dict[str, float]:
    """Valences by word or phrase. Raises ValueError, naming the line, for one that is malformed or says a word again."""
    entries: dict[str, float] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        valence, _, listed = line.partition("\t")
        for words in listed.split(", "):
            if not _ENTRY.fullmatch(words) or words in entries or not -4 <= float(valence) <= 4:
                raise ValueError(
                    f"line {number} of the lexicon: '{words}' stands twice, or is not 'VALENCE<tab>WORDS, …'"
                )
            entries[words] = float(valence)
    return entries


def _by_first_word(entries: Mapping[str, float]) -> dict[str, list[list[str]]]:
    """The phrases' words by the first of them, the longest phrase first."""
    phrases: dict[str, list[list[str]]] = {}
    for words in sorted((entry.split() for entry in entries), key=len, reverse=True):
        if len(words) > 1:
            phrases.setdefault(words[0], []).append(words)
    return phrases
