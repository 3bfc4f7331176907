"""Forecasts as candles close: of every pair 1, 5 and 60 minutes ahead, each one bar of that length."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from application.analytics.closed_candles import AT_ONCE, GRACE, ClosedCandles
from application.analytics.series import ForecastSeries
from application.courtesy import GiveWay, at_once
from application.failed_records import FailedRecords
from application.isolation import Failure, is_of_the_surroundings, isolate
from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import BEGINNING, EventLog
from application.ports.forecast_reads import FORECASTING
from application.ports.forecaster import Forecasters
from application.ports.market_reads import MarketReads
from application.ports.store import Store
from domain.event import Event
from domain.market.candle import Candle, Interval
from domain.values import Origin, Pair, parse_time, rfc3339

log = structlog.get_logger(__name__)

HORIZONS = (Interval.M1, Interval.M5, Interval.H1)
_YOUNG = 500  # bars; a series that knows fewer looks for history that has come since
_LOOK_AGAIN = timedelta(seconds=5)
_EVERY_S = 1.0
FORECASTS = "forecasts"
"""The reader of closed candles, in its dead letters, and their place."""

_REST_S = 60.0
_FORM = 1  # of the state; another one is not read, and the series begin anew


class Forecasting:
    """Feeds closed candles to the models, issues forecasts and scores them. The same in every profile.

    When a candle is closed is told in `closed_candles.py`. Trades that come later still change the candle, but not what
    was learned and scored: a bar is fed once.

    `clock_grace` is how long after its end a candle counts as closed by our clock alone: longer than two seconds where
    candles are made by another job, which may be that far behind.

    A pair's state is its checkpoint. Events go to the log before it is saved, so a crash between them repeats events,
    under the same ids. One instance may be used by one thread at a time; several instances may work on different pairs.
    """

    def __init__(
        self,
        event_log: EventLog,
        store: Store,
        reads: MarketReads,
        clock: Clock,
        models: Forecasters,
        failed: FailedRecords,
        *,
        origin: Origin,
        clock_grace: timedelta = GRACE,
    ) -> None:
        self._log = event_log
        self._store = store
        self._candles = ClosedCandles(reads, clock, is_recording=origin is Origin.RECORDING, clock_grace=clock_grace)
        self._clock = clock
        self._models = models
        self._is_recording = origin is Origin.RECORDING
        self._failed = failed
        self._idle_until: dict[Pair, datetime] = {}  # nothing can have closed before
        self._refused: set[tuple[Pair, Interval, datetime]] = set()  # bars that a model failed on
        self._resting_until: dict[Pair, float] = {}  # pairs that failed as a whole, by time.monotonic()

    def run(self, pairs: Callable[[], Sequence[Pair]], stop: threading.Event, *, give_way: GiveWay = at_once) -> None:
        """Advance all pairs about once a second until `stop` is set, each after giving way.

        Raises StoreUnavailable, LogUnavailable.
        """
        while not stop.is_set():
            more = False
            for pair in pairs():
                give_way(stop)
                if stop.is_set():
                    return
                more = self.advance_apart(pair) or more
            if not more:
                stop.wait(_EVERY_S)

    def advance_apart(self, pair: Pair) -> bool:
        """The same as `advance`, but a failure of this pair alone becomes a dead letter, and the pair rests for a minute.

        Raises StoreUnavailable, LogUnavailable.
        """
        if time.monotonic() < self._resting_until.get(pair, 0):
            return False
        try:
            return self.advance(pair)
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
            self._resting_until[pair] = time.monotonic() + _REST_S
            failure = Failure.of(error)
            self._failed.set_aside_from(f"{FORECASTS}/{pair}", 0, failure.location.encode(), failure, FORECASTS)
            return False

    def advance(self, pair: Pair) -> bool:
        """Feed a pair's series with the candles that have closed since; returns whether there are more already.

        The first time, the latest 1,000 candles of each length are learned from, in a recording all of them from the
        first. History that comes in later is taken up as long as a series is young. At most 1,000 candles a series
        are fed in one call. Raises StoreUnavailable, LogUnavailable.
        """
        traded = self._candles.latest_trade_at(pair)
        now = None if self._is_recording else self._clock.now()
        known_by = max((time for time in (traded, now) if time), default=None)
        if known_by is None or known_by < self._idle_until.get(pair, known_by):
            return False
        all_series = self._load(pair)
        events: list[Event] = []
        changed = more = False
        for interval, series in all_series.items():
            fresh = self._with_late_history(series, traded)
            candles = self._next(fresh, traded)
            unscored = fresh.unscored
            fresh, found = self._fed(fresh, candles, now)
            events += found
            if fresh.unscored > unscored:
                log.info("forecasts stay unscored, their bars are missing", pair=pair, horizon_s=interval.seconds)
            all_series[interval] = fresh
            changed = changed or bool(candles)
            more = more or len(candles) >= AT_ONCE
        if not self._is_recording:  # the candle was known before its forecast was
            made_at = self._clock.now()
            events = [replace(event, recorded_at=max(made_at, event.recorded_at)) for event in events]
        for one in isolate(events, self._log.append):
            raw = repr(one.record).encode("utf-8", "backslashreplace")
            self._failed.set_aside_from(f"{FORECASTS}/{pair}", 0, raw, one.failure, FORECASTS)
        if changed:
            with self._store.begin() as tx:
                tx.save_checkpoint(f"{FORECASTING}{pair}", Checkpoint(BEGINNING, _state(all_series)))
        self._idle_until[pair] = known_by if more else _next_look(all_series.values(), known_by)
        return more

    def _fed(
        self, series: ForecastSeries, candles: Sequence[Candle], now: datetime | None
    ) -> tuple[ForecastSeries, list[Event]]:
        """Feed candles; returns the series and its events. One that a model fails on is left out, as if it were missing."""
        events: list[Event] = []

        def attempt(part: Sequence[Candle]) -> None:
            nonlocal series
            before = json.dumps(series.snapshot())
            try:
                events.extend([event for candle in part for event in series.feed(candle, now)])
            except BaseException:
                series = ForecastSeries(series.pair, series.interval, self._models)
                series.restore(json.loads(before))
                raise

        refused = self._refused
        wanted = [one for one in candles if (one.pair, one.interval, one.start) not in refused] if refused else candles
        for one in isolate(wanted, attempt):
            candle = one.record
            refused.add((candle.pair, candle.interval, candle.start))
            place = f"{FORECASTS}/{candle.pair}/{candle.interval.value}"
            number = int(candle.start.timestamp())
            self._failed.set_aside_from(place, number, rfc3339(candle.start).encode(), one.failure, FORECASTS)
        return series, events

    def _load(self, pair: Pair) -> dict[Interval, ForecastSeries]:
        with self._store.begin() as tx:
            checkpoint = tx.checkpoint(f"{FORECASTING}{pair}")
        if checkpoint and checkpoint.state:
            try:
                return self._restored(pair, checkpoint.state)
            except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
                log.warning("forecasts begin again: what was saved cannot be read", pair=pair, reason=str(error)[:200])
        self._refused = {bar for bar in self._refused if bar[0] != pair}  # redriven, perhaps
        return {interval: ForecastSeries(pair, interval, self._models) for interval in HORIZONS}

    def _restored(self, pair: Pair, text: str) -> dict[Interval, ForecastSeries]:
        state = json.loads(text)
        series = {interval: ForecastSeries(pair, interval, self._models) for interval in HORIZONS}
        if state.get("form") == _FORM and state["models"] == list(self._models):
            for interval, one in series.items():
                one.restore(state["series"][str(interval.seconds)])
        return series

    def _with_late_history(self, series: ForecastSeries, traded: datetime | None) -> ForecastSeries:
        """The series, or a new one where the store now holds at least twice as many bars as a young one has learned."""
        if self._is_recording or series.since is None or series.bars >= _YOUNG:
            return series
        if not self._candles.are_before(series.pair, series.interval, series.since):
            return series
        latest = self._candles.latest(series.pair, series.interval, traded)
        return series.begin_anew(self._models) if len(latest) >= 2 * series.bars else series

    def _next(self, series: ForecastSeries, traded: datetime | None) -> list[Candle]:
        if series.last is None:
            return self._candles.latest(series.pair, series.interval, traded)
        return self._candles.after(series.pair, series.interval, series.last, traded)


def why_missing(states: Mapping[Pair, str], pairs: Sequence[Pair], now: datetime | None) -> list[tuple[Pair, int, str]]:
    """Pair, horizon in seconds, and why there is no forecast now, for each series that has none.

    `states` are the checkpoints' by pair; `now` is None for a recording, where no forecast grows old.
    """
    found: list[tuple[Pair, int, str]] = []
    for pair in pairs:
        state = _saved_series(states.get(pair, ""))
        for interval in HORIZONS:
            series = state.get(str(interval.seconds))
            reason = _why_missing(series, interval, now) if series else "no bar has closed yet"
            if reason:
                found.append((pair, interval.seconds, reason))
    return found


def _saved_series(state: str) -> Mapping[str, Any]:
    """The series of a checkpoint; none where it cannot be read, as they begin again then."""
    try:
        series = json.loads(state)["series"]
    except (ValueError, LookupError, TypeError):
        return {}
    return series if isinstance(series, dict) else {}


def _why_missing(series: Mapping[str, Any], interval: Interval, now: datetime | None) -> str | None:
    if series["missing"] or not series["last"]:
        return str(series["missing"])
    end = parse_time(series["last"]) + interval.length
    if now is not None and now >= end + 2 * interval.length:
        return f"no bar has closed since {rfc3339(end)}: there have been no trades, or none have come"
    return None


def _next_look(all_series: Iterable[ForecastSeries], known_by: datetime) -> datetime:
    again = known_by + _LOOK_AGAIN
    looks = []
    for series in all_series:
        closes = again if series.last is None else series.last + 2 * series.interval.length + GRACE
        looks.append(again if closes <= known_by else min(closes, again) if series.bars < _YOUNG else closes)
    return min(looks)


def _state(all_series: Mapping[Interval, ForecastSeries]) -> str:
    series = {str(interval.seconds): one.snapshot() for interval, one in all_series.items()}
    first = next(iter(series.values()))
    return json.dumps({"form": _FORM, "models": list(first["forecasters"]), "series": series}, allow_nan=False)
