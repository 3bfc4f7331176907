"""How long rows are kept, and deleting those that are older."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import structlog

from application.ports.clock import Clock
from application.ports.retention import Expiry
from application.ports.telemetry import Telemetry

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
        self, expiry: Expiry, clock: Clock, telemetry: Telemetry, *, kept: Mapping[str, timedelta] = KEPT
    ) -> None:
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
        """Delete, piece by piece, what is too old now. Raises StoreUnavailable: what was deleted by then stays so."""
        by_database = self._expiry.hold_to(self._kept)
        for table, age in self._kept.items():
            if table not in by_database:
                self._delete(table, age, stop)

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
