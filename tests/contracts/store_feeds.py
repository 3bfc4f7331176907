"""What every store must do with feeds' health."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.event import Event
from domain.market.feed import FeedConnecting, FeedDisconnected, TradeGapDetected, TradeGapFilled
from domain.market.feed_health import FeedHealth, FeedKind, FeedState, evolve_feed
from domain.news.source import NewsSourceFailed, NewsSourcePolled
from domain.values import Origin
from tests.builders import BTC, ETH, at, feed_connected, feed_health, ticker, trade
from tests.contracts.store import StoreUnderTest

_GAP: dict[str, Any] = {
    "venue": "kraken",
    "pair": BTC,
    "first": 10,
    "last": 14,
    "since": at(0),
    "until": at(20),
    "origin": Origin.LIVE,
}
STORY: list[Event] = [
    FeedConnecting(
        venue="kraken", pair=BTC, endpoint="ws://127.0.0.1", occurred_at=at(0), recorded_at=at(0), origin=Origin.LIVE
    ),
    feed_connected(occurred_at=at(1)),
    TradeGapDetected(**_GAP, occurred_at=at(20), recorded_at=at(21)),
    NewsSourcePolled(source="Decrypt", entries=9, new=2, occurred_at=at(22), recorded_at=at(22), origin=Origin.LIVE),
    FeedDisconnected(
        venue="kraken", pair=BTC, reason="silent for 10 s", next_try_at=at(31),
        occurred_at=at(30), recorded_at=at(30), origin=Origin.LIVE,
    ),
    NewsSourceFailed(
        source="Decrypt", reason="HTTP 503", next_try_at=None, occurred_at=at(40), recorded_at=at(40), origin=Origin.LIVE
    ),
    TradeGapFilled(**_GAP | {"first": 11, "last": 12, "origin": Origin.BACKFILL}, occurred_at=at(50), recorded_at=at(51)),
]  # fmt: skip


def _fold(events: Sequence[Event], name: str) -> FeedHealth:
    health = None
    for event in events:
        if name in (getattr(event, "pair", None), getattr(event, "source", None)):
            health = evolve_feed(health, event)
    assert health
    return health


class FeedContract:
    def test_health_comes_back_exactly(self, under_test: StoreUnderTest) -> None:
        full = feed_health(
            last_message_at=at(3), gaps=2, backfilled=7, open_runs=((1, 2), (5, 2**62)), history_runs=((0, 0),),
            state=FeedState.DOWN, error="silent", next_try_at=at(9, micros=1), recorded_at=at(8),
        )  # fmt: skip
        news = feed_health("The Block", kind=FeedKind.NEWS, origin=Origin.SIMULATED)
        with under_test.store.begin() as tx:
            tx.put_feed_health([feed_health(), news])
            tx.put_feed_health([full])
            assert tx.feed_health([BTC, "The Block", "unknown"]) == {BTC: full, "The Block": news}
            assert tx.feed_health([]) == {}
        assert under_test.market.feeds() == [full, news]

    def test_gaps_are_told_as_far_as_they_were_known(self, under_test: StoreUnderTest) -> None:
        later = TradeGapDetected(
            **_GAP | {"first": 20, "last": 20, "since": at(60), "until": at(61)}, occurred_at=at(61), recorded_at=at(61)
        )
        rest = TradeGapFilled(**_GAP | {"first": 10, "last": 14}, occurred_at=at(70), recorded_at=at(71))
        with under_test.store.begin() as tx:
            tx.add_feed_events([*STORY, later, rest])
        seen = [
            [(gap.first, gap.trades, gap.missing) for gap in under_test.market.gaps(BTC, as_of=as_of)]
            for as_of in (at(20), at(21), at(51), at(61), None)
        ]
        assert seen == [[], [(10, 5, 5)], [(10, 5, 3)], [(20, 1, 1), (10, 5, 3)], [(20, 1, 1), (10, 5, 0)]]
        (_, gap) = under_test.market.gaps(BTC)
        assert (gap.start, gap.end, gap.recorded_at, gap.origin) == (at(0), at(20), at(71), Origin.LIVE)
        assert under_test.market.gaps(ETH) == []

    def test_ids_of_stored_trades_are_compared_with_their_number(self, under_test: StoreUnderTest) -> None:
        assert under_test.market.stored_ids(BTC).last is None
        ids = [-7, *range(1, 21), *range(30, 41)]
        with under_test.store.begin() as tx:
            tx.add_trades([trade(one, occurred_at=at(one * 9_000)) for one in ids if one not in {8, 9}])
            tx.put_feed_health([feed_health(open_runs=((21, 25),), history_runs=((28, 29),))])
        stored = under_test.market.stored_ids(BTC)
        assert (stored.last, sorted(stored.missing)) == (40, [(8, 9), (26, 27)])
        assert sorted(under_test.market.stored_ids(BTC, above=8).missing) == [(9, 9), (26, 27)]
        assert under_test.market.stored_ids(BTC, above=29).missing == ()
        assert (under_test.market.stored_ids(BTC, above=40).last, under_test.market.pairs()) == (40, [BTC])

    def test_events_are_kept_once(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            assert tx.add_feed_events([STORY[0], STORY[0], STORY[1]]) == STORY[:2]
            assert tx.add_feed_events([STORY[1], STORY[2]]) == [STORY[2]]
            assert tx.add_feed_events([]) == []

    @pytest.mark.parametrize("known", range(1, len(STORY) + 1))
    def test_as_of_is_folded_from_what_was_recorded_by_then(self, under_test: StoreUnderTest, known: int) -> None:
        with under_test.store.begin() as tx:
            tx.add_feed_events(STORY)
            tx.put_feed_health([_fold(STORY, BTC), _fold(STORY, "Decrypt")])
        by_then = STORY[:known]
        names = [BTC, "Decrypt"] if known >= 4 else [BTC]
        found = under_test.market.feeds(as_of=by_then[-1].recorded_at)
        assert found == [_fold(by_then, name) for name in names]
        assert under_test.market.feeds(as_of=at(-1)) == []

    def test_the_last_message_is_the_latest_ticker_or_trade(self, under_test: StoreUnderTest) -> None:
        backfilled = trade(3, occurred_at=at(60), recorded_at=at(900), origin=Origin.BACKFILL)
        with under_test.store.begin() as tx:
            tx.put_feed_health([feed_health(), feed_health(ETH, last_message_at=at(70))])
            tx.add_tickers([ticker(occurred_at=at(10), recorded_at=at(11)), ticker(pair=ETH)])
            tx.add_trades([trade(1, occurred_at=at(20), recorded_at=at(21))])
        assert [health.last_message_at for health in under_test.market.feeds()] == [at(21), at(70)]
        with under_test.store.begin() as tx:
            tx.add_trades([backfilled])
        assert under_test.market.feeds()[0].last_message_at == at(11)
