"""What is collected: pairs and news feeds, changed without a restart."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Controller, Request
from litestar.params import JSONBody

from application.market.pair_names import refusal
from domain.access.role import Role
from domain.address import HIDDEN, without_secrets
from domain.errors import InvalidValue, NotAllowed
from domain.sources import NewsFeed, Sources
from domain.values import Origin, Pair
from entrypoints.api.access.auditing import audited
from entrypoints.api.access.needs import Need
from entrypoints.api.params import OfHouse, Session
from entrypoints.api.routes import change, read
from entrypoints.api.rows.times import rfc3339_or_null
from entrypoints.api.services import Services
from entrypoints.source import Source

Pairs = Sequence[Pair] | None


class SourceFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A news feed; `url` is empty where the feed is the simulator's own, and without the values of its query but for admins."""

    name: str
    url: str


class SourcesRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is collected. `warnings` say what could not be checked of a change. `configured` names what people decided here; the rest is as the settings say."""

    pairs: list[str]
    feeds: list[SourceFeed]
    configured: list[str]
    version: int
    changed_at: str | None
    warnings: list[str] | msgspec.UnsetType = msgspec.UNSET


class SourcesBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be collected: left out, it stays as it is; null, it is what the settings say.

    With the `version` that was looked at, the change is refused where somebody else was first.
    """

    pairs: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    feeds: list[SourceFeed] | msgspec.UnsetType | None = msgspec.UNSET
    version: int | None = None


class SourcesController(Controller):
    """Pairs and news feeds."""

    path = "/admin/sources"
    tags = ["operations"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="What is collected")
    def sources(self, request: Request[Any, Any, Any], services: Session, house: OfHouse) -> SourcesRow:
        """By now; a change takes effect within about a second."""
        row = _row(services, house.sources.present())
        if request.user.role.covers(Role.ADMIN):
            return row
        feeds = [SourceFeed(feed.name, without_secrets(feed.url)) for feed in row.feeds]
        return msgspec.structs.replace(row, feeds=feeds)

    @change(summary="Change what is collected", opt={"needs": Need.ADMIN})
    def configure(
        self, request: Request[Any, Any, Any], services: Session, house: OfHouse, data: JSONBody[SourcesBody]
    ) -> SourcesRow:
        """Without a restart: what stays is not interrupted for longer than a new connection takes."""
        if services.origin is Origin.RECORDING:
            raise NotAllowed(
                "a recording is played as it is: its pairs are chosen with CRYPTOVIZ_PAIRS before it starts"
            )
        present = house.sources.present()
        pairs, warnings = _listed(services, _pairs(services, present, data))
        feeds = _feeds(services, present, data)
        # What was left out is kept as it was looked at: where somebody changed it meanwhile, this is refused.
        version = present.version if data.version is None else data.version
        after = house.sources.configure(pairs, feeds, by=request.user.name, expected_version=version)
        audited(request, target="sources", detail=_words(services, after))
        return msgspec.structs.replace(_row(services, after), warnings=warnings or msgspec.UNSET)


def _listed(services: Services, pairs: Pairs) -> tuple[Pairs, list[str]]:
    """The pairs as the venue spells them, and what could not be checked. Raises InvalidValue for new ones that it does not list.

    What is collected already may stay: the venue may have taken it from its list since.
    """
    if pairs is None or services.pair_names is None:
        return pairs, []
    checked = services.pair_names.check(pairs)
    unlisted = {pair: nearest for pair, nearest in checked.unlisted.items() if pair not in services.pairs}
    if unlisted:
        raise InvalidValue("pairs", refusal(unlisted, Source(services.origin).words))
    new = [pair for pair in checked.pairs if pair not in services.pairs]
    if checked.unchecked is None or not new:
        return checked.pairs, []
    told = f"whether {', '.join(new)} can be had is not known: the venue's list of pairs cannot be read now"
    return checked.pairs, [f"{told} ({checked.unchecked})"]


def _row(services: Services, sources: Sources) -> SourcesRow:
    shown = services.feeds if sources.feeds is None else sources.feeds
    return SourcesRow(
        pairs=list(map(str, services.pairs if sources.pairs is None else sources.pairs)),
        feeds=[_shown(services, feed) for feed in shown],
        configured=[
            name for name, decided in (("pairs", sources.pairs), ("feeds", sources.feeds)) if decided is not None
        ],
        version=sources.version,
        changed_at=rfc3339_or_null(sources.changed_at),
    )


def _shown(services: Services, feed: NewsFeed) -> SourceFeed:
    """The simulator's own feeds are where it happens to listen: that is nothing to keep."""
    return SourceFeed(feed.name, "" if feed.name in services.own_feeds else _without_credentials(feed.url))


def _without_credentials(url: str) -> str:
    """As an admin edits it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _pairs(services: Services, present: Sources, data: SourcesBody) -> list[Pair] | tuple[Pair, ...] | None:
    if isinstance(data.pairs, msgspec.UnsetType):
        return present.pairs
    if data.pairs is None:
        return None
    try:
        pairs = [services.canonical_pair(text) for text in data.pairs]
    except InvalidValue as refused:
        raise InvalidValue("pairs", str(refused)) from None
    return present.pairs if present.pairs is None and tuple(pairs) == services.pairs else pairs


def _feeds(services: Services, present: Sources, data: SourcesBody) -> list[NewsFeed] | tuple[NewsFeed, ...] | None:
    if isinstance(data.feeds, msgspec.UnsetType):
        return present.feeds
    if data.feeds is None:
        return None
    if present.feeds is None and data.feeds == [_shown(services, feed) for feed in services.feeds]:
        return None  # as they were shown: the settings' feeds stay the settings'
    for feed in data.feeds:
        if feed.name in services.own_feeds and not feed.url:
            raise InvalidValue(
                "feeds",
                f"'{feed.name}' is the simulator's own feed: leave all of them as they are, or list none of them",
            )
        if HIDDEN in feed.url:
            raise InvalidValue(
                "feeds", f"the address of '{feed.name}' holds '{HIDDEN}', as where a key is hidden: give all of it"
            )
        if any(
            feed.name == known.name and known.url != feed.url == _without_credentials(known.url)
            for known in services.feeds
        ):
            raise InvalidValue(
                "feeds",
                f"the address of '{feed.name}' holds a password, which is not kept here: change CRYPTOVIZ_FEEDS",
            )
    return [NewsFeed(feed.name.strip(), feed.url.strip()) for feed in data.feeds]


def _words(services: Services, sources: Sources) -> str:
    pairs = services.pairs if sources.pairs is None else sources.pairs
    feeds = services.feeds if sources.feeds is None else sources.feeds
    return f"pairs {', '.join(pairs)}; feeds {', '.join(feed.name for feed in feeds)}"[:1000]
