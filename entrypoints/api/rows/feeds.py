"""Rows of the feeds' health, with what only the reader's clock can tell: lag and staleness."""

from datetime import datetime

import msgspec

from domain.market.feed_health import FeedHealth, FeedKind, FeedState
from domain.values import Origin, rfc3339
from entrypoints.api.rows.times import rfc3339_or_null

MARKET_STALE_S = 60
NEWS_STALE_INTERVALS = 3


class FeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One feed. `gaps` were ever found, `missing` trades are still open, `completeness` is their share, 0..1.

    `lag_s` counts from the last message, or from `since` where none came yet; 0 where no more are due.
    """

    name: str
    kind: FeedKind
    state: FeedState
    since: str
    last_message_at: str | None
    lag_s: float
    gaps: int
    missing: int
    backfilled: int
    completeness: float | None
    error: str | None
    next_try_at: str | None
    origin: Origin
    recorded_at: str


class FeedPage(msgspec.Struct, frozen=True):
    """Feeds: pairs first, then news sources."""

    items: list[FeedRow]
    next_cursor: str | None


def feed_row(health: FeedHealth, *, now: datetime, feed_interval_s: int, id_bounds: tuple[int, int] | None) -> FeedRow:
    """A feed's health as a row at `now`. `id_bounds` are the lowest and highest trade id stored of a pair.

    A live feed is stale after 60 s (market) or three intervals (news) without a message. Times within a recording are
    those of the recording, so it has neither lag nor staleness.
    """
    is_market = health.kind is FeedKind.MARKET
    lag_s = 0.0
    if health.state is not FeedState.ENDED and health.origin is not Origin.RECORDING:
        lag_s = max(0.0, (now - (health.last_message_at or health.since)).total_seconds())
    patience_s = MARKET_STALE_S if is_market else NEWS_STALE_INTERVALS * feed_interval_s
    is_stale = health.state is FeedState.LIVE and lag_s > patience_s
    return FeedRow(
        name=str(health.name),  # a Pair, perhaps
        kind=health.kind,
        state=FeedState.STALE if is_stale else health.state,
        since=rfc3339(health.since),
        last_message_at=rfc3339_or_null(health.last_message_at),
        lag_s=round(lag_s, 3),
        gaps=health.gaps,
        missing=health.missing,
        backfilled=health.backfilled,
        completeness=_completeness(health.missing, id_bounds) if is_market else None,
        error=health.error,
        next_try_at=rfc3339_or_null(health.next_try_at),
        origin=health.origin,
        recorded_at=rfc3339(health.recorded_at),
    )


def _completeness(missing: int, id_bounds: tuple[int, int] | None) -> float | None:
    if id_bounds is None:
        return None
    lowest, highest = id_bounds
    return max(0.0, 1 - missing / (highest - lowest + 1))
