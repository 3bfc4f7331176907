"""Lines of trade ids: whatever a venue does with its numbers, no trade is taken for another, and none is missed that never was."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.market.continuity import Seen
from domain.market.numbering import OFFSET, Observed, TradeNumbering, is_same
from domain.market.trade import TradeExecuted
from tests.builders import at, trade


class Tape:
    """A numbering, and what was kept of the trades it was told."""

    def __init__(self) -> None:
        self.numbering = TradeNumbering()
        self.kept: dict[int, TradeExecuted] = {}

    def take(self, one: TradeExecuted) -> Observed:
        if self.numbering.goes_on_with(one):
            observed = Observed(Seen.NEW, one.trade_id)
        else:
            observed = self.numbering.observe(one, self.kept.get, self.highest_below)
        if observed.seen not in {Seen.DUPLICATE, Seen.CONFLICT}:
            present = self.kept.get(observed.trade_id)
            assert present is None or is_same(present, one), "another trade's id"
            self.kept[observed.trade_id] = replace(one, trade_id=observed.trade_id)
        return observed

    def highest_below(self, trade_id: int) -> int | None:
        return max((number for number in self.kept if number < trade_id), default=None)

    @property
    def missing(self) -> int:
        return sum(last - first + 1 for line in self.numbering.lines for first, last in line.ids.missing)


def priced(trade_id: int, seconds: float, price: float = 0) -> TradeExecuted:
    return trade(trade_id, occurred_at=at(seconds), price=Decimal(str(price or 100 + seconds)))


def tape(*ids: int) -> tuple[Tape, list[Observed]]:
    """One trade a second, each at a price of its own."""
    made = Tape()
    return made, [made.take(priced(trade_id, second)) for second, trade_id in enumerate(ids)]


def test_ids_that_start_anew_are_kept_and_told_once() -> None:
    made, seen = tape(*range(1000, 1010), *range(1000, 1010), 1010)
    assert len(made.kept) == 21
    assert [one.restart is not None for one in seen].count(True) == 1
    assert "1000 came again for another trade" in (seen[10].restart or "")
    assert seen[-1].trade_id == 1010 + OFFSET
    assert made.missing == 0


def test_ids_that_go_back_to_before_the_first_are_told_and_gaps_are_found_again() -> None:
    made, seen = tape(5000, 5001, 5002, 1, 2, 3, 6)
    assert len(made.kept) == 7
    assert (made.missing, seen[-1].gap and seen[-1].gap[1] - seen[-1].gap[0]) == (2, 1)
    assert "from 5002 to 2" in (seen[4].restart or ""), "one second after the newest it might be out of order"


@pytest.mark.parametrize("far", [9 * 10**18, 2**63 - 1, 10**12])
def test_an_absurd_jump_is_no_gap_and_the_ids_before_it_go_on(far: int) -> None:
    made, seen = tape(1000, 1001, far, 1002, 1003, 1005)
    assert sorted(made.kept) == [1000, 1001, 1002, 1003, 1005, far]
    assert made.missing == 1
    assert [one.restart is not None for one in seen] == [False, False, True, False, False, False]


def test_trades_sent_again_are_known_in_every_line() -> None:
    made, _ = tape(*range(1000, 1010), *range(1000, 1010))
    again = [priced(1000 + second % 10, second) for second in range(20)]
    assert {made.take(one).seen for one in again} == {Seen.DUPLICATE}
    assert {made.take(replace(one, occurred_at=at(n, micros=1))).seen for n, one in enumerate(again)} == {
        Seen.DUPLICATE
    }


def test_another_trade_of_the_past_under_a_known_id_is_a_conflict() -> None:
    made, _ = tape(1000, 1001, 1002)
    assert made.take(priced(1001, 1, 55)).seen is Seen.CONFLICT
    assert made.take(priced(1003, 3)).trade_id == 1003


def test_one_false_trade_does_not_turn_the_numbers() -> None:
    made, _ = tape(1000, 1001, 1002, 1001, 1003, 1004)
    assert sorted(made.kept) == [1000, 1001, 1002, 1003, 1004, 1001 + OFFSET]
    assert made.missing == 0


def test_a_long_absence_is_a_gap() -> None:
    made = Tape()
    made.take(priced(1000, 0))
    observed = made.take(priced(30_000_000, 86_400 * 300))
    assert observed.gap == (1001, 29_999_999)
    assert observed.restart is None


segments = st.lists(st.tuples(st.integers(0, 2**63 - 100), st.integers(1, 8)), min_size=1, max_size=5)


@given(segments, st.data())
def test_no_trade_is_ever_dropped_for_another(parts: list[tuple[int, int]], data: st.DataObject) -> None:
    ids = [first + n for first, length in parts for n in range(length)]
    trades = [priced(trade_id, 10.0 * second) for second, trade_id in enumerate(ids)]
    made = Tape()
    fates = [made.take(one).seen for one in trades]
    refused = fates.count(Seen.CONFLICT)
    assert Seen.DUPLICATE not in fates
    assert len(made.kept) + refused == len(trades)
    assert made.missing <= len(ids) * 200_000
    again = data.draw(
        st.permutations([one for one, fate in zip(trades, fates, strict=True) if fate is not Seen.CONFLICT])
    )
    assert {made.take(one).seen for one in again} <= {Seen.DUPLICATE, Seen.EARLIER}
