"""Collecting the news: polling feeds, reading the pages they link to, publishing each article once."""

import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import structlog

from application.news.articles import FROM_FEED, entry_of, next_version, serves
from application.news.known_articles import KnownArticle, known_article, stored_article
from application.news.outbox import Outbox
from application.news.page_lanes import COMPLETED_WITHIN_S, AwaitedArticle, Outcome, PageLanes
from application.news.source_state import NewsSource, SourceState
from application.ports.article_pages import PageReader, PageText, PageUnavailable
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.news_feed import FeedAnswer, FeedEntry, FeedReader, FeedUnavailable, RefusedEntry
from application.ports.news_reads import NewsReads
from application.ports.telemetry import Telemetry
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.news.source import NewsSourceFailed, NewsSourcePolled, NewsSourceRecovered
from domain.news.tags import Tags

__all__ = ["NewsCollector", "NewsSource"]

log = structlog.get_logger(__name__)

_TICK_S = 0.1
_AT_ONCE = 64  # feeds, and hosts of pages: each has a thread while it is asked, so that none waits for another
_KNOWN_FROM = timedelta(days=7)  # of the store, at the start; older articles are looked up by their guids

_Entry = tuple[FeedEntry, KnownArticle]
_Polled = tuple[SourceState, Future[FeedAnswer]]
_Read = tuple[AwaitedArticle, Future[PageText]]


class NewsCollector:
    """Polls each source every `interval_s` and publishes what is new, at most `page_wait_s` after it was seen.

    `tags` is asked for each article, as the pairs may change. Each source fails and recovers on its own. One thread
    decides and appends; others only fetch, so a feed or a host that hangs delays nobody else. What is published again
    with other words is a new version of its article, and so is an article whose page could be read only later, for up
    to an hour, also after a restart.
    """

    def __init__(
        self,
        sources: Sequence[NewsSource],
        feeds: FeedReader,
        pages: PageReader,
        event_log: EventLog,
        reads: NewsReads,
        clock: Clock,
        telemetry: Telemetry,
        *,
        tags: Callable[[], Tags],
        interval_s: float = 300,
        page_wait_s: float = 10,
    ) -> None:
        self._sources = sources
        self._feeds = feeds
        self._pages = pages
        self._reads = reads
        self._clock = clock
        self._telemetry = telemetry
        self._tags = tags
        self._interval_s = interval_s
        self._page_wait_s = page_wait_s
        self._outbox = Outbox(event_log, telemetry)
        self._states: list[SourceState] = []
        self._lanes = PageLanes(_AT_ONCE)
        self._awaited: dict[AwaitedArticle, None] = {}  # by deadline, as they were seen
        self._refused: dict[bytes, None] = {}
        self._done: queue.SimpleQueue[_Polled | _Read] = queue.SimpleQueue()

    def run(self, stop: threading.Event) -> None:
        """Collect until `stop` is set. What was seen by then is published, with the feed's text if need be."""
        breaking_off = threading.Event()
        self._begin()
        polls = ThreadPoolExecutor(min(_AT_ONCE, max(1, len(self._states))), "news-poll")
        pages = ThreadPoolExecutor(_AT_ONCE, "news-page")
        try:
            while not stop.is_set():
                if self._outbox.flush():
                    self._start_polls(polls, breaking_off)
                self._start_pages(pages, breaking_off)
                self._take_results()
                self._publish_overdue(time.monotonic())
        finally:
            breaking_off.set()
            polls.shutdown(cancel_futures=True)
            pages.shutdown(cancel_futures=True)
            self._publish_overdue(float("inf"))
            self._outbox.flush(at_last=True)
            self._feeds.close()
            self._pages.close()

    def _begin(self) -> None:
        # A little apart, so that the feeds of one host are not asked in the same instant.
        latest = min(0.5, self._interval_s / 20)
        now = time.monotonic()
        self._states = [SourceState(source=source, due=now + random.uniform(0, latest)) for source in self._sources]  # noqa: S311
        self._lanes = PageLanes(_AT_ONCE)
        self._awaited = {}
        self._done = queue.SimpleQueue()
        for state in self._states:
            self._recall(state, now)

    def _recall(self, state: SourceState, now: float) -> None:
        """Take from the store what is known of a source, and the articles that still wait for their page's text."""
        at = self._clock.now()
        for stored in self._reads.since(state.source.name, at - _KNOWN_FROM):
            known = stored_article(stored)
            state.known.put(stored.guid, known)
            left_s = COMPLETED_WITHIN_S - (at - stored.known_since).total_seconds()
            if left_s > 0 and stored.extracted_by in FROM_FEED:
                awaited = AwaitedArticle(
                    source=state.source, entry=entry_of(stored), known=known, deadline=now, until=now + left_s,
                    is_published=True,
                )  # fmt: skip
                if awaited.host:
                    self._lanes.add(awaited)

    def _start_polls(self, pool: ThreadPoolExecutor, stop: threading.Event) -> None:
        now = time.monotonic()
        for state in self._states:
            if state.starts(now):
                poll = pool.submit(self._feeds.read, state.source.url, state.conditions(now), stop)
                poll.add_done_callback(partial(self._poll_ended, state))

    def _start_pages(self, pool: ThreadPoolExecutor, stop: threading.Event) -> None:
        for awaited in self._lanes.start(time.monotonic()):
            read = pool.submit(self._pages.read, awaited.entry.url, stop, patiently=awaited.is_published)
            read.add_done_callback(partial(self._read_ended, awaited))

    def _poll_ended(self, state: SourceState, poll: Future[FeedAnswer]) -> None:
        self._done.put((state, poll))

    def _read_ended(self, awaited: AwaitedArticle, read: Future[PageText]) -> None:
        self._done.put((awaited, read))

    def _take_results(self) -> None:
        timeout: float = _TICK_S
        while True:
            try:
                what, future = self._done.get(timeout=timeout)
            except queue.Empty:
                return
            if isinstance(what, SourceState):
                self._take_poll(what, future)  # type: ignore[arg-type] # a state comes with a poll
            else:
                self._take_page(what, future)  # type: ignore[arg-type] # and an article with its page
            timeout = 0

    def _take_poll(self, state: SourceState, poll: Future[FeedAnswer]) -> None:
        error = poll.exception()
        if error is not None:
            self._failed(state, error)
            return
        answer, now, source = poll.result(), self._clock.now(), state.source
        fresh, revised = self._sorted_out(state, answer.entries, now)
        events: list[Event] = []
        if state.failures:
            events.append(
                NewsSourceRecovered(source=source.name, occurred_at=now, recorded_at=now, origin=source.origin)
            )
        events.append(
            NewsSourcePolled(
                source=source.name, entries=len(answer.entries), new=len(fresh), left_out=answer.left_out,
                occurred_at=now, recorded_at=now, origin=source.origin,
            )
        )  # fmt: skip
        events += self._dead_letters(source, answer.refused)
        self._outbox.add(events)
        if answer.left_out:
            self._telemetry.count("refusals", answer.left_out, reason="news-entries-beyond-limit")
            log.warning("a feed has more entries than are read", source=source.name, left_out=answer.left_out)
        at = time.monotonic()
        state.answered(at, self._interval_s, answer.validators, is_whole=not answer.not_modified)
        self._telemetry.count(
            "news_polls", source=source.name, outcome="not_modified" if answer.not_modified else "answered"
        )
        for entry, known in (*fresh, *revised):
            known.turn += 1
            known.is_under_way = True
            self._await(
                AwaitedArticle(
                    source=source,
                    entry=entry,
                    known=known,
                    deadline=at + self._page_wait_s,
                    until=at + COMPLETED_WITHIN_S,
                )
            )

    def _failed(self, state: SourceState, error: BaseException) -> None:
        asked_for = error.retry_after_s if isinstance(error, FeedUnavailable) else None
        reason = str(error)
        if not isinstance(error, FeedUnavailable):
            log.error("a news source could not be read", source=state.source.name, exc_info=error)
            reason = f"an error of ours: {type(error).__name__}: {error}"
        pause_s = state.failed(time.monotonic(), self._interval_s, asked_for)
        now = self._clock.now()
        next_try_at = now + timedelta(seconds=pause_s)
        log.warning(
            "a news source failed", source=state.source.name, reason=reason, next_try_at=next_try_at.isoformat()
        )
        self._telemetry.count("news_polls", source=state.source.name, outcome="failed")
        self._outbox.add([
            NewsSourceFailed(
                source=state.source.name, reason=reason, next_try_at=next_try_at,
                occurred_at=now, recorded_at=now, origin=state.source.origin,
            )
        ])  # fmt: skip

    def _sorted_out(
        self, state: SourceState, entries: Sequence[FeedEntry], now: datetime
    ) -> tuple[list[_Entry], list[_Entry]]:
        """Entries of new articles, and of known ones with other words, each in the feed's order."""
        own = state.guids.own(entries)
        unknown = {
            f"{state.source.name}:{entry.guid}": entry.guid for entry in own if state.known.get(entry.guid) is None
        }
        if unknown:
            for event_id, stored in self._reads.latest(unknown).items():
                state.known.put(unknown[event_id], stored_article(stored))
        fresh: list[_Entry] = []
        revised: list[_Entry] = []
        for entry, same in zip(own, state.known.matched(own, now), strict=True):
            known = same or known_article(entry, now)
            state.known.put(entry.guid, known)
            if same is None:
                fresh.append((entry, known))
            elif known.differs_from(entry) and known.may_be_revised(now):
                known.take(entry, now)
                revised.append((entry, known))
            else:
                known.see(entry, now)
        return fresh, revised

    def _dead_letters(self, source: NewsSource, refused: Sequence[RefusedEntry]) -> list[Event]:
        letters: list[Event] = []
        for entry in refused:
            if entry.raw in self._refused:
                continue  # a feed shows the same entry at every poll
            self._refused[entry.raw] = None
            if len(self._refused) > 1_000:
                del self._refused[next(iter(self._refused))]
            now = self._clock.now()
            letters.append(
                DeadLettered(
                    kind="news-entry", place=source.name, reason=entry.reason, raw=entry.raw,
                    occurred_at=now, recorded_at=now, origin=source.origin,
                )
            )  # fmt: skip
            self._telemetry.count("refusals", reason="news-entry")
            log.warning("a feed's entry was refused", source=source.name, reason=entry.reason)
        return letters

    def _await(self, awaited: AwaitedArticle) -> None:
        if awaited.host:
            self._awaited[awaited] = None
            self._lanes.add(awaited)
        else:
            self._publish(awaited, None)

    def _take_page(self, awaited: AwaitedArticle, read: Future[PageText]) -> None:
        error = read.exception()
        outcome, asked_for = Outcome.DONE, None
        if error is not None:
            self._telemetry.count("refusals", reason="news-page")
            log.info("an article's page was not read", url=awaited.entry.url, reason=str(error))
            if not isinstance(error, PageUnavailable):
                log.error("reading a page failed", url=awaited.entry.url, exc_info=error)
            elif not error.is_lasting:
                outcome = Outcome.HOST_TROUBLE if error.is_of_host else Outcome.PAGE_TROUBLE
                asked_for = error.retry_after_s
        page = None if error else read.result()
        if not awaited.is_published:
            self._publish(awaited, page)
        elif not awaited.is_over and serves(page, awaited.entry):
            self._append(awaited, page, is_completed=True)
        self._lanes.finish(awaited, outcome, time.monotonic(), retry_after_s=asked_for)

    def _publish(self, awaited: AwaitedArticle, page: PageText | None) -> None:
        self._awaited.pop(awaited, None)
        if not awaited.is_published:
            awaited.is_published = True
            self._append(awaited, page, is_completed=False)

    def _append(self, awaited: AwaitedArticle, page: PageText | None, *, is_completed: bool) -> None:
        now, known = self._clock.now(), awaited.known
        version = next_version(awaited.source, awaited.entry, page, now, known, self._tags(), is_completed=is_completed)
        known.published(version)
        self._outbox.add([version])

    def _publish_overdue(self, now: float) -> None:
        overdue = [awaited for awaited in self._awaited if awaited.deadline <= now]
        for awaited in overdue:
            self._telemetry.count("refusals", reason="news-page-late")
            self._publish(awaited, None)
