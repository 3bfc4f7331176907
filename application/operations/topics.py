"""The log's topics, and how far behind each of their readers is."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from application.alerting.notify import READER as NOTIFYING
from application.alerting.watch import READER as ALERTING
from application.alerting.watch import topics_of
from application.analytics.sentiment import reader_name
from application.ports.checkpoints import Checkpoint, CheckpointReads
from application.ports.log_inspection import LogInspection, TopicFound
from application.ports.places import Place
from application.ports.sentiment_model import SentimentModel
from application.store import INGESTION
from application.store import READER as STORE
from application.store import TOPICS as STORED
from application.topics import ALERTS, ARTICLES, FEED_EVENTS, TRADES

Saved = Mapping[str, Checkpoint]


@dataclass(frozen=True, slots=True)
class LogConsumer:
    """A reader of the log: by what was saved, which topics it reads, and up to where it has (None: it has not begun).

    Without a `place` its place is kept where we do not look.
    """

    name: str
    topics: Callable[[Saved], Collection[str]]
    place: Callable[[Saved], Place | None] | None


@dataclass(frozen=True, slots=True)
class Lag:
    """How many records of a topic a reader has yet to read, as far as it has saved its place; None where nobody knows."""

    consumer: str
    records: int | None


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic and its readers."""

    topic: TopicFound
    consumers: Sequence[Lag]


def consumers_in_one_process(model: SentimentModel) -> Sequence[LogConsumer]:
    """Those of the embedded profile. Forecasts are made of the tables, and read no log."""
    scoring = reader_name(model)
    return (
        LogConsumer("store", lambda _: STORED, _saved_as(STORE)),
        *_ALERTING,
        LogConsumer("sentiment", lambda _: (ARTICLES,), _saved_as(scoring)),
    )


def consumers_in_cluster() -> Sequence[LogConsumer]:
    """Those of the cluster profile; the analytics job's places are in Spark's own checkpoints."""
    return (
        LogConsumer("ingest", lambda _: STORED, _ingested),
        *_ALERTING,
        LogConsumer("candles", lambda _: (TRADES, FEED_EVENTS), None),
        LogConsumer("sentiment", lambda _: (ARTICLES,), None),
    )


class Topics:
    """Looks at all topics at once."""

    def __init__(self, log: LogInspection, places: CheckpointReads, consumers: Sequence[LogConsumer]) -> None:
        self._log = log
        self._places = places
        self._consumers = consumers

    def states(self) -> Sequence[TopicState]:
        """All topics in their order. Readers that have saved no place yet are left out.

        Raises LogUnavailable, StoreUnavailable.
        """
        saved = self._places.checkpoints("")
        found = self._log.topics()
        lags: dict[str, list[Lag]] = {topic.topic: [] for topic in found}
        for consumer in self._consumers:
            for topic, behind in self._behind(consumer, saved):
                lags[topic].append(Lag(consumer.name, behind))
        return [TopicState(topic, lags[topic.topic]) for topic in found]

    def _behind(self, consumer: LogConsumer, saved: Saved) -> Iterable[tuple[str, int | None]]:
        topics = consumer.topics(saved)
        if consumer.place is None:
            return [(topic, None) for topic in topics]
        place = consumer.place(saved)
        return [] if place is None else self._log.behind(place, topics).items()


def _saved_as(reader: str) -> Callable[[Saved], Place | None]:
    return lambda saved: Place.at(saved[reader].cursor) if reader in saved else None


def _ingested(saved: Saved) -> Place | None:
    places = [Place.at(checkpoint.cursor) for name, checkpoint in saved.items() if name.startswith(INGESTION)]
    return reduce(Place.joined, places) if places else None


def _watched(saved: Saved) -> Collection[str]:
    return topics_of(json.loads(saved[ALERTING].state)) if ALERTING in saved else ()


_ALERTING = (
    LogConsumer("alerting", _watched, _saved_as(ALERTING)),
    LogConsumer("notifying", lambda _: (ALERTS,), _saved_as(NOTIFYING)),
)
