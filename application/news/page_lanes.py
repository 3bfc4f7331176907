"""Which page is read next: hosts in parallel, one request at a time a host, each host and page by its own schedule."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from application.news.known_articles import KnownArticle
from application.news.source_state import NewsSource
from application.ports.news_feed import FeedEntry

COMPLETED_WITHIN_S = 3_600.0
_HOST_PAUSE_S, _LONGEST_HOST_PAUSE_S = 15.0, 300.0
_PAGE_PAUSE_S, _LONGEST_PAGE_PAUSE_S = 30.0, 600.0


class Outcome(Enum):
    """How a request for a page ended: there is nothing more to ask, the page is in trouble, or all of its host is."""

    DONE = "done"
    PAGE_TROUBLE = "page trouble"
    HOST_TROUBLE = "host trouble"


@dataclass(slots=True, eq=False, kw_only=True)
class AwaitedArticle:
    """An entry whose page is to be read. Times are in monotonic seconds.

    At `deadline` it is published without the page, and the page is asked for on until `until`. `is_published`: this
    version of the article is; `has_ended`: there is nothing more to ask.
    """

    source: NewsSource
    entry: FeedEntry
    known: KnownArticle
    deadline: float
    until: float
    is_published: bool = False
    has_ended: bool = False
    turn: int = field(init=False)
    tries: int = 0
    next_at: float = 0.0

    def __post_init__(self) -> None:
        self.turn = self.known.turn

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for the page any more: a later version of the article may be awaited meanwhile."""
        return self.has_ended or self.turn != self.known.turn

    @property
    def host(self) -> str:
        """Host and port of its page; empty where it has none."""
        return urlsplit(self.entry.url).netloc.lower()


@dataclass(slots=True)
class _Lane:
    fresh: deque[AwaitedArticle] = field(default_factory=deque)
    late: list[AwaitedArticle] = field(default_factory=list)
    is_busy: bool = False
    failures: int = 0
    rests_until: float = 0.0

    def tidy(self, now: float) -> None:
        """What was published without its page waits behind those that are not; what nobody waits for is left out."""
        self.late += [awaited for awaited in self.fresh if awaited.is_published]
        self.fresh = deque(awaited for awaited in self.fresh if not awaited.is_published and not awaited.is_over)
        self.late = [awaited for awaited in self.late if not awaited.is_over and awaited.until > now]

    def next(self, now: float) -> AwaitedArticle | None:
        if self.fresh:
            return self.fresh.popleft()
        due = [awaited for awaited in self.late if awaited.next_at <= now]
        if not due:
            return None
        first = min(due, key=lambda awaited: awaited.next_at)
        self.late.remove(first)
        return first


class PageLanes:
    """A waiting line for each host. No host's trouble concerns another. Not for several threads."""

    def __init__(self, most_at_once: int) -> None:
        self._most_at_once = most_at_once
        self._lanes: dict[str, _Lane] = {}

    def add(self, article: AwaitedArticle) -> None:
        """Line up."""
        self._lanes.setdefault(article.host, _Lane()).fresh.append(article)

    def start(self, now: float) -> Iterator[AwaitedArticle]:
        """Those to be read now. Each of their hosts is busy until `finish`."""
        busy = sum(lane.is_busy for lane in self._lanes.values())
        for host, lane in list(self._lanes.items()):
            lane.tidy(now)
            if lane.is_busy or lane.rests_until > now:
                continue
            if not lane.fresh and not lane.late:
                del self._lanes[host]
            elif busy < self._most_at_once and (awaited := lane.next(now)):
                lane.is_busy = True
                busy += 1
                yield awaited

    def finish(
        self, article: AwaitedArticle, outcome: Outcome, now: float, *, retry_after_s: float | None = None
    ) -> None:
        """The request ended. A host in trouble is left alone for a while, longer each time, or as long as it asks."""
        lane = self._lanes[article.host]
        lane.is_busy = False
        article.tries += 1
        if outcome is Outcome.HOST_TROUBLE:
            lane.failures += 1
            pause_s = min(_HOST_PAUSE_S * 2.0 ** min(lane.failures - 1, 10), _LONGEST_HOST_PAUSE_S)
            lane.rests_until = now + (pause_s if retry_after_s is None else retry_after_s)
            article.next_at = lane.rests_until
        else:
            lane.failures = 0
            article.next_at = now + min(_PAGE_PAUSE_S * 2.0 ** min(article.tries - 1, 10), _LONGEST_PAGE_PAUSE_S)
        if outcome is Outcome.DONE:
            article.has_ended = True
        else:
            lane.late.append(article)
