"""Turns on a clock of our own: neighbours fail as hypothesis likes, and nobody else is late for it."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.turns import Backoff, Concern, Turns

ALL = Concern.ALL
OWN = Concern.OWN


def turns() -> Turns[str, str]:
    return Turns(Backoff(5, 600), Backoff(1, 60))


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(5, 600)
    assert [backoff.after(failures) for failures in (1, 2, 3, 8, 10_000)] == [5, 10, 20, 600, 600]


def test_the_neighbour_served_longest_ago_goes_first_with_its_most_urgent_task() -> None:
    asked = turns()
    wanted = {"a": ["gap", "candles"], "b": ["candles"], "c": []}
    assert [asked.next(wanted, 0) for _ in range(3)] == [("a", "gap"), ("b", "candles"), ("a", "gap")]


def test_a_failure_of_ones_own_holds_back_that_task_alone() -> None:
    asked = turns()
    assert asked.failed("a", "gap", OWN, 100) == (OWN, 105)
    assert asked.failed("a", "gap", OWN, 105, at_least_s=60) == (OWN, 165)
    wanted = {"a": ["gap", "candles"]}
    assert asked.next(wanted, 106) == ("a", "candles")
    assert asked.next({"a": ["gap"]}, 164) is None
    assert asked.next_at({"a": ["gap"]}) == 165
    assert asked.next({"a": ["gap"]}, 165) == ("a", "gap")
    asked.succeeded("a", "gap")
    assert asked.failed("a", "gap", OWN, 200) == (OWN, 205), "in a row means in a row"


def test_a_failure_of_all_holds_everybody_back_and_costs_nobody_a_turn_afterwards() -> None:
    asked = turns()
    assert asked.failed("a", "gap", ALL, 0, at_least_s=15) == (ALL, 15)
    wanted = {"a": ["gap"], "b": ["gap"]}
    assert asked.next(wanted, 14) is None and asked.next_at(wanted) == 15
    assert {asked.next(wanted, 15), asked.next(wanted, 15)} == {("a", "gap"), ("b", "gap")}


def test_while_others_succeed_one_cannot_hold_all_back_twice() -> None:
    asked = turns()
    asked.failed("a", "gap", ALL, 0, at_least_s=15)
    asked.succeeded("b", "gap")
    assert asked.failed("a", "gap", ALL, 20, at_least_s=15) == (OWN, 35)
    assert asked.next({"b": ["gap"]}, 21) == ("b", "gap")


def test_who_asks_for_it_need_not_wait() -> None:
    asked = turns()
    asked.failed("a", "gap", OWN, 0, at_least_s=600)
    asked.try_now("a")
    assert asked.next({"a": ["gap"]}, 1) == ("a", "gap")


@dataclass(frozen=True)
class Plan:
    """How one neighbour's tries end: in order, and the last one for ever; each takes `turn_s`."""

    ends: list[Concern | None]
    turn_s: float


sick = st.builds(Plan, st.lists(st.sampled_from([OWN, OWN, ALL, None]), min_size=1, max_size=8), st.floats(0.01, 30))
well = st.builds(Plan, st.just([None]), st.floats(0.01, 2))


@settings(max_examples=100, deadline=None)
@given(
    sick=st.lists(sick, max_size=4), well=st.lists(well, min_size=1, max_size=4), at_least_s=st.sampled_from([0, 5, 15])
)
def test_nobody_waits_longer_than_one_turn_of_each_neighbour_and_the_pauses_of_all(
    sick: list[Plan], well: list[Plan], at_least_s: float
) -> None:
    plans = {f"sick{number}": plan for number, plan in enumerate(sick)}
    plans |= {f"well{number}": plan for number, plan in enumerate(well)}
    asked, now, tries = turns(), 0.0, dict.fromkeys(plans, 0)
    waited_since = dict.fromkeys(plans, 0.0)
    taken: list[tuple[str, float]] = []  # turns since the start: whose, how long
    held = 0.0
    last_turn = dict.fromkeys(plans, (0, 0.0))  # how many turns and how much holding there had been
    for _ in range(120):
        wanted = {name: ["task"] for name in plans}
        chosen = asked.next(wanted, now)
        if chosen is None:
            at = asked.next_at(wanted)
            assert at is not None and at > now, "nothing is due, so something is due later"
            if all(asked._not_before(f"well{number}", "task") <= now for number in range(len(well))):
                held += at - now
            now = at
            continue
        name, task = chosen
        if name.startswith("well"):
            turns_before, held_before = last_turn[name]
            between = [who for who, _ in taken[turns_before:]]
            assert all(between.count(other) <= 1 for other in plans if other != name), "one turn of each, no more"
            longest = sum(seconds for _, seconds in taken[turns_before:]) + held - held_before
            assert now - waited_since[name] <= longest + 1e-6, "nothing but turns and pauses of all came between"
        plan = plans[name]
        end = plan.ends[min(tries[name], len(plan.ends) - 1)]
        tries[name] += 1
        now += plan.turn_s
        taken.append((name, plan.turn_s))
        if end is None:
            asked.succeeded(name, task)
        else:
            asked.failed(name, task, end, now, at_least_s=at_least_s)
        waited_since[name], last_turn[name] = now, (len(taken), held)
    pauses = held / max(now, 1)
    assert pauses < 0.9 or now < 600, "who fails for ever does not hold the others back for ever"


@settings(max_examples=100, deadline=None)
@given(names=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=40), seconds=st.floats(0, 100))
def test_a_try_is_never_lost(names: list[str], seconds: float) -> None:
    asked = turns()
    for number, name in enumerate(names):
        asked.failed(name, "task", OWN if number % 3 else ALL, number * seconds)
    wanted = {name: ["task"] for name in names}
    now = asked.next_at(wanted)
    assert now is not None
    assert asked.next(wanted, now) is not None
