"""What holds for every model, and how title and text become one score."""

import math
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sentiment.models import NAMES, sentiment_model
from adapters.sentiment.reading import read_article
from application.ports.sentiment_model import SentimentModel, Verdict
from benchmarks.sentiment import accuracy, macro_f1, read_headlines
from domain.analytics.sentiment import LABELS
from tests.real_data import path, real_data

HEADLINES = "news/sentiment/cryptolin_dev.csv"
MODELS = {name: sentiment_model(name) for name in NAMES}
models = pytest.mark.parametrize("model", MODELS.values(), ids=NAMES)
texts = st.text(st.characters(), max_size=200) | st.sampled_from(["Bitcoin soars!", "A scam. A good one. Bad!", "😁"])


@models
@given(title=texts, text=texts)
@settings(deadline=None)
def test_any_text_gets_a_score_and_a_label(model: SentimentModel, title: str, text: str) -> None:
    verdict = model.score(title, text)
    assert -1 <= verdict.score <= 1
    assert verdict.score == verdict.score.quantize(Decimal("0.0001"))
    assert verdict.label in LABELS
    assert model.score(title, text) == verdict


@models
@pytest.mark.parametrize(("title", "text"), [("", ""), (" \n", "\t"), ("", " "), ("…", "—"), ("\x00", "\ud800")])
def test_what_says_nothing_is_neutral(model: SentimentModel, title: str, text: str) -> None:
    assert model.score(title, text) == Verdict(Decimal(0), "neutral")
    assert str(model.score(title, text).score) == "0.0000"


@models
@pytest.mark.parametrize("piece", ["x", "but good ", "😁", "not bad! ", ". ", "?!", "\u0301", "rug pull "])
def test_a_megabyte_takes_no_longer_than_a_page(model: SentimentModel, piece: str) -> None:
    huge = piece * (1_000_000 // len(piece))
    started = time.process_time()
    verdict = model.score(huge, huge)
    assert time.process_time() - started < 2
    assert math.isfinite(verdict.score)


@models
def test_versions_name_rules_and_data(model: SentimentModel) -> None:
    assert model.identity.version.startswith("1-")
    assert model.identity.model in NAMES


def test_textblob_hears_adjectives_alone() -> None:
    model = MODELS["textblob"]
    assert model.score("A wonderful day", "").label == "positive"
    assert model.score("A terrible day", "").label == "negative"
    assert model.score("Bitcoin crashes", "").label == "neutral"


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("+", "", "1"),
        ("", "+", "1"),
        ("+", "-", "0.3333"),
        ("-", "+ + ok. +", "-0.3333"),
        ("0", "+. 0! 0? - . -", "0.1111"),  # three sentences
        ("0", "+", "0.3333"),
    ],
)
def test_the_title_counts_twice_as_much_as_the_first_three_sentences(title: str, text: str, expected: str) -> None:
    def by_sign(sentence: str) -> float:
        return {"+": 1.0, "-": -1.0}.get(sentence[0], 0.0)

    verdict = read_article(title, text, by_sign, Decimal("0.1"))
    assert verdict.score == Decimal(expected)


@pytest.mark.parametrize(
    ("score", "label"),
    [(0.1, "neutral"), (-0.1, "neutral"), (0.1001, "positive"), (-0.1001, "negative"), (-0.00001, "neutral")],
)
def test_the_neutral_band_holds_its_ends(score: float, label: str) -> None:
    verdict = read_article("title", "", lambda _: score, Decimal("0.1"))
    assert verdict.label == label
    assert not verdict.score.is_signed() or verdict.score


def test_macro_f1_weighs_classes_alike() -> None:
    assert macro_f1(["a", "a", "b"], ["a", "a", "b"], ("a", "b")) == 1
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"], ("a", "b")) == pytest.approx(0.4)
    assert accuracy(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx(2 / 3)


@real_data(HEADLINES)
def test_the_default_meets_its_target_on_headlines_that_people_labelled() -> None:
    headlines, labels = read_headlines(path(HEADLINES))
    found = [MODELS["lexicon"].score(headline, "").label for headline in headlines]
    assert len(headlines) == 1_877
    assert macro_f1(labels, found, LABELS) >= 0.54
    half = len(labels) // 2
    for part in (slice(half), slice(half, None)):
        assert macro_f1(labels[part], found[part], LABELS) >= 0.5
