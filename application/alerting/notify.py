"""Notifying: alerts from the log become deliveries, and deliveries are tried until they arrive."""

import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog

from application.alerting.channels import Channels
from application.alerting.message import message_of
from application.failed_records import FailedRecords
from application.isolation import Failure, is_of_the_surroundings, isolate
from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.deliveries import DeliveryReads, DeliveryStore, NotifyingTransaction
from application.ports.event_log import Cursor, EventLog, Place, Recorded, Unreadable
from application.ports.notifier import Message, NotDelivered
from application.ports.telemetry import Telemetry
from application.store import reader_from
from application.topics import ALERTS
from domain.alerting.alert import AlertRaised, AlertStatus, fold_alert
from domain.alerting.delivery import Delivery, new_delivery
from domain.alerting.rule import RuleTerms, fold_rule
from domain.errors import NotFound
from domain.turns import Backoff, Turns

log = structlog.get_logger(__name__)

READER = "notifying"
_BATCH = 500
_SAVE_EVERY = timedelta(minutes=1)
_CLAIMED_FOR = timedelta(minutes=1)  # longer than an attempt takes; one that a killed process began is tried again then
_FINISH_WITHIN_S = 5.0
_LANES = 64  # channels that are served at the same time: a thread each, made when first needed
_NO_WAIT = Backoff(first_s=0, longest_s=0)  # each delivery has its own next try


class Notifying:
    """Makes one delivery for each alert and channel of its rule, together with its place in the log; then sends them.

    At least once: where the process dies after a channel took the message and before that is noted, it is sent again,
    under the same id. Channels do not wait for one another: each has a lane of its own, and where there are more channels
    than lanes, the one served longest ago is next. Within a channel the oldest delivery goes first.
    """

    def __init__(
        self,
        event_log: EventLog,
        store: DeliveryStore,
        reads: DeliveryReads,
        channels: Channels,
        clock: Clock,
        telemetry: Telemetry,
        failed: FailedRecords,
    ) -> None:
        self._log = event_log
        self._store = store
        self._reads = reads
        self._channels = channels
        self._clock = clock
        self._telemetry = telemetry
        self._failed = failed

    def run(self, stop: threading.Event) -> None:
        """Notify until `stop` is set; attempts that do not end within seconds then are broken off, and made again later."""
        place = self._place()
        saved_at = self._clock.now()
        lanes: dict[str, Future[None]] = {}
        turns: Turns[str, None] = Turns(_NO_WAIT, _NO_WAIT)
        enough = threading.Event()
        with (
            ThreadPoolExecutor(_LANES, thread_name_prefix="notifying") as pool,
            reader_from(self._log, (ALERTS,), place) as reader,
        ):
            try:
                while not stop.is_set():
                    records = reader.read(limit=_BATCH, timeout_s=0.25)
                    if records or self._clock.now() - saved_at >= _SAVE_EVERY:
                        self._take(records, reader.cursor)
                        saved_at = self._clock.now()
                    lanes = {channel_id: lane for channel_id, lane in lanes.items() if not _ended(lane)}
                    due = dict.fromkeys(self._reads.due_channels(self._clock.now()), (None,))
                    while len(lanes) < _LANES and (chosen := turns.next(_without(due, lanes), 0)):
                        lanes[chosen[0]] = pool.submit(self._serve, chosen[0], stop, enough)
                    turns.keep_only({*due, *lanes})
            finally:
                wait(lanes.values(), timeout=_FINISH_WITHIN_S)
                enough.set()

    def _place(self) -> Cursor:
        """Where it goes on; at the very first start the log's end: who is notified from now on wants no old alerts."""
        with self._store.begin() as tx:
            checkpoint = tx.checkpoint(READER)
        if checkpoint:
            return checkpoint.cursor
        head = Place.at(self._log.head()).within((ALERTS,)).cursor
        with self._store.begin() as tx:
            tx.save_checkpoint(READER, Checkpoint(head))
        return head

    def _take(self, records: Sequence[Recorded | Unreadable], cursor: Cursor) -> None:
        with self._store.begin() as tx:

            def attempt(part: Sequence[Recorded | Unreadable]) -> None:
                with tx.savepoint():
                    self._deliver(part, tx)

            self._failed.set_aside(isolate(records, attempt), READER)
            tx.save_checkpoint(READER, Checkpoint(cursor))

    def _deliver(self, records: Sequence[Recorded | Unreadable], tx: NotifyingTransaction) -> None:
        now = self._clock.now()
        for record in records:
            if isinstance(record, Recorded) and isinstance(record.event, AlertRaised):
                alert = record.event
                rule = _rule(tx, alert.rule_id)
                tx.add_deliveries(
                    [
                        new_delivery(alert.alert_id, channel_id, occurred_at=alert.occurred_at, now=now)
                        for channel_id in (rule.notify if rule else ())
                    ]
                )

    def _serve(self, channel_id: str, stop: threading.Event, enough: threading.Event) -> None:
        """Try the channel's due deliveries, up to the first that goes wrong."""
        while not stop.is_set():
            now = self._clock.now()
            with self._store.begin() as tx:
                delivery = tx.claim_delivery(channel_id, now=now, until=now + _CLAIMED_FOR)
                if delivery is None:
                    return
                message = (
                    "nobody could send it for more than an hour"
                    if delivery.is_overdue(now)
                    else _message(tx, delivery, now)
                )
            tried = self._try(delivery, message, enough)
            with self._store.begin() as tx:
                tx.put_delivery(tried)
            if tried.next_try_at:
                return

    def _try(self, delivery: Delivery, message: Message | str, enough: threading.Event) -> Delivery:
        if isinstance(message, str):
            return delivery.skipped(message)
        try:
            self._channels.send(delivery.channel_id, message, enough)
        except NotFound:
            return delivery.failed("the channel was deleted")
        except NotDelivered as refused:
            now = self._clock.now()
            if enough.is_set():  # broken off by us: that is nobody's failure
                return delivery.again(now=now)
            self._telemetry.count("notifications", outcome="refused")
            tried = delivery.refused(str(refused), now=now, rest_s=refused.rest_s)
            log.warning(
                "an alert could not be delivered", alert=delivery.alert_id, channel=delivery.channel_id,
                reason=str(refused), attempt=delivery.attempts, state=tried.state.value,
            )  # fmt: skip
            return tried
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
            failure = Failure.of(error)  # one channel's trouble, in a way that nobody foresaw: the others go on
            self._telemetry.count("notifications", outcome="refused")
            log.warning(
                "a channel failed", alert=delivery.alert_id, channel=delivery.channel_id, **asdict(failure)
            )  # fmt: skip
            return delivery.refused(failure.reason, now=self._clock.now())
        self._telemetry.count("notifications", outcome="sent")
        return delivery.sent(now=self._clock.now())


def _without(due: Mapping[str, tuple[None]], lanes: Collection[str]) -> Mapping[str, tuple[None]]:
    return {channel_id: tasks for channel_id, tasks in due.items() if channel_id not in lanes}


def _message(tx: NotifyingTransaction, delivery: Delivery, now: datetime) -> Message | str:
    """What to send; or in words why nothing shall be sent."""
    try:
        return _message_of(tx, delivery, now)
    except Exception as error:
        if is_of_the_surroundings(error):
            raise
        failure = Failure.of(error)
        log.warning("a message could not be made", alert=delivery.alert_id, **asdict(failure))
        return f"its message could not be made: {failure.reason}"


def _message_of(tx: NotifyingTransaction, delivery: Delivery, now: datetime) -> Message | str:
    alert = fold_alert(tx.load(f"alert:{delivery.alert_id}"))
    if alert is None:
        return "the alert is gone"
    if alert.at(now).status is AlertStatus.SILENCED:
        return "the alert was silenced before it could be sent"
    return message_of(alert.raised, _rule(tx, alert.raised.rule_id))


def _rule(tx: NotifyingTransaction, rule_id: str) -> RuleTerms | None:
    rule = fold_rule(tx.load(f"rule:{rule_id}"))
    return rule.terms if rule else None


def _ended(lane: Future[None]) -> bool:
    """Raises what the lane raised: then the worker starts again."""
    if lane.done():
        lane.result()
    return lane.done()
