"""The feeds' health: those that something befell, and those configured that nothing befell yet."""

from datetime import datetime, timedelta

from litestar import Controller

from domain.market.feed_health import FeedHealth, FeedKind, FeedState, resting
from domain.values import Pair
from entrypoints.api.params import (
    AsOf,
    Limit,
    PageCursor,
    PairPath,
    Session,
    WindowOf,
    page_of,
    read_pair,
    read_text,
    read_time,
)
from entrypoints.api.routes import cached_read
from entrypoints.api.rows.feeds import FeedPage, FeedRow, GapPage, Span, feed_row, gap_row
from entrypoints.api.services import Services

_LAGS_OF = timedelta(minutes=1)
_FILL_TABLES = ("database", "store", "spark_ingestion")


class FeedController(Controller):
    """Feeds."""

    tags = ["market", "news"]  # noqa: RUF012 - Litestar reads it as it stands

    @cached_read("/feeds", summary="How each feed is")
    def feeds(self, services: Session, as_of: AsOf = None, limit: Limit = 100, cursor: PageCursor = None) -> FeedPage:
        """Pairs in their configured order, then news sources in theirs. In the past also those that were collected then."""
        page = page_of(feed_rows(services, as_of=read_time(as_of, "as_of")), limit, read_text(cursor, "cursor"))
        return FeedPage(page.items, page.next_cursor)

    @cached_read("/feeds/{pair:str}/gaps", summary="When trades of a pair were missed")
    def gaps(self, services: Session, window: WindowOf, pair: PairPath) -> GapPage:
        """Latest first. `start` and `end` leave out the gaps that lie outside them altogether."""
        found = [
            gap
            for gap in services.market.gaps(read_pair(services, pair), as_of=window.as_of)
            if (window.start is None or gap.end >= window.start) and (window.end is None or gap.start < window.end)
        ]
        page = page_of(found, window.limit, window.cursor)
        return GapPage([gap_row(gap) for gap in page.items], page.next_cursor)


def feed_rows(services: Services, *, as_of: datetime | None = None) -> list[FeedRow]:
    """All feeds as rows, at `as_of` or now."""
    present = services.clock.now()
    now = present if as_of is None else min(as_of, present)
    known = {health.name: health for health in services.market.feeds(as_of=as_of)}
    names: dict[str, FeedKind] = dict.fromkeys(map(str, services.pairs), FeedKind.MARKET)
    names |= {feed.name: FeedKind.NEWS for feed in services.feeds}
    if now < services.started_at:
        names = {name: kind for name, kind in names.items() if name in known}  # of the others nothing was known then
    feeds = [known.get(name) or _not_heard_of(services, name, kind) for name, kind in names.items()]
    if as_of is None:
        feeds = [resting(health, services.paused.get(health.name)) for health in feeds]
    elif as_of < (services.chosen_at or services.started_at):
        feeds += [health for name, health in known.items() if name not in names]
    lags = services.market.lags(services.pairs, now - _LAGS_OF, now)
    is_current = as_of is not None or _tables_are_current(services)
    return [
        feed_row(
            health,
            now=now,
            feed_interval_s=services.feed_interval_s,
            span=_span(services, Pair(health.name), as_of) if health.kind is FeedKind.MARKET else None,
            lags=lags.get(Pair(health.name), ()) if health.kind is FeedKind.MARKET else (),
            is_current=is_current,
        )
        for health in feeds
    ]


def _tables_are_current(services: Services) -> bool:
    """Whether those that fill the tables go on: if not, the feeds are not to blame for what the tables lack."""
    parts = services.health()
    return all(parts[name].status == "ok" for name in _FILL_TABLES if name in parts)


def _span(services: Services, pair: Pair, as_of: datetime | None) -> Span | None:
    """The trades stored by then. Ids have no holes, but where the venue did not go on with them."""
    bounds = services.market.trade_id_bounds(pair, as_of=as_of)
    if bounds is None:
        return None
    first, last = bounds
    made = last.trade_id - first.trade_id + 1
    for restart in services.market.id_restarts(pair):
        if first.trade_id < restart.first <= last.trade_id:
            before = services.market.trade_before(pair, restart.first)
            made -= restart.first - before.trade_id - 1 if before else 0
    return Span(first, made)


def _not_heard_of(services: Services, name: str, kind: FeedKind) -> FeedHealth:
    started = services.started_at
    return FeedHealth(
        name=name, kind=kind, state=FeedState.CONNECTING, since=started, recorded_at=started, origin=services.origin
    )
