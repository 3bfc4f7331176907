from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.admission import refusal
from tests.builders import T0, article, trade

NOW = T0


@pytest.mark.parametrize("field", ["occurred_at", "recorded_at"])
@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), "1970-01-01T00:00:00Z: expected a time since 2009-01-03"),
        (datetime(2009, 1, 2, 23, 59, 59, 999999, tzinfo=UTC), "expected a time since 2009-01-03"),
        (NOW + timedelta(days=1), "more than 5 minutes ahead of"),
        (NOW + timedelta(minutes=5, microseconds=1), "more than 5 minutes ahead of"),
    ],
)
def test_times_that_cannot_be_are_refused(field: str, at: datetime, reason: str) -> None:
    event = replace(trade(), occurred_at=NOW, recorded_at=NOW)
    said = refusal(replace(event, **{field: at}), NOW)  # type: ignore[arg-type]
    assert said is not None and said.startswith(f"{field} is ") and reason in said


@pytest.mark.parametrize("at", [datetime(2009, 1, 3, tzinfo=UTC), NOW, NOW + timedelta(minutes=5)])
def test_the_others_are_not(at: datetime) -> None:
    assert refusal(replace(trade(), occurred_at=at, recorded_at=at), NOW) is None


def test_an_articles_guid_may_be_long_but_its_tags_may_not() -> None:
    assert refusal(article(guid="g" * 10_000), NOW) is None
    assert "3000 bytes" in str(refusal(article(tags=("t" * 3_000,)), NOW))
