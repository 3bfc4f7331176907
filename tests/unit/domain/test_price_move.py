from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.alerting.detector import Sighting
from domain.alerting.price_move import PriceMoveDetector
from domain.values import percent_change
from tests.builders import trade

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def observe(detector: PriceMoveDetector, at: float, price: Decimal) -> Sighting | None:
    made = trade(occurred_at=NOON + timedelta(seconds=at), price=price)
    return detector.observe(made, timely=True, price=None)


def moves(*observed: tuple[float, str], threshold: str = "1", window_s: int = 300) -> list[Sighting | None]:
    detector = PriceMoveDetector(Decimal(threshold), timedelta(seconds=window_s))
    return [observe(detector, at, Decimal(price)) for at, price in observed]


def said(move: Sighting | None) -> tuple[Decimal, Decimal, Decimal] | None:
    return (move.pct_change, move.price, move.reference_price) if move else None


def test_more_than_the_threshold_within_the_window() -> None:
    assert moves((0, "100"), (10, "101"))[-1] is None, "exactly 1 % is not more than 1 %"
    assert said(moves((0, "100"), (10, "101.01"))[-1]) == (Decimal("1.01"), Decimal("101.01"), 100)
    assert said(moves((0, "100"), (10, "98.99"))[-1]) == (Decimal("-1.01"), Decimal("98.99"), 100)
    assert moves((0, "100"), (301, "102"))[-1] is None, "the reference has left the window"


def test_a_move_is_reported_once_however_long_it_lasts() -> None:
    step = [(0, "100"), *((10 + n, "102") for n in range(400))]
    assert [said(move) for move in moves(*step) if move] == [(2, 102, 100)]
    slide = [(n * 10, str(1000 - n)) for n in range(400)]  # 3 % within each window, for more than an hour
    assert len([move for move in moves(*slide) if move]) == 1


def test_prices_around_the_threshold_make_no_storm() -> None:
    around = [(0, "100"), *((n, "101.1" if n % 2 else "100.9") for n in range(1, 200))]
    assert len([move for move in moves(*around) if move]) == 1


def test_the_next_move_is_reported_after_the_first_is_over() -> None:
    observed = moves((0, "100"), (10, "102"), (200, "102"), (320, "102"), (330, "104.1"))
    assert [move is not None for move in observed] == [False, True, False, False, True]


def test_a_turn_is_a_move_of_its_own() -> None:
    rise, fall = moves((0, "100"), (10, "102"), (20, "100.5"))[1:]
    assert rise and fall and rise.pct_change > 0 > fall.pct_change


def test_a_trade_older_than_the_window_is_ignored() -> None:
    assert moves((400, "100"), (0, "50"), (401, "100.5")) == [None, None, None]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(900, 1100)), min_size=1, max_size=60))
def test_what_is_reported_is_true_of_the_window(steps: list[tuple[int, int]]) -> None:
    detector = PriceMoveDetector(Decimal(2), timedelta(seconds=100))
    at, seen = 0, []
    for pause, price in steps:
        at += pause
        seen.append((at, Decimal(price)))
        move = observe(detector, at, Decimal(price))
        window = [one for when, one in seen if when >= at - 100]
        if move:
            assert move.reference_price in {min(window), max(window)}
            assert move.pct_change == percent_change(move.reference_price, Decimal(price))
            assert abs(move.pct_change) > 2
