import threading
import time

import pytest

from application import courtesy
from application.courtesy import Courtesy

SOON_S = 0.2


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Courtesy:
    monkeypatch.setattr(courtesy, "_OPENING_S", SOON_S)
    opened = Courtesy()
    opened.page_opened()
    return opened


def waited(courtesy: Courtesy, stop: threading.Event) -> float:
    began = time.monotonic()
    courtesy.give_way(stop)
    return time.monotonic() - began


def test_nobody_is_waited_for_when_no_page_was_opened() -> None:
    assert waited(Courtesy(), threading.Event()) < SOON_S


def test_a_page_that_is_being_opened_goes_first_and_once(opened: Courtesy) -> None:
    began = time.monotonic()
    opened.give_way(threading.Event())
    assert time.monotonic() - began > SOON_S / 2
    assert waited(opened, threading.Event()) < SOON_S


def test_who_is_to_stop_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "_OPENING_S", 60.0)
    opened, stop = Courtesy(), threading.Event()
    opened.page_opened()
    stop.set()
    assert waited(opened, stop) < 60
