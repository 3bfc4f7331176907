"""`maker` makes what the class itself makes: equal, of the same type, checked and frozen."""

import pickle
from dataclasses import FrozenInstanceError, fields
from decimal import Decimal
from typing import Any

import pytest

from domain.construction import maker
from domain.errors import InvalidValue
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from tests.builders import ticker, trade


def facts_of(event: Any) -> dict[str, Any]:
    return {field.name: getattr(event, field.name) for field in fields(event)}


@pytest.mark.parametrize("event", [trade(7), ticker(), ticker(frame_hash="ab")])
def test_it_makes_the_same(event: TradeExecuted | TickerUpdated) -> None:
    made = maker(type(event))(**facts_of(event))
    assert made == event
    assert type(made) is type(event)
    assert hash(made) == hash(event)
    assert repr(made) == repr(event)
    assert pickle.loads(pickle.dumps(made)) == event
    anything: Any = made
    with pytest.raises(FrozenInstanceError):
        anything.venue = "another"
    with pytest.raises((AttributeError, TypeError)):
        anything.something_else = 1


def test_defaults_are_the_classs_own() -> None:
    facts = facts_of(ticker())
    del facts["frame_hash"]
    assert maker(TickerUpdated)(**facts) == ticker()


def test_it_checks_and_asks_for_the_same() -> None:
    with pytest.raises(InvalidValue, match="price is -1"):
        maker(TradeExecuted)(**facts_of(trade()) | {"price": Decimal(-1)})
    with pytest.raises(TypeError):
        maker(TradeExecuted)(venue="kraken")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        maker(TradeExecuted)(**facts_of(trade()), colour="red")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "field", ["last", "bid", "bid_qty", "ask", "ask_qty", "volume_24h", "vwap_24h", "low_24h", "high_24h"]
)
@pytest.mark.parametrize("wrong", ["-1", "NaN", "sNaN", "Infinity", "1E-19", "1E+20"])
def test_a_ticker_names_the_field_that_cannot_be(field: str, wrong: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        ticker(**{field: Decimal(wrong)})
    assert caught.value.field == field


def test_only_the_last_price_must_be_above_zero() -> None:
    assert ticker(bid=Decimal(0), volume_24h=Decimal("-0.0")).bid == 0
    with pytest.raises(InvalidValue, match="last is 0"):
        ticker(last=Decimal(0))
