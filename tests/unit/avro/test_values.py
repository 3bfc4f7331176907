"""Decimals and times: never rounded, never cut."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Unencodable
from adapters.avro.values import decimal_bytes, decimal_of, micros, time_of
from adapters.memory.schema_ids import MemorySchemaIds
from domain.alerting.alert import AlertRaised
from domain.event import Event
from domain.news.article import ArticlePublished
from domain.values import Origin
from tests import strategies
from tests.facts import BTC, NOON, trade


@given(strategies.signed)
def test_a_decimal_comes_back_as_it_was(value: Decimal) -> None:
    assert decimal_of(decimal_bytes(value)) == value


@given(strategies.signed)
def test_decimal_bytes_are_the_unscaled_value(value: Decimal) -> None:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    unscaled = int("".join(map(str, digits))) * 10 ** (18 + exponent) * (-1 if sign else 1)
    assert int.from_bytes(decimal_bytes(value), "big", signed=True) == unscaled


@pytest.mark.parametrize(
    "value",
    ["0.0000000000000000001", "1.0000000000000000001", "1E+20", "-1E+20", "1E+999999", "1E-999999", "NaN", "Infinity"],
)
def test_a_decimal_that_does_not_fit_is_refused_not_rounded(value: str) -> None:
    with pytest.raises((ArithmeticError, ValueError)):
        decimal_bytes(Decimal(value))


@given(strategies.times)
def test_a_time_comes_back_as_it_was(value: datetime) -> None:
    assert time_of(micros(value)) == value


@pytest.mark.parametrize("value", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_calendar_has_two_ends(value: datetime) -> None:
    assert time_of(micros(value)) == value


def alert(**changes: Any) -> AlertRaised:
    """An alert with values that its constructor would refuse."""
    fields: dict[str, Any] = {
        "alert_id": "a", "sequence": 1, "rule_id": "r", "pair": BTC, "kind": "price-move", "pct_change": Decimal("1.5"),
        "price": Decimal(2), "reference_price": Decimal(1), "window_s": 300, "occurred_at": NOON, "recorded_at": NOON,
        "origin": Origin.LIVE,
    }  # fmt: skip
    made = AlertRaised(**fields)
    for name, value in changes.items():
        object.__setattr__(made, name, value)
    return made


def article(**changes: Any) -> ArticlePublished:
    fields: dict[str, Any] = {
        "source": "CoinDesk", "guid": "1", "url": "", "title": "t", "summary": "", "content": "", "authors": (), "tags": (),
        "published_at": None, "scraped_at": NOON, "extracted_by": "feed-summary", "occurred_at": NOON, "recorded_at": NOON,
        "origin": Origin.LIVE,
    }  # fmt: skip
    return ArticlePublished(**fields | changes)


class _Unheard(Event):
    name = "unheard"


@pytest.mark.parametrize(
    "event",
    [
        alert(price=Decimal("0.0000000000000000001")),  # fastavro alone would round this to 0
        alert(pct_change=Decimal("1E+20")),
        alert(window_s=2**63),
        alert(window_s=None),
        replace(trade(), occurred_at=NOON.replace(tzinfo=None)),
        article(title="\ud800"),  # half a character
        _Unheard(occurred_at=NOON, recorded_at=NOON, origin=Origin.LIVE),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_that_does_not_fit_its_schema_is_a_clear_error(event: Event) -> None:
    with pytest.raises(Unencodable):
        AvroCodec(MemorySchemaIds()).encode(event)
