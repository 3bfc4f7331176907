"""Gaps, as the events of a pair tell of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.event import Event
from domain.market.continuity import runs
from domain.market.feed import TradeGapDetected, TradeGapFilled, TradeHistoryRequested
from domain.market.gap import GapState, gaps_of
from domain.values import Origin
from tests.builders import BTC, at, feed_connected


def _told(kind: type[Any], first: int, last: int, recorded: int = 5) -> Any:
    return kind(
        venue="kraken", pair=BTC, first=first, last=last, since=at(0), until=at(3), occurred_at=at(3),
        recorded_at=at(recorded), origin=Origin.LIVE,
    )  # fmt: skip


def test_a_gap_is_missing_until_its_last_trade_was_fetched() -> None:
    found = _told(TradeGapDetected, 10, 12)
    events: list[Event] = [feed_connected(), found, found, _told(TradeGapFilled, 10, 11, 6)]
    (gap,) = gaps_of(events)
    assert (gap.trades, gap.missing, gap.state, gap.recorded_at) == (3, 1, GapState.MISSING, at(6))
    (gap,) = gaps_of([*events, _told(TradeGapFilled, 12, 12, 7)])
    assert (gap.missing, gap.state, gap.start, gap.end) == (0, GapState.BACKFILLED, at(0), at(3))


def test_history_that_was_asked_for_is_no_gap() -> None:
    assert gaps_of([_told(TradeHistoryRequested, 1, 9), _told(TradeGapFilled, 1, 9)]) == []


@given(st.sets(st.integers(min_value=0, max_value=60)), st.randoms(use_true_random=False))
def test_what_is_missing_is_what_was_not_fetched(fetched: set[int], random: Any) -> None:
    gaps = [(0, 9), (20, 24), (40, 60)]
    fills = [_told(TradeGapFilled, *run) for run in runs(fetched)]
    random.shuffle(fills)
    found = gaps_of([*(_told(TradeGapDetected, *run) for run in gaps), *fills])
    assert [gap.missing for gap in found] == [
        sum(number not in fetched for number in range(first, last + 1)) for first, last in gaps
    ]
