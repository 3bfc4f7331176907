import itertools

from hypothesis import given
from hypothesis import strategies as st

from domain.market.continuity import Seen, TradeContinuity, runs


def test_what_an_id_means() -> None:
    seen = TradeContinuity()
    assert seen.observe(10) == (Seen.NEW, None)
    assert seen.observe(11) == (Seen.NEW, None)
    assert seen.observe(11) == (Seen.DUPLICATE, None)
    assert seen.observe(15) == (Seen.NEW, (12, 14))
    assert seen.observe(13) == (Seen.FILLS_GAP, None)
    assert seen.missing == [(12, 12), (14, 14)]
    assert seen.observe(13) == (Seen.DUPLICATE, None)
    assert seen.observe(4) == (Seen.EARLIER, None)
    assert seen.expect_from(8) == (8, 9)
    assert seen.observe(9) == (Seen.FILLS_GAP, None)
    assert seen.expect_from(8) is None


@given(st.permutations(range(30)), st.lists(st.integers(0, 29), max_size=30))
def test_every_id_counts_once_whatever_the_order_and_the_repetitions(order: list[int], again: list[int]) -> None:
    seen = TradeContinuity(first=0, last=-1)  # the venue's next id is 0
    counted = [one for one in [*order, *again] if seen.observe(one)[0] in {Seen.NEW, Seen.FILLS_GAP}]
    assert sorted(counted) == list(range(30))
    assert seen.missing == []


@given(st.sets(st.integers(0, 60), min_size=1))
def test_missing_is_exactly_what_did_not_come(ids: set[int]) -> None:
    seen = TradeContinuity()
    for one in sorted(ids):
        seen.observe(one)
    missing = {one for first, last in seen.missing for one in range(first, last + 1)}
    assert missing == set(range(min(ids), max(ids))) - ids


@given(st.sets(st.integers(-20, 60)))
def test_runs_join_ids_and_nothing_else(ids: set[int]) -> None:
    joined = runs(ids)
    assert {one for first, last in joined for one in range(first, last + 1)} == ids
    assert all(later[0] > earlier[1] + 1 for earlier, later in itertools.pairwise(joined))
