from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.sentiment import LABELS, label_of, rounded, tag_sentiment
from domain.market.candle import Interval
from domain.values import Origin
from tests.builders import SCORER, T0, article, at, sentiment

scores = st.decimals(-1, 1, places=4)


@given(
    st.lists(st.tuples(scores, st.sampled_from(LABELS), st.sampled_from(Origin)), min_size=1, max_size=20), st.data()
)
def test_a_sum_does_not_depend_on_the_order_and_counts_every_article(
    given_scores: list[tuple[Decimal, str, Origin]], data: st.DataObject
) -> None:
    scored = [
        sentiment(article(str(number)), score=score, label=label, origin=origin, recorded_at=at(number))
        for number, (score, label, origin) in enumerate(given_scores)
    ]
    summed = tag_sentiment("BTC", Interval.H1, T0, scored)
    assert tag_sentiment("BTC", Interval.H1, T0, data.draw(st.permutations(scored))) == summed
    assert summed.positive + summed.neutral + summed.negative == summed.articles == len(scored)
    assert min(one.score for one in scored) <= summed.score <= max(one.score for one in scored)
    assert summed.recorded_at == scored[-1].recorded_at
    assert (summed.model, summed.model_version) == (SCORER.model, SCORER.version)


def test_what_is_partly_live_is_live() -> None:
    scored = [sentiment(article(origin), origin=Origin(origin)) for origin in ("snapshot", "live", "backfill")]
    assert tag_sentiment("BTC", Interval.H1, T0, scored).origin is Origin.LIVE


def test_the_mean_is_rounded_to_four_places() -> None:
    scored = [sentiment(article(str(number)), score=Decimal(number)) for number in (0, 0, 1)]
    assert tag_sentiment("BTC", Interval.H1, T0, scored).score == Decimal("0.3333")


@pytest.mark.parametrize(
    ("score", "label"), [("0.05", "neutral"), ("-0.05", "neutral"), ("0.0501", "positive"), ("-0.0501", "negative")]
)
def test_the_band_is_neutral_with_its_ends(score: str, label: str) -> None:
    assert label_of(Decimal(score), Decimal("0.05")) == label


def test_there_is_no_negative_zero() -> None:
    assert str(rounded(Decimal("-0.00001"))) == "0.0000"
    assert rounded(Decimal("0.00005")) == 0
    assert rounded(Decimal("0.00015")) == Decimal("0.0002")
