"""When a part stands still, fails, or is well again: by what it reports, and a clock that the test moves."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.places import Place
from application.progress import PartState, Progress

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)

TOPICS = ("rawtrade",)


class Part:
    """A progress, and the seconds that have passed."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.progress = Progress("store", now=lambda: self.seconds)

    def state(self, head: int | None = None) -> PartState:
        place = None if head is None else Place({"rawtrade/0": head, "rawticker/0": 10**9})
        return self.progress.state(NOW, place)

    def run(self, seconds: float, *, position: int | None = None) -> None:
        """Turn once a second for so long; all of it at a position."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.progress.turn()
            if position is not None:
                self.progress.at(Place({"rawtrade/0": position}), TOPICS)
            self.seconds += min(1.0, end - self.seconds)


@pytest.fixture
def part() -> Part:
    made = Part()
    assert made.state().status == "starting"
    made.progress.begin()
    return made


def test_a_position_that_stands_while_its_input_moves_is_seen_after_30_s_with_since_and_how_far(part: Part) -> None:
    part.run(10, position=5)
    assert part.state(head=5).status == "ok"
    since = part.seconds
    part.run(29, position=5)
    assert part.state(head=900).status == "ok"
    part.run(3, position=5)
    state = part.state(head=900)
    assert (state.status, state.behind) == ("degraded", 895)
    assert "895 records behind" in str(state.detail)
    assert state.since is not None and NOW - state.since >= timedelta(seconds=part.seconds - since)
    part.run(1, position=900)
    after = part.state(head=900)
    assert (after.status, after.since, after.behind) == ("ok", NOW, 0), "ok since it goes on again"


def test_an_input_that_rests_is_no_standstill(part: Part) -> None:
    part.run(600, position=5)
    assert part.state(head=5).status == "ok"
    part.run(20, position=5)
    assert part.state(head=6).status == "ok", "it has 30 s from when there is something to do"


def test_a_reader_that_is_behind_but_moves_is_ok(part: Part) -> None:
    for position in range(10):
        part.run(20, position=position)
        assert part.state(head=1000).status == "ok"


def test_a_part_that_does_not_turn_is_seen_with_or_without_input(part: Part) -> None:
    part.run(5)
    part.seconds += 31
    state = part.state()
    assert state.status == "degraded" and "stands still" in str(state.detail)
    assert state.since == NOW - timedelta(seconds=32)
    part.progress.turn()
    assert part.state().status == "ok"


def test_a_rest_is_announced_and_ends(part: Part) -> None:
    part.progress.rest(3600)
    part.seconds += 3600
    assert part.state().status == "ok"
    part.seconds += 31
    assert part.state().status == "degraded", "it has overslept"
    part.progress.rested()
    assert part.state().status == "ok"


def failing(text: str = "no") -> ValueError:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


@pytest.mark.parametrize("run_s", [0.1, 9, 15, 61, 100])
def test_the_fifth_start_for_the_same_error_is_down_and_stays_so_however_long_each_run_lasts(
    part: Part, run_s: float
) -> None:
    """A loop of failures that lasts 10 s each time looked well between them."""
    for number in range(1, 8):
        part.run(run_s, position=1)
        part.progress.failed(failing(f"record {number} of {number * 17}"))
        assert part.state().status == ("down" if number >= 5 else "degraded")
        part.seconds += 2
        part.progress.begin()
        part.run(min(run_s, 9) / 2, position=1)
        assert part.state().status == ("down" if number >= 5 else "degraded")
    assert "started again 7 times for the same error: ValueError" in str(part.state().detail)
    assert part.state().restarts == 7
    part.run(run_s + 11, position=1)
    assert part.state().status == "ok", "it has run longer than it ever did between two failures"


def test_what_gets_past_the_place_where_it_failed_is_well_at_once(part: Part) -> None:
    part.run(1, position=7)
    part.progress.failed(failing())
    part.progress.begin()
    part.run(1, position=7)
    assert part.state(head=9).status == "degraded"
    part.run(1, position=8)
    assert part.state(head=9).status == "ok"


def test_different_errors_are_not_one(part: Part) -> None:
    for number in range(6):
        part.run(1)
        part.progress.failed(failing() if number % 2 else OSError("disk"))
        part.progress.begin()
    assert part.state().status == "degraded"


def test_why_nothing_comes_from_outside_is_told_from_when_it_began_until_it_ends(part: Part) -> None:
    why: list[str] = []
    part.progress.explain_by(lambda: why[0] if why else None)
    assert part.state().status == "ok"
    why.append("Kraken does not answer")
    assert (part.state().status, part.state().detail) == ("degraded", "Kraken does not answer")
    part.seconds, since = part.seconds + 5, part.state().since
    assert since == NOW
    part.progress.turn()
    assert part.state().since == NOW - timedelta(seconds=5)
    why.clear()
    assert part.state().status == "ok"


def test_what_has_ended_has_not_hung(part: Part) -> None:
    part.progress.ended("ok", "the recording has ended")
    part.seconds += 1000
    assert (part.state().status, part.state().detail) == ("ok", "the recording has ended")


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_a_part_is_called_still_when_and_only_when_it_was_still_for_30_s(steps: list[tuple[int, int, int]]) -> None:
    """Seconds that pass, records that come, records that are done: against a plain account of the same."""
    part = Part()
    part.progress.begin()
    part.progress.at(Place({"rawtrade/0": 0}), TOPICS)
    head = done = 0
    fine_at = part.seconds
    for seconds, come, did in steps:
        part.seconds += seconds
        part.progress.turn()
        head, before = head + come, done
        done = min(done + did, head)
        part.progress.at(Place({"rawtrade/0": done}), TOPICS)
        if done > before or done == head:
            fine_at = part.seconds
        still = part.seconds - fine_at > 30
        assert part.state(head=head).status == ("degraded" if still else "ok")
