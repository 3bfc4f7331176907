"""The feeds, for whoever runs them: paused, resumed, and asked for what they missed."""

from dataclasses import replace
from typing import Any

import msgspec
from litestar import Controller, Request
from litestar.params import FromPath, JSONBody

from domain.errors import InvalidValue, NotAllowed, NotFound
from domain.sources import Sources
from domain.values import Origin, Pair
from entrypoints.api.access.auditing import audited
from entrypoints.api.feeds import feed_rows
from entrypoints.api.params import Limit, OfHouse, PageCursor, Session, page_of, read_text, read_time
from entrypoints.api.routes import command, read
from entrypoints.api.rows.feeds import FeedRow
from entrypoints.api.services import Services


class AdminFeedPage(msgspec.Struct, frozen=True):
    """Feeds: pairs first, then news sources."""

    items: list[FeedRow]
    next_cursor: str | None


class CommandRow(msgspec.Struct, frozen=True, kw_only=True):
    """A feed and whether it is paused now; it takes effect within about a second."""

    name: str
    paused: bool


class BackfillBody(msgspec.Struct, forbid_unknown_fields=True):
    """From when on (RFC 3339) the pair's history is wanted; left out, only what is missing is asked for again."""

    start: str | None = None


class AdminFeedController(Controller):
    """Feeds."""

    path = "/admin/feeds"
    tags = ["operations"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="How each feed is, and whether it is paused")
    def feeds(self, services: Session, house: OfHouse, limit: Limit = 100, cursor: PageCursor = None) -> AdminFeedPage:
        """In their configured order, with who paused which just now."""
        now = replace(services, paused=house.sources.present().paused)
        page = page_of(feed_rows(now), limit, read_text(cursor, "cursor"))
        return AdminFeedPage(page.items, page.next_cursor)

    @command("/{name:str}/pause", summary="Pause a feed")
    def pause(
        self, request: Request[Any, Any, Any], services: Session, house: OfHouse, name: FromPath[str]
    ) -> CommandRow:
        """Nothing is collected of it until it is resumed, over restarts too; what it misses is fetched then."""
        feed = _collected(services, name)
        return _row(feed, house.sources.pause(feed, by=request.user.name))

    @command("/{name:str}/resume", summary="Resume a paused feed")
    def resume(
        self, request: Request[Any, Any, Any], services: Session, house: OfHouse, name: FromPath[str]
    ) -> CommandRow:
        """A pair's trades of the meantime show as a gap, which is filled."""
        feed = _collected(services, name)
        return _row(feed, house.sources.resume(feed, by=request.user.name))

    @command("/{name:str}/backfill", summary="Fetch what a pair misses")
    def backfill(
        self,
        request: Request[Any, Any, Any],
        services: Session,
        house: OfHouse,
        name: FromPath[str],
        data: JSONBody[BackfillBody | None] = None,
    ) -> CommandRow:
        """Also what the venue did not have before; with `start`, the history from then on."""
        feed = _collected(services, name)
        if not isinstance(feed, Pair):
            raise InvalidValue("name", f"'{feed}' is a news feed: only a pair's trades can be fetched afterwards")
        since = read_time(data.start, "start") if data else None
        audited(request, target=feed, detail=f"from {data.start}" if data and data.start else "")
        return _row(feed, house.sources.ask_backfill(feed, since, by=request.user.name))


def _row(feed: str, sources: Sources) -> CommandRow:
    return CommandRow(name=feed, paused=feed in sources.paused)


def _collected(services: Services, name: str) -> str:
    """The pair or news feed of that name. Raises NotFound, NotAllowed in a recording."""
    if services.origin is Origin.RECORDING:
        raise NotAllowed("a recording is played as it is: none of its feeds can be paused or backfilled")
    for feed in services.feeds:
        if name in (feed.name, feed.name.replace("/", "-")):  # a slash would end the path's segment
            return feed.name
    pair = services.find_pair(name)
    if pair is None:
        known = ", ".join([*(pair.slug for pair in services.pairs), *(feed.name for feed in services.feeds)])
        raise NotFound(f"there is no feed '{name[:40]}': known are {known}")
    return pair
