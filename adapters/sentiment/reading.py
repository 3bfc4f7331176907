"""What of an article is scored, and how the scores of its parts become one."""

import re
from collections.abc import Callable
from decimal import Decimal

from application.ports.sentiment_model import Verdict
from domain.analytics.sentiment import label_of, rounded

# Characters: no headline is longer, and a hostile one may have megabytes.
_TITLE_AT_MOST = 500
_LEAD_AT_MOST = 1_000
_SENTENCES = 3
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_TITLE_WEIGHT = 2


def read_article(title: str, text: str, score: Callable[[str], float], band: Decimal) -> Verdict:
    """Score an article by its title and the first sentences of its text.

    News is written from the top down: the title says what has happened, the first three sentences say it again in
    full, what follows is background, often on quite other events. So the title counts twice as much as the mean of the
    three sentences. Where one of the two is empty, the other stands alone; where both are, the article is neutral.
    `score` gives -1 to 1 for a sentence.
    """
    title = title[:_TITLE_AT_MOST].strip()
    lead = [sentence for sentence in _SENTENCE_END.split(text[:_LEAD_AT_MOST].strip(), _SENTENCES) if sentence]
    parts: list[tuple[float, float]] = []  # score and weight
    if title:
        parts.append((score(title), _TITLE_WEIGHT))
    if lead:
        scores = [score(sentence) for sentence in lead[:_SENTENCES]]
        parts.append((sum(scores) / len(scores), 1))
    weight = sum(weight for _, weight in parts)
    mean = sum(value * weight for value, weight in parts) / weight if weight else 0.0
    rounded_mean = rounded(Decimal(mean))
    return Verdict(rounded_mean, label_of(rounded_mean, band))
