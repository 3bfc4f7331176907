"""Make the read models again from the log, beside the present ones. Rows that the log has forgotten are carried over.

The present rows are replaced when the new ones are whole, never before. A log that has forgotten something (its oldest
records were deleted, it was damaged or replaced) cannot make all rows again: the rows that it did not make stay as they
are. They are frozen: nothing can make them again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from application.isolation import isolate
from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import BEGINNING, EventLog, Position, Recorded
from application.ports.generations import Generation, Generations
from application.ports.telemetry import Telemetry
from application.store import READER, StoreProjection
from application.streams import folded
from application.topics import topic_of
from domain.admission import AHEAD_AT_MOST, EARLIEST, Admission
from domain.alerting.alert import fold_alert
from domain.event import Event
from domain.market.candle import Candle
from domain.values import Origin, Pair, rfc3339

log = structlog.get_logger(__name__)

FROZEN = "frozen"  # the checkpoint whose state says how many rows of which tables the last rebuild carried over
_NOWHERE = Position("", 0)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: records of the log applied, and the rows carried over, by table."""

    records: int
    frozen: Mapping[str, int]


class Rebuild:
    """Fills a second generation of read models and exchanges it for the present one."""

    def __init__(
        self,
        event_log: EventLog,
        generations: Generations,
        clock: Clock,
        telemetry: Telemetry,
        *,
        origin: Origin,
        log_is_whole: Callable[[], bool],
    ) -> None:
        """`log_is_whole` says whether the log still holds every record that it was ever given."""
        self._log = event_log
        self._generations = generations
        self._clock = clock
        self._telemetry = telemetry
        self._origin = origin
        self._log_is_whole = log_is_whole

    def run(self, progress: Callable[[int], None] | None = None) -> Rebuilt:
        """Replay the log into a new generation, carry over what the log has forgotten, and exchange both.

        Raises LogUnavailable, StoreUnavailable; the present rows are then as they were.
        """
        with self._generations.begin() as new:
            projection = StoreProjection(self._log, new.store, self._clock, self._telemetry, origin=self._origin)
            is_whole = self._log_is_whole()
            with new.store.begin() as tx:
                tx.save_checkpoint(READER, Checkpoint(self._log.oldest()))
                tx.put_alerts(folded(tx.load_all("alert:"), fold_alert))
            if not is_whole:  # before the log's own: how a feed is depends on the order
                for events in new.present_feed_events():
                    self._apply(projection, new, events)
            records = projection.catch_up(progress)
            frozen: Mapping[str, int] = {} if is_whole else self._carry_over(projection, new)
            with new.store.begin() as tx:
                state = json.dumps({"at": rfc3339(self._clock.now()), "rows": frozen}) if frozen else ""
                tx.save_checkpoint(FROZEN, Checkpoint(BEGINNING, state))
            new.exchange()
        return Rebuilt(records, frozen)

    def _carry_over(self, projection: StoreProjection, new: Generation) -> Mapping[str, int]:
        made = new.counts()
        now = self._clock.now()
        for trades in new.present_trades():
            self._apply(projection, new, trades)
        complete_from = new.oldest_trades()
        for candles in new.present_candles():
            with new.store.begin() as tx:
                known = tx.candles({candle.bucket for candle in candles})
                tx.put_candles(
                    [
                        one
                        for one in candles
                        if EARLIEST <= one.start <= now + AHEAD_AT_MOST
                        and says_more(one, known.get(one.bucket), complete_from)
                    ]
                )
        new.carry_over(now=now)
        counted = new.counts()
        frozen = {table: number for table, of in counted.items() if (number := of - made.get(table, 0)) > 0}
        if frozen:
            log.info("kept rows that the log has forgotten", **frozen)
        return frozen

    def _apply(self, projection: StoreProjection, new: Generation, events: Sequence[Event]) -> None:
        """What the present rows say goes the way of the log's own records: candles and feeds follow from it."""

        def attempt(records: Sequence[Recorded]) -> None:
            with new.store.begin() as tx:
                projection.apply(records, tx)

        admission = Admission(self._clock.now())
        possible = [Recorded(_NOWHERE, topic_of(event), event) for event in events if not admission.refusal(event)]
        for failed in isolate(possible, attempt):
            log.error("a row is not carried over", event_id=failed.record.event.event_id, reason=failed.failure.reason)
        if len(possible) < len(events):
            log.warning("rows of impossible times are not carried over", rows=len(events) - len(possible))


def says_more(present: Candle, made: Candle | None, complete_from: Mapping[Pair, datetime]) -> bool:
    """Whether a present candle knows more than the one that was made again, so that it is kept.

    Of two candles made of trades the one of more trades knows more, unless the store still has every trade since before
    the bucket: then the one that was made again is exact.
    """
    if made is None:
        return True
    if present.source is not made.source:
        return present.source > made.source
    oldest = complete_from.get(present.pair)
    if oldest is not None and oldest <= present.start:
        return False
    return present.trades > made.trades
