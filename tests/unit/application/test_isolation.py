import errno
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.isolation import Failure, is_of_the_surroundings, isolate
from application.ports.event_log import LogUnavailable
from application.ports.store import StoreRefused, StoreUnavailable


@given(st.sets(st.integers(0, 299)), st.integers(1, 300))
def test_exactly_the_bad_records_fail_the_others_keep_their_order_and_the_work_is_bounded(
    bad: set[int], count: int
) -> None:
    done: list[int] = []
    attempts = 0

    def attempt(part: list[int] | range) -> None:
        nonlocal attempts
        attempts += 1
        if bad.intersection(part):
            raise ArithmeticError(f"of {min(bad)}")
        done.extend(part)

    failed = isolate(range(count), attempt)  # type: ignore[arg-type]
    bad_here = sorted(number for number in bad if number < count)
    assert [one.record for one in failed] == bad_here
    assert done == [number for number in range(count) if number not in bad]
    assert attempts <= 1 + 8 * len(bad_here) * (math.ceil(math.log(count, 8)) + 1)


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailable("away"),
        LogUnavailable("away"),
        OSError(errno.ENOSPC, "full"),
        ConnectionError("reset"),
        MemoryError(),
    ],
)
def test_a_failure_of_the_surroundings_is_nobodys_fault(error: Exception) -> None:
    def attempt(_: object) -> None:
        raise error

    with pytest.raises(type(error)):
        isolate([1, 2], attempt)


@pytest.mark.parametrize(
    "error",
    [StoreRefused("too large"), OverflowError("date value out of range"), OSError(errno.EOVERFLOW, "too large"),
     RecursionError(), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), KeyError("x")],
)  # fmt: skip
def test_whatever_else_is_the_records(error: Exception) -> None:
    assert not is_of_the_surroundings(error)


def test_the_reason_can_be_stored_whatever_the_exception_says() -> None:
    failure = Failure.of(ValueError("one\ntwo \x00 \ud800 " + "x" * 5000))
    assert failure.reason.startswith("ValueError: one two \ufffd \\ud800 x")
    assert len(failure.reason) == 1000
    failure.reason.encode()


def test_the_location_is_the_line_of_our_code_that_the_first_cause_was_raised_from() -> None:
    from domain.market.candle import Interval

    try:
        try:
            Interval.M1.start_of(None)  # type: ignore[arg-type]
        except AttributeError as cause:
            raise StoreRefused("it does not fit") from cause
    except StoreRefused as error:
        found = Failure.of(error)
    assert found.location.startswith("domain/market/candle.py:")
    assert found.location.endswith(" in start_of")
