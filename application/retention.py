"""How long rows are kept, and deleting those that are older."""

import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

import structlog

from application.operations.topics import LogConsumer
from application.ports.checkpoints import CheckpointReads
from application.ports.clock import Clock
from application.ports.event_log import BoundedLog, Cursor, Place
from application.ports.retention import Expiry
from application.ports.telemetry import Telemetry
from application.store import READER as STORE

log = structlog.get_logger(__name__)

KEPT: Mapping[str, timedelta] = MappingProxyType(
    {
        "ticker_data": timedelta(days=90),
        "trade_data": timedelta(days=30),
        "article_data": timedelta(days=180),
        "prediction_data": timedelta(days=365),
        "candle_data": timedelta(days=1825),
        "sentiment_data": timedelta(days=365),
        "alert_data": timedelta(days=365),
        "delivery": timedelta(days=365),  # those that are over; as long as the alerts that they are about
        "replaced_candle": timedelta(days=1825),  # as long as the candles that took their places
        "article_tag": timedelta(days=180),  # as long as the articles that have the tags
        "forecast_score": timedelta(days=365),  # as long as the forecasts
    }
)
"""How old rows grow by their event time. All other tables keep everything: streams, dead letters, what befell the feeds."""

NOTHING_EXPIRES: Mapping[str, timedelta] = MappingProxyType({})

_EVERY_S = 3600.0


class Retention:
    """Deletes what is older than `kept` says, by table; with NOTHING_EXPIRES it ends what an earlier run had set up."""

    def __init__(
        self,
        expiry: Expiry,
        clock: Clock,
        telemetry: Telemetry,
        *,
        kept: Mapping[str, timedelta] = KEPT,
        log_retention: "LogRetention | None" = None,
    ) -> None:
        """`log_retention` bounds the log as well, where nobody else does."""
        self._log_retention = log_retention
        self._expiry = expiry
        self._clock = clock
        self._telemetry = telemetry
        self._kept = kept

    def run(self, stop: threading.Event) -> None:
        """Delete what has aged out, once an hour until `stop` is set. Raises StoreUnavailable."""
        while not stop.is_set():
            self.sweep(stop)
            stop.wait(_EVERY_S)

    def sweep(self, stop: threading.Event) -> None:
        """Delete, piece by piece, what is too old now. Raises StoreUnavailable, LogUnavailable: what was deleted by then stays so."""
        by_database = self._expiry.hold_to(self._kept)
        for table, age in self._kept.items():
            if table not in by_database:
                self._delete(table, age, stop)
        if self._log_retention and self._kept and not stop.is_set():
            self._log_retention.sweep()

    def _delete(self, table: str, age: timedelta, stop: threading.Event) -> None:
        before = self._clock.now() - age
        deleted = 0
        unit = ""
        while not stop.is_set():
            some = self._expiry.delete_some(table, before)
            if not some.number:
                break
            self._telemetry.count("expired", some.number, table=table, unit=some.unit)
            deleted, unit = deleted + some.number, some.unit
        if deleted:
            log.info("deleted what is older than it is kept", table=table, before=before.isoformat(), **{unit: deleted})


class LogRetention:
    """Deletes the log's records that are older than trades are kept, as Kafka does by itself.

    A record that a reader has yet to read stays. Rows that were made of deleted records stay in the tables as long as
    these keep them: a rebuild carries them over.
    """

    def __init__(
        self, event_log: BoundedLog, checkpoints: CheckpointReads, readers: Sequence[LogConsumer], clock: Clock
    ) -> None:
        """`readers` are those whose checkpoints the store keeps; one that has not begun yet waits for nothing old."""
        self._log = event_log
        self._checkpoints = checkpoints
        self._readers = readers
        self._clock = clock

    def sweep(self) -> None:
        """Delete what is too old and has been read by all. Raises LogUnavailable, StoreUnavailable."""
        before = self._clock.now() - KEPT["trade_data"]
        saved = self._checkpoints.checkpoints("")
        if STORE not in saved:
            return
        places = [reader.place(saved) for reader in self._readers if reader.place is not None]
        read = min(_number(place) for place in places if place is not None)
        oldest, until = _number(Place.at(self._log.oldest())), _number(Place.at(self._log.before(before)))
        if min(read, until) > oldest:
            self._log.delete_before(Cursor(str(min(read, until))))
            log.info("deleted records of the log", records=min(read, until) - oldest, before=before.isoformat())


def _number(place: Place) -> int:
    return place.numbers.get("", 0)
