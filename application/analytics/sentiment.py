"""Scores for articles as they come in."""

import threading
from collections.abc import Iterable, Sequence
from datetime import datetime

from application.failed_records import FailedRecords
from application.isolation import Failed, isolate
from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import BEGINNING, EventLog, LogReader, Recorded, Unreadable
from application.ports.sentiment_model import SentimentModel
from application.ports.store import Store
from application.store import reader_from
from application.topics import ARTICLES
from domain.analytics.sentiment import SentimentScored
from domain.news.article import ArticlePublished

_BATCH = 500


def scores_of(articles: Iterable[ArticlePublished], model: SentimentModel, now: datetime) -> list[SentimentScored]:
    """One score for each article, from its title and its content, or the feed's summary where there is none.

    It follows from the article and the model's version, and so does its id. It is recorded `now`: nobody knew it before.
    Made again, after a crash, it is the same event, and the first recording of it counts.
    """
    identity = model.identity
    scores = []
    for article in articles:
        verdict = model.score(article.title, article.content or article.summary)
        scores.append(
            SentimentScored(
                article_event_id=article.event_id,
                model=identity.model,
                model_version=identity.version,
                score=verdict.score,
                label=verdict.label,
                occurred_at=article.occurred_at,
                recorded_at=max(now, article.recorded_at),
                article_recorded_at=article.recorded_at,
                origin=article.origin,
            )
        )
    return scores


def score_each(
    records: Sequence[Recorded | Unreadable], model: SentimentModel, event_log: EventLog, now: datetime
) -> Sequence[Failed[Recorded | Unreadable]]:
    """Append the scores of the articles among these records; returns the records that failed. Raises LogUnavailable."""

    def attempt(part: Sequence[Recorded | Unreadable]) -> None:
        events = [record.event for record in part if isinstance(record, Recorded)]
        event_log.append(scores_of((event for event in events if isinstance(event, ArticlePublished)), model, now))

    return isolate(records, attempt)


def reader_name(model: SentimentModel) -> str:
    """As whom a model's scoring saves its place in the log."""
    return f"sentiment:{model.identity.model}:{model.identity.version}"


class SentimentScoring:
    """Scores every article of the log, once for each version of a model: a new version begins at the log's oldest.

    Scores go to the log before the place is saved, so a crash between them repeats scores, under the same ids. An
    article that cannot be scored becomes a dead letter.
    """

    def __init__(
        self, event_log: EventLog, store: Store, model: SentimentModel, failed: FailedRecords, clock: Clock
    ) -> None:
        self._clock = clock
        self._log = event_log
        self._store = store
        self._model = model
        self._failed = failed
        self._reader_name = reader_name(model)

    def run(self, stop: threading.Event) -> None:
        """Score what comes until `stop` is set. Raises LogUnavailable, StoreUnavailable."""
        with self._reader() as reader:
            while not stop.is_set():
                self._score_next(reader, timeout_s=0.25)

    def catch_up(self) -> int:
        """Score all that the log holds now; returns how many articles that was."""
        scored = 0
        with self._reader() as reader:
            while count := self._score_next(reader, timeout_s=0):
                scored += count
        return scored

    def _reader(self) -> LogReader:
        with self._store.begin() as tx:
            checkpoint = tx.checkpoint(self._reader_name)
        return reader_from(self._log, [ARTICLES], checkpoint.cursor if checkpoint else BEGINNING)

    def _score_next(self, reader: LogReader, *, timeout_s: float) -> int:
        records = reader.read(limit=_BATCH, timeout_s=timeout_s)
        if records:  # unreadable ones are the store's to keep as dead letters
            self._failed.set_aside(score_each(records, self._model, self._log, self._clock.now()), self._reader_name)
            with self._store.begin() as tx:
                tx.save_checkpoint(self._reader_name, Checkpoint(reader.cursor))
        return len(records)
