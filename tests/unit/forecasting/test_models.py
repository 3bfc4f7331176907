"""What must hold of every model, whatever the prices."""

import json
import math
import random
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.forecasting.conformal import ENOUGH
from adapters.forecasting.models import REFERENCES, SERVED
from application.analytics.prices import Bracket, bracket
from application.ports.forecaster import NAIVE, Forecaster, NoOutlook, Outlook
from domain.values import positive
from tests import strategies

MODELS = {**SERVED, **REFERENCES}
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
Make = Callable[[], Forecaster]


def fed(forecaster: Forecaster, prices: Sequence[float]) -> list[Outlook | NoOutlook]:
    return [forecaster.step(price) for price in prices]


def wander(steps: int, *, seed: int = 1, volatility: float = 0.01, pull: float = 0.0) -> list[float]:
    """Log returns of a normal distribution; each takes back `pull` of the one before it."""
    chance, log_price, last = random.Random(seed), 10.0, 0.0
    prices = []
    for _ in range(steps):
        last = chance.gauss(0, volatility) - pull * last
        log_price += last
        prices.append(math.exp(log_price))
    return prices


def assert_sound(outlook: Outlook | NoOutlook, last: Decimal) -> None:
    if isinstance(outlook, NoOutlook):
        assert outlook.reason
        return
    assert all(map(math.isfinite, (outlook.lower, outlook.price, outlook.upper)))
    assert 0 < outlook.lower < outlook.price < outlook.upper
    prices = bracket(outlook, last)
    if isinstance(prices, Bracket):
        assert prices.lower < prices.price < prices.upper
        for price in (prices.lower, prices.price, prices.upper):
            positive(price, "price")  # and within decimal(38,18)
    else:
        assert "too small" in prices.reason or "too large" in prices.reason


prices = strategies.prices | st.integers(99_000, 101_000).map(lambda thousandths: Decimal(thousandths) / 1000)


@every_model
@given(path=st.lists(st.tuples(prices, st.integers(1, 40), st.booleans()), max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_prices_make_a_model_unsound(make: Make, path: list[tuple[Decimal, int, bool]]) -> None:
    forecaster = make()
    for price, times, hole in path:
        if hole:
            forecaster.forget_last()
        for _ in range(times):
            assert_sound(forecaster.step(float(price)), price)
    json.dumps(forecaster.snapshot(), allow_nan=False)


@every_model
@given(seed=st.integers(0, 1000), cut=st.integers(0, 700), hole=st.booleans())
@settings(max_examples=15, deadline=None)
def test_a_restored_model_goes_on_as_if_nothing_had_happened(make: Make, seed: int, cut: int, hole: bool) -> None:
    path = wander(720, seed=seed)
    one, other = make(), make()
    fed(one, path[:cut])
    if hole:
        one.forget_last()
    other.restore(json.loads(json.dumps(one.snapshot())))
    assert fed(one, path[cut:]) == fed(other, path[cut:])


@every_model
def test_too_few_bars_give_a_reason_that_counts_them(make: Make) -> None:
    outlooks = fed(make(), wander(ENOUGH + 3))
    assert [isinstance(outlook, NoOutlook) for outlook in outlooks] == [True] * (ENOUGH + 1) + [False] * 2
    assert outlooks[7] == NoOutlook(f"too few bars yet: 6 of {ENOUGH} that an interval needs")


@every_model
def test_a_price_that_never_moved_gives_a_reason(make: Make) -> None:
    assert fed(make(), [97_000.0] * 60)[-1] == NoOutlook("the price has not moved yet since the first bar known")


@every_model
def test_after_one_price_for_an_hour_the_interval_still_has_a_width(make: Make) -> None:
    path = wander(200)
    for outlook in fed(make(), path + path[-1:] * 2000)[200:]:
        assert_sound(outlook, Decimal(repr(path[-1])).quantize(Decimal("1e-10")))
        assert isinstance(outlook, Outlook)
        assert outlook.upper / outlook.lower >= 1 + 1.9e-5


@every_model
@pytest.mark.parametrize("jump", [0.1, 1.9])
def test_a_jump_of_90_percent_widens_the_interval_and_is_forgotten(make: Make, jump: float) -> None:
    path = wander(300)
    after = [price * jump for price in wander(300, seed=2)]
    outlooks = fed(make(), path + after)
    widths = [math.log(one.upper / one.lower) for one in outlooks[60:] if isinstance(one, Outlook)]
    before, at_once, later = widths[230], widths[241], widths[-1]
    assert at_once > 3 * before
    assert later < 2 * before
    assert isinstance(outlooks[300], Outlook)
    assert abs(math.log(outlooks[300].price / after[0])) < 1.5


def test_naive_is_the_last_price() -> None:
    for price, outlook in zip(path := wander(50), fed(SERVED[NAIVE](), path), strict=True):
        assert isinstance(outlook, NoOutlook) or outlook.price == price


def test_the_mix_finds_a_pull_back_where_there_is_one() -> None:
    path = wander(3000, pull=0.4)
    mix, naive = (fed(SERVED[name](), path)[:-1] for name in ("mix", NAIVE))

    def error(outlooks: list[Outlook | NoOutlook]) -> float:
        pairs = list(zip(outlooks, path[1:], strict=True))[500:]
        return sum(abs(actual - outlook.price) / actual for outlook, actual in pairs if isinstance(outlook, Outlook))

    assert error(mix) < 0.95 * error(naive)


def test_the_mix_hardly_loses_where_there_is_nothing_to_find() -> None:
    path = wander(3000)
    outlooks = fed(SERVED["mix"](), path)[:-1]
    pairs = [(o, last, now) for o, last, now in zip(outlooks, path, path[1:], strict=False) if isinstance(o, Outlook)]
    ratio = sum(abs(now - o.price) / now for o, _, now in pairs) / sum(abs(now - last) / now for _, last, now in pairs)
    assert ratio < 1.005


@every_model
def test_nine_in_ten_prices_lie_in_their_intervals_whatever_the_volatility_does(make: Make) -> None:
    chance = random.Random(7)
    path, log_price = [], 0.0
    for number in range(6000):
        calm_or_wild = 0.001 if number // 700 % 2 else 0.02
        log_price += chance.gauss(0, calm_or_wild) * (4 if chance.random() < 0.02 else 1)
        path.append(math.exp(log_price))
    pairs = [(o, now) for o, now in zip(fed(make(), path), path[1:], strict=False) if isinstance(o, Outlook)]
    inside = [outlook.lower <= now <= outlook.upper for outlook, now in pairs]
    assert 0.885 < sum(inside) / len(inside) < 0.915
    assert min(sum(inside[start : start + 500]) for start in range(0, len(inside) - 500, 20)) >= 0.85 * 500


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("97412.6", ("97412.6", "97400.123", "97500.124")),
        ("0.0001", ("0.0001", "0.0000999", "0.0001001")),
    ],
)
def test_prices_are_rounded_sensibly_and_bounds_outwards(last: str, expected: tuple[str, str, str]) -> None:
    bounds = {"97412.6": (97400.1234567, 97500.1234567), "0.0001": (0.0000999, 0.0001001)}[last]
    found = bracket(Outlook(float(last), *bounds), Decimal(last))
    assert isinstance(found, Bracket)
    assert found.price == Decimal(expected[0])
    assert abs(found.lower - Decimal(expected[1])) <= Decimal("1e-3") * Decimal(last)
    assert found.lower <= Decimal(bounds[0])
    assert found.upper >= Decimal(bounds[1])
    assert len(found.upper.normalize().as_tuple().digits) <= 9


@pytest.mark.parametrize(
    ("last", "reason"), [("0.000000000000000001", "too small"), ("99999999999999999999", "too large")]
)
def test_prices_that_nothing_fits_around_give_a_reason(last: str, reason: str) -> None:
    price = float(last)
    found = bracket(Outlook(price, price / 1.01, price * 1.01), Decimal(last))
    assert isinstance(found, NoOutlook)
    assert reason in found.reason


def test_zeros_that_a_database_adds_change_no_price() -> None:
    outlook = Outlook(100.0414323159, 99.9908063771, 100.0920838868)
    assert bracket(outlook, Decimal("100.120000000000000000")) == bracket(outlook, Decimal("100.12"))
