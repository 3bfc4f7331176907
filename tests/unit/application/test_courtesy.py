import threading
import time

import pytest

from application import courtesy
from application.courtesy import Courtesy


class Time:
    """Stands still, but for whoever waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Stop(threading.Event):
    """Waiting for it takes no time of ours."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self.time = time
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited.append(timeout)
        self.time.now += timeout
        return False


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(courtesy, "time", clock)
    return clock


def test_nobody_is_waited_for_when_no_page_was_opened(clock: Time) -> None:
    stop = Stop(clock)
    Courtesy().give_way(stop)
    assert stop.waited == []


def test_a_page_that_is_being_opened_goes_first_and_once(clock: Time) -> None:
    opened, stop = Courtesy(), Stop(clock)
    opened.page_opened()
    clock.now += 0.5
    opened.give_way(stop)
    opened.give_way(stop)
    assert stop.waited == [1.5]
    clock.now += 10
    opened.page_opened()
    opened.give_way(stop)
    assert stop.waited == [1.5, 2.0]


def test_pages_opened_without_end_take_half_of_the_time(clock: Time) -> None:
    opened, stop = Courtesy(), Stop(clock)
    began = clock.now
    for _ in range(1000):
        opened.page_opened()
        opened.give_way(stop)
        clock.now += 0.1  # the piece of work
    assert sum(stop.waited) == pytest.approx((clock.now - began) / 2, rel=0.05)


def test_who_is_to_stop_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "_OPENING_S", 60.0)
    opened, stop = Courtesy(), threading.Event()
    opened.page_opened()
    stop.set()
    began = time.monotonic()
    opened.give_way(stop)
    assert time.monotonic() - began < 60
