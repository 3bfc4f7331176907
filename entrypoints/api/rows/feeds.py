"""Rows of the feeds' health, with what only the reader's clock can tell: lag and staleness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import msgspec

from domain.market.feed_health import PAUSED_BY, FeedHealth, FeedKind, FeedState
from domain.market.gap import GapState, TradeGap
from domain.market.trade import TradeExecuted
from domain.values import Origin, rfc3339
from entrypoints.api.rows.times import rfc3339_or_null

MARKET_STALE_S = 60
NEWS_STALE_INTERVALS = 3


@dataclass(frozen=True, slots=True)
class Span:
    """The trades of a pair that are known of: the first of them, and how many the venue made from it to the last."""

    first: TradeExecuted
    trades: int


class FeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One feed. `gaps` were ever found, `missing` trades are still open, `completeness` is their share, 0..1.

    How deep the data are: `trades` kept of a pair, the first of them made at `trades_since`.

    A feed that somebody paused is `down` and `paused`: nothing is wrong with it.

    `left_out` entries of a news feed's last answer were not read, as it had too many; the newest were.

    `lag_s` is how long after they were made messages were recorded: of those of the last minute, the value that 95 % are
    below; 0 where none came. `quiet_s` counts from the last message, or from `since` where none came yet; 0 where no
    more are due.
    """

    name: str
    kind: FeedKind
    state: FeedState
    since: str
    last_message_at: str | None
    lag_s: float
    quiet_s: float
    gaps: int
    missing: int
    backfilled: int
    completeness: float | None
    trades: int | None
    trades_since: str | None
    error: str | None
    next_try_at: str | None
    paused: bool
    paused_by: str | None
    left_out: int | None
    origin: Origin
    recorded_at: str


class FeedPage(msgspec.Struct, frozen=True):
    """Feeds: pairs first, then news sources."""

    items: list[FeedRow]
    next_cursor: str | None


class GapRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch without some of its trades: `start` and `end` are the times of the known trades on either side.

    `trades` did not reach us, `missing` of them have not been fetched since.
    """

    start: str
    end: str
    trades: int
    missing: int
    state: GapState
    origin: Origin
    recorded_at: str


class GapPage(msgspec.Struct, frozen=True):
    """Gaps, latest first."""

    items: list[GapRow]
    next_cursor: str | None


def gap_row(gap: TradeGap) -> GapRow:
    """A gap as a row."""
    return GapRow(
        start=rfc3339(gap.start),
        end=rfc3339(gap.end),
        trades=gap.trades,
        missing=gap.missing,
        state=gap.state,
        origin=gap.origin,
        recorded_at=rfc3339(gap.recorded_at),
    )


def feed_row(
    health: FeedHealth,
    *,
    now: datetime,
    feed_interval_s: int,
    span: Span | None,
    lags: Sequence[float] = (),
    is_current: bool = True,
) -> FeedRow:
    """A feed's health as a row at `now`. `span` is that of a pair's trades.

    A live feed is stale after 60 s (market) or three intervals (news) without a message; not while the tables stand
    still (`is_current`), as nobody knows then. Times within a recording are those of the recording, so it has neither
    lag nor staleness. `lags` are those of the last minute's messages.
    """
    paused_by = (health.error or "").removeprefix(PAUSED_BY) if (health.error or "").startswith(PAUSED_BY) else None
    is_market = health.kind is FeedKind.MARKET
    lag_s = quiet_s = 0.0
    if health.state is not FeedState.ENDED and health.origin is not Origin.RECORDING:
        quiet_s = max(0.0, (now - (health.last_message_at or health.since)).total_seconds())
        lag_s = max(0.0, percentile(lags, 0.95))
    patience_s = MARKET_STALE_S if is_market else NEWS_STALE_INTERVALS * feed_interval_s
    is_stale = health.state is FeedState.LIVE and quiet_s > patience_s and is_current
    return FeedRow(
        name=str(health.name),  # a Pair, perhaps
        kind=health.kind,
        state=FeedState.STALE if is_stale else health.state,
        since=rfc3339(health.since),
        last_message_at=rfc3339_or_null(health.last_message_at),
        lag_s=round(lag_s, 3),
        quiet_s=round(quiet_s, 3),
        gaps=health.gaps,
        missing=health.missing,
        backfilled=health.backfilled,
        completeness=max(0.0, 1 - health.missing / span.trades) if is_market and span else None,
        trades=span.trades - health.missing if span else None,
        trades_since=rfc3339(span.first.occurred_at) if span else None,
        error=health.error,
        next_try_at=rfc3339_or_null(health.next_try_at),
        paused=paused_by is not None,
        paused_by=paused_by,
        left_out=None if is_market else health.left_out,
        origin=health.origin,
        recorded_at=rfc3339(health.recorded_at),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that this share of them does not exceed; 0 of none."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)] if values else 0.0
