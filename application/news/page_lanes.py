"""Which page is read next: hosts in parallel, one request at a time a host."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from application.news.source_state import NewsSource
from application.ports.news_feed import FeedEntry


@dataclass(slots=True, eq=False)
class AwaitedArticle:
    """An entry whose page is to be read, until `deadline` (monotonic seconds) at the latest."""

    source: NewsSource
    entry: FeedEntry
    deadline: float
    published: bool = False

    @property
    def host(self) -> str:
        """Host and port of its page; empty where it has none."""
        return urlsplit(self.entry.url).netloc.lower()


class PageLanes:
    """A waiting line for each host. Not for several threads."""

    def __init__(self, most_at_once: int) -> None:
        self._most_at_once = most_at_once
        self._lanes: dict[str, deque[AwaitedArticle]] = {}
        self._busy: set[str] = set()
        self._resting: dict[str, float] = {}

    def add(self, article: AwaitedArticle) -> None:
        """Line up."""
        self._lanes.setdefault(article.host, deque()).append(article)

    def start(self, now: float) -> Iterator[AwaitedArticle]:
        """Those to be read now. Each of their hosts is busy until `finish`; what was published meanwhile is left out."""
        self._resting = {host: until for host, until in self._resting.items() if until > now}
        for host in list(self._lanes):
            lane = self._lanes[host]
            while lane and lane[0].published:
                lane.popleft()
            if not lane:
                del self._lanes[host]
            elif host not in self._busy and host not in self._resting and len(self._busy) < self._most_at_once:
                self._busy.add(host)
                yield lane.popleft()

    def finish(self, host: str, *, rest_until: float | None = None) -> None:
        """The host's request ended; where it asked for it, it is left alone for a while."""
        self._busy.discard(host)
        if rest_until is not None:
            self._resting[host] = rest_until
