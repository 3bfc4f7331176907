"""What a collector knows of one source's articles: by their guids, and by their words where guids change."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.ports.news_feed import FeedEntry
from domain.news.article import ArticlePublished, ArticleRevised

_A_DAY = timedelta(days=1)
_MOST_KNOWN = 2_000  # guids of a source; older ones are in the store, which is asked too
_FIRST_GAP, _LONGEST_GAP = timedelta(seconds=30), timedelta(hours=1)


def digest(*texts: str) -> bytes:
    """The same for texts that differ in white space alone."""
    return hashlib.sha256("\0".join(" ".join(text.split()) for text in texts).encode(errors="replace")).digest()


@dataclass(slots=True, kw_only=True, eq=False)
class KnownArticle:
    """An article as its feed last gave it. `content` is None where only its page's text is known.

    `seen_at` is the time of publication that its entry gave, or for one without when it was last seen. `latest` is the
    last version that was published, without its texts; None until then. `turn` counts the versions that were awaited,
    `is_under_way` while one of them is not published.
    """

    guid: str
    url: str
    words: bytes
    content: bytes | None
    seen_at: datetime
    latest: ArticlePublished | None = None
    turn: int = 0
    is_under_way: bool = False

    @property
    def revision(self) -> int:
        """How many versions were published."""
        latest = self.latest
        return 0 if latest is None else latest.revision if isinstance(latest, ArticleRevised) else 1

    def differs_from(self, entry: FeedEntry) -> bool:
        """Whether the entry has other words. Another link or date alone is no other version."""
        return self.words != _words(entry) or self.content not in (None, digest(entry.content))

    def may_be_revised(self, now: datetime) -> bool:
        """Whether another version may be published: soon at first, then more and more rarely, as some feeds never rest."""
        if self.latest is None or self.is_under_way:
            return False
        if self.revision == 1:
            return True
        longer: int = 4 ** min(self.revision - 2, 10)
        gap = min(_FIRST_GAP * longer, _LONGEST_GAP)
        return self.latest.recorded_at <= now - gap

    def take(self, entry: FeedEntry, now: datetime) -> None:
        """Take note of what the feed gives now."""
        self.url, self.words, self.content = entry.url, _words(entry), digest(entry.content)
        self.see(entry, now)

    def see(self, entry: FeedEntry, now: datetime) -> None:
        """Take note that the feed still shows it."""
        self.seen_at = entry.published_at or now

    def published(self, version: ArticlePublished) -> None:
        """Take note of a version that was published."""
        self.latest = replace(version, summary="", content="", authors=(), tags=())
        self.is_under_way = False


def known_article(entry: FeedEntry, now: datetime) -> KnownArticle:
    """An article that is new."""
    return KnownArticle(
        guid=entry.guid,
        url=entry.url,
        words=_words(entry),
        content=digest(entry.content),
        seen_at=entry.published_at or now,
    )


def stored_article(article: ArticlePublished) -> KnownArticle:
    """An article from the store."""
    known = KnownArticle(
        guid=article.guid,
        url=article.url,
        words=digest(article.title, article.summary),
        content=digest(article.content) if article.extracted_by == "feed-content" else None,
        seen_at=article.published_at or article.recorded_at,
    )
    known.published(article)
    return known


def _words(entry: FeedEntry) -> bytes:
    return digest(entry.title, entry.summary)


class KnownArticles:
    """The articles of a source, the longest not seen forgotten first. An article may have several guids over time."""

    def __init__(self) -> None:
        self._by_guid: dict[str, KnownArticle] = {}

    def __len__(self) -> int:
        return len(self._by_guid)

    def get(self, guid: str) -> KnownArticle | None:
        """The article of that guid."""
        return self._by_guid.get(guid)

    def put(self, guid: str, article: KnownArticle) -> None:
        """Take note that the guid came now, and of which article it is."""
        self._by_guid.pop(guid, None)
        self._by_guid[guid] = article
        if len(self._by_guid) > _MOST_KNOWN:
            del self._by_guid[next(iter(self._by_guid))]

    def matched(self, entries: Sequence[FeedEntry], now: datetime) -> list[KnownArticle | None]:
        """The article of each entry that came under an unknown guid, where it is known by its words.

        An article is the same within a day when title and text are, or title and link. One that the answer also shows
        under its own guid is another, as is one that an earlier entry has been found to be.
        """
        shown = {id(self._by_guid[entry.guid]) for entry in entries if entry.guid in self._by_guid}
        absent = {id(known): known for known in self._by_guid.values() if id(known) not in shown}
        by_words: dict[bytes, list[KnownArticle]] = {}
        by_link: dict[str, list[KnownArticle]] = {}
        for known in absent.values():
            by_words.setdefault(known.words, []).append(known)
            if known.url:
                by_link.setdefault(known.url, []).append(known)
        found: list[KnownArticle | None] = []
        for entry in entries:
            same = self._by_guid.get(entry.guid)
            if same is None:
                alike = [
                    known for known in by_words.get(_words(entry), ()) if known.content in (None, digest(entry.content))
                ]
                titled = [
                    known for known in by_link.get(entry.url, ()) if known.latest and known.latest.title == entry.title
                ]
                near = [known for known in (*alike, *titled) if id(known) in absent and _is_near(entry, known, now)]
                same = near[0] if near else None
                if same is not None:
                    del absent[id(same)]
            found.append(same)
        return found


def _is_near(entry: FeedEntry, known: KnownArticle, now: datetime) -> bool:
    return abs((entry.published_at or now) - known.seen_at) < _A_DAY


class Guids:
    """Gives each entry of an answer a guid of its own.

    Where entries with other links or titles share one, their links are added to it, or link and title where these are
    shared too. What was once found to be shared stays so, though a later answer may show one of its entries alone.
    """

    def __init__(self) -> None:
        self._shared: dict[str, bool] = {}  # whether the link is shared as well

    def own(self, entries: Iterable[FeedEntry]) -> list[FeedEntry]:
        """The entries, each once, with guids that differ."""
        of_guid: dict[str, dict[tuple[str, str], FeedEntry]] = {}
        for entry in entries:
            of_guid.setdefault(entry.guid, {}).setdefault((entry.url, entry.title), entry)
        for guid, different in of_guid.items():
            if len(different) > 1:
                links = [url for url, _ in different]
                is_link_shared = len(set(links)) < len(links)
                self._shared[guid] = self._shared.get(guid, False) or is_link_shared
        return [self._own(entry) for different in of_guid.values() for entry in different.values()]

    def _own(self, entry: FeedEntry) -> FeedEntry:
        is_link_shared = self._shared.get(entry.guid)
        if is_link_shared is None:
            return entry
        link_and_title = digest(entry.url, entry.title).hex()[:16]
        return replace(entry, guid=f"{entry.guid} {link_and_title if is_link_shared else entry.url}".rstrip())
