"""How each feed is: a pure fold of what befell it, for pairs and news sources alike."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.event import Event
from domain.market.continuity import Run, without
from domain.market.feed import (
    FeedConnected,
    FeedConnecting,
    FeedDisconnected,
    FeedEnded,
    SubscriptionRejected,
    TradeGapDetected,
    TradeGapFilled,
    TradeHistoryRequested,
    TradeIdsRestarted,
)
from domain.news.source import NewsSourceFailed, NewsSourcePolled, NewsSourceRecovered
from domain.values import Origin


class FeedKind(StrEnum):
    """What flows through a feed."""

    MARKET = "market"
    NEWS = "news"


class FeedState(StrEnum):
    """`stale` is never recorded: it is a live feed whose last message is too old by the reader's clock."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    DOWN = "down"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """A feed's health after its events so far. `since` is when `state` began.

    `gaps` counts gaps ever found, `backfilled` the trades fetched afterwards; `open_runs` are the ids still missing,
    `history_runs` those of before our time that are being fetched. `left_out` entries of a news feed were too many.
    """

    name: str
    kind: FeedKind
    state: FeedState
    since: datetime
    last_message_at: datetime | None = None
    gaps: int = 0
    backfilled: int = 0
    open_runs: tuple[Run, ...] = ()
    history_runs: tuple[Run, ...] = ()
    error: str | None = None
    next_try_at: datetime | None = None
    left_out: int = 0
    recorded_at: datetime
    origin: Origin

    @property
    def missing(self) -> int:
        """Trades missed and not fetched yet."""
        return _size(self.open_runs)


PAUSED_BY = "paused by "


def resting(health: FeedHealth, paused_by: str | None) -> FeedHealth:
    """Return a feed's health as it is while somebody has it paused, or once it is resumed and nothing came yet.

    A pause is known before its event comes back from the log, and its end before the feed is connected again.
    """
    if paused_by is not None:
        return replace(health, state=FeedState.DOWN, error=PAUSED_BY + paused_by, next_try_at=None)
    if health.state is FeedState.DOWN and (health.error or "").startswith(PAUSED_BY):
        return replace(health, state=FeedState.CONNECTING, error=None)
    return health


def feed_name(event: Event) -> str | None:
    """The feed that an event tells of; None for events that tell of none."""
    return getattr(event, "source", None) or getattr(event, "pair", None)


def evolve_feed(health: FeedHealth | None, event: Event) -> FeedHealth | None:
    """Fold one event into a feed's health. Events that say nothing of it leave it as it is."""
    state = _state_after(event)
    if health is None:
        name = feed_name(event)
        if name is None:
            return None
        is_news = isinstance(event, NewsSourcePolled | NewsSourceFailed | NewsSourceRecovered)
        health = FeedHealth(
            name=name,
            kind=FeedKind.NEWS if is_news else FeedKind.MARKET,
            state=state or FeedState.CONNECTING,
            since=event.recorded_at,
            recorded_at=event.recorded_at,
            origin=event.origin,
        )
    if state is not None and state is not health.state:
        health = replace(health, state=state, since=event.recorded_at)
    match event:
        case FeedConnecting() | FeedConnected() | NewsSourceRecovered():
            health = replace(health, error=None, next_try_at=None)
        case NewsSourcePolled():
            left_out = event.left_out if event.entries else health.left_out  # "not modified": as it was
            health = replace(health, error=None, next_try_at=None, last_message_at=event.recorded_at, left_out=left_out)
        case FeedDisconnected() | NewsSourceFailed():
            health = replace(health, error=event.reason, next_try_at=event.next_try_at)
        case SubscriptionRejected() | TradeIdsRestarted():  # the latter stays live, and is told until it connects again
            health = replace(health, error=event.reason, next_try_at=None)
        case TradeGapDetected():
            run = (event.first, event.last)
            if run not in health.open_runs:
                health = replace(health, gaps=health.gaps + 1, open_runs=(*health.open_runs, run))
        case TradeHistoryRequested():
            health = replace(health, history_runs=(*health.history_runs, (event.first, event.last)))
        case TradeGapFilled():
            filled = (event.first, event.last)
            open_runs, history_runs = without(health.open_runs, filled), without(health.history_runs, filled)
            fetched = _size(health.open_runs + health.history_runs) - _size(open_runs + history_runs)
            health = replace(
                health, backfilled=health.backfilled + fetched, open_runs=open_runs, history_runs=history_runs
            )
        case _:
            return health
    return replace(health, recorded_at=max(health.recorded_at, event.recorded_at))


def _size(among: tuple[Run, ...]) -> int:
    return sum(last - first + 1 for first, last in among)


def _state_after(event: Event) -> FeedState | None:
    match event:
        case FeedConnecting():
            return FeedState.CONNECTING
        case FeedConnected() | NewsSourcePolled() | NewsSourceRecovered():
            return FeedState.LIVE
        case FeedDisconnected() | SubscriptionRejected() | NewsSourceFailed():
            return FeedState.DOWN
        case FeedEnded():
            return FeedState.ENDED
    return None
