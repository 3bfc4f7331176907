from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.event import Event
from domain.market.feed import (
    FeedConnected,
    FeedConnecting,
    FeedDisconnected,
    FeedEnded,
    SubscriptionRejected,
    TradeGapDetected,
    TradeGapFilled,
    TradeHistoryRequested,
)  # fmt: skip
from domain.market.feed_health import FeedHealth, FeedKind, FeedState, evolve_feed
from domain.news.source import NewsSourceFailed, NewsSourcePolled, NewsSourceRecovered
from domain.values import Origin, Pair

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BTC = Pair("BTC/USD")


def at(seconds: int) -> dict[str, object]:
    when = NOW + timedelta(seconds=seconds)
    return {"occurred_at": when, "recorded_at": when, "origin": Origin.LIVE}


def market(kind: type[Event], seconds: int, **facts: object) -> Event:
    return kind(venue="kraken", pair=BTC, **at(seconds), **facts)  # type: ignore[arg-type,call-arg]


def gap(kind: type[Event], seconds: int, first: int, last: int) -> Event:
    return market(kind, seconds, first=first, last=last, since=NOW, until=NOW)


def after(*events: Event) -> FeedHealth:
    return fold(events)


def fold(events: Sequence[Event]) -> FeedHealth:
    health = None
    for event in events:
        health = evolve_feed(health, event)
    assert health
    return health


def test_a_pair_connects_loses_its_feed_and_gets_it_back() -> None:
    lost = market(FeedDisconnected, 20, reason="no heartbeat for 5 s", next_try_at=NOW + timedelta(seconds=25))
    health = after(market(FeedConnecting, 0, endpoint="wss://x"), market(FeedConnected, 1), lost)
    assert (health.state, health.since, health.error) == (
        FeedState.DOWN,
        NOW + timedelta(seconds=20),
        "no heartbeat for 5 s",
    )
    assert health.next_try_at == NOW + timedelta(seconds=25)
    health = after(market(FeedConnected, 1), lost, market(FeedConnected, 30))
    assert (health.state, health.error, health.next_try_at) == (FeedState.LIVE, None, None)


def test_staying_live_keeps_since() -> None:
    assert after(market(FeedConnected, 1), market(FeedConnected, 50)).since == NOW + timedelta(seconds=1)


def test_a_rejected_pair_and_the_end_of_a_recording() -> None:
    rejected = after(market(SubscriptionRejected, 3, channel="trade", reason="not supported"))
    assert (rejected.state, rejected.error, rejected.kind) == (FeedState.DOWN, "not supported", FeedKind.MARKET)
    assert after(market(FeedConnected, 1), market(FeedEnded, 2)).state is FeedState.ENDED


def test_gaps_are_counted_filled_and_told_from_history() -> None:
    health = after(
        market(FeedConnected, 0),
        gap(TradeGapDetected, 1, 10, 19),
        gap(TradeGapFilled, 2, 12, 13),
        gap(TradeHistoryRequested, 3, 1, 5),
    )
    assert (health.gaps, health.missing, health.backfilled) == (1, 8, 2)
    assert health.open_runs == ((10, 11), (14, 19))
    assert health.history_runs == ((1, 5),)
    health = fold([market(FeedConnected, 0), gap(TradeGapDetected, 1, 10, 19), gap(TradeGapFilled, 2, 10, 19)])
    assert (health.gaps, health.missing, health.open_runs) == (1, 0, ())


def test_a_news_source_fails_and_recovers() -> None:
    failed = NewsSourceFailed(source="Wire", reason="refused (403)", next_try_at=None, **at(1))  # type: ignore[arg-type]
    polled = NewsSourcePolled(source="Wire", entries=3, new=1, **at(9))  # type: ignore[arg-type]
    recovered = NewsSourceRecovered(source="Wire", **at(9))  # type: ignore[arg-type]
    assert after(failed).state is FeedState.DOWN
    health = after(failed, recovered, polled)
    assert (health.state, health.kind, health.error) == (FeedState.LIVE, FeedKind.NEWS, None)
    assert health.last_message_at == NOW + timedelta(seconds=9)


def test_a_news_feed_tells_how_many_entries_are_left_out() -> None:
    many = NewsSourcePolled(source="Wire", entries=500, new=1, left_out=700, **at(1))  # type: ignore[arg-type]
    unchanged = NewsSourcePolled(source="Wire", entries=0, new=0, **at(2))  # type: ignore[arg-type]
    fewer = NewsSourcePolled(source="Wire", entries=30, new=0, **at(3))  # type: ignore[arg-type]
    assert after(many).left_out == after(many, unchanged).left_out == 700
    assert after(many, unchanged, fewer).left_out == 0
