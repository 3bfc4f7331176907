import json

import pytest

from application.analytics.serving import TrackRecord
from application.ports.forecaster import NAIVE


def record(mix: float, naive: float, bars: int) -> TrackRecord:
    found = TrackRecord([NAIVE, "mix"])
    for _ in range(bars):
        found.note({"mix": mix, NAIVE: naive})
    return found


def test_at_first_no_change_is_served() -> None:
    serving = record(0.5, 1, 49).serving()
    assert serving.model == NAIVE
    assert (
        serving.because[NAIVE] == "49 of the 50 bars are known that it takes to tell whether anything beats 'no change'"
    )
    assert serving.because["mix"].startswith("not served: only 49 of the 50 bars")


def test_what_beats_no_change_is_served() -> None:
    serving = record(0.994, 1, 312).serving()
    assert serving.model == "mix"
    assert serving.because == {
        "mix": "over the last 312 bars its error was 0.60 % below 'no change'",
        NAIVE: "not served: over the last 312 bars 'mix' was better",
    }


@pytest.mark.parametrize(("mix", "words"), [(1.004, "0.40 % above 'no change'"), (1.0, "that of 'no change'")])
def test_without_skill_no_change_is_served_and_says_so(mix: float, words: str) -> None:
    serving = record(mix, 1, 600).serving()
    assert serving.model == NAIVE
    assert (
        serving.because[NAIVE]
        == f"nothing has beaten 'no change' here: the error of 'mix' over the last 500 bars was {words}"
    )
    assert serving.because["mix"] == f"not served: over the last 500 bars its error was {words}"


def test_a_price_that_stands_still_leaves_nothing_to_beat() -> None:
    serving = record(0.1, 0, 60).serving()
    assert serving.model == NAIVE
    assert "no less than that of 'no change', which was none" in serving.because[NAIVE]


def test_only_the_last_500_bars_count_and_a_restored_record_is_the_same() -> None:
    one = record(2, 1, 300)
    for _ in range(500):
        one.note({"mix": 0.9, NAIVE: 1})
    other = TrackRecord([NAIVE, "mix"])
    other.restore(json.loads(json.dumps(one.snapshot())))
    assert one.serving() == other.serving()
    assert one.serving().model == "mix"
