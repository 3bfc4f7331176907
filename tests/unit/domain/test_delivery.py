from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerting.delivery import GIVE_UP_AFTER, TOO_OLD, Delivery, DeliveryState, new_delivery
from domain.errors import NotAllowed
from tests.builders import T0, at


def test_a_delivery_is_due_at_once_and_one_of_an_old_alert_is_skipped_with_a_reason() -> None:
    fresh = new_delivery("a", "c", occurred_at=T0, now=T0 + TOO_OLD)
    assert (fresh.state, fresh.next_try_at, fresh.attempts) == (DeliveryState.PENDING, T0 + TOO_OLD, 0)
    old = new_delivery("a", "c", occurred_at=T0, now=T0 + TOO_OLD + timedelta(seconds=1))
    assert (old.state, old.next_try_at) == (DeliveryState.SKIPPED, None)
    assert "more than an hour old" in (old.last_error or "")


def attempts(rest_s: float = 0) -> list[float]:
    """When each attempt begins that goes wrong at once, in seconds."""
    delivery = new_delivery("a", "c", occurred_at=T0, now=T0)
    begun: list[float] = []
    while delivery.next_try_at:
        now = delivery.next_try_at
        begun.append((now - T0).total_seconds())
        delivery = Delivery(
            alert_id="a", channel_id="c", state=delivery.state, attempts=delivery.attempts + 1, created_at=T0
        ).refused("no", now=now, rest_s=rest_s)
    assert delivery.state is DeliveryState.FAILED
    assert delivery.last_error == "no"
    return begun


def test_waits_grow_and_end_after_a_day() -> None:
    assert attempts()[:6] == [0, 1, 6, 36, 336, 2136]
    assert len(attempts()) == 11
    assert 82_800 < attempts()[-1] <= GIVE_UP_AFTER.total_seconds()


@given(rest_s=st.floats(0, 90_000))
def test_a_receiver_that_asks_for_rest_gets_it_and_the_end_is_the_same(rest_s: float) -> None:
    begun = attempts(rest_s)
    assert all(later - earlier >= min(rest_s, 86_400) - 1e-3 for earlier, later in pairwise(begun))
    assert begun[-1] <= GIVE_UP_AFTER.total_seconds()


def test_what_failed_is_tried_again_when_asked_and_what_was_sent_is_not() -> None:
    failed = new_delivery("a", "c", occurred_at=T0, now=T0).failed("no")
    assert failed.again(now=at(9)).next_try_at == at(9)
    assert failed.again(now=at(9)).state is DeliveryState.PENDING
    sent = new_delivery("a", "c", occurred_at=T0, now=T0).sent(now=at(1))
    assert (sent.state, sent.sent_at, sent.next_try_at) == (DeliveryState.SENT, at(1), None)
    with pytest.raises(NotAllowed, match="twice"):
        sent.again(now=at(9))
