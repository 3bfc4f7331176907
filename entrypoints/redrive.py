"""Who can read which kind of dead letter again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.kraken.history_files import KIND as HISTORY_LINE
from adapters.kraken.parse import KIND, Parsed, parse
from adapters.kraken.recording import KIND as RECORDING_LINE
from adapters.kraken.rest_parse import KIND as REST_ROW
from adapters.kraken.v1 import KIND_V1, parse_v1
from application.alerting.relay import EVENT_STORE
from application.alerting.watch import READER as ALERTING
from application.alerting.watch import append_alert
from application.analytics.forecasting import FORECASTS
from application.dead_letters import APPLY, LOG_RECORD, ReadAgain
from application.market.collect import CONFLICT
from application.market.recompute import CANDLES, CandleRecount
from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import BEGINNING
from application.ports.event_store import UnreadableEvent
from application.ports.forecast_reads import FORECASTING
from application.ports.store import Store
from domain.admission import refusal
from domain.alerting.alert import AlertRaised
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.candle import Interval
from domain.values import Pair
from entrypoints.container import SessionContainer

_INSTEAD = {
    HISTORY_LINE: "correct the line in its file, import the file again (what is stored is left out), and drop this",
    REST_ROW: "let the pair be backfilled again, which asks the venue for what is missing, and drop this",
    RECORDING_LINE: "correct the line in the recording, replay it, and drop this",
    CONFLICT: "the trade that is stored under the id stays; compare the two, and drop this",
}
"""By kind of letter: what to do where the letter alone is not enough."""

_TABLES = "tables/"  # rows that an upgrade of the tables took out


def readers(box: SessionContainer) -> Mapping[str, ReadAgain]:
    """By kind of letter."""
    codec, clock, store = box.event_log().codec, box.clock(), box.store()

    def log_record(letter: DeadLettered) -> Sequence[Event]:
        return _log_record(letter, codec, clock)

    def apply(letter: DeadLettered) -> Sequence[Event]:
        if letter.place.startswith(_TABLES):
            return _not_by_redriving("compare it with the venue's history, and drop this", letter)
        if letter.place == EVENT_STORE:
            return _stored_event(letter, store, clock)
        if letter.reader == FORECASTS:
            return _forecasts_again(letter, store)
        if letter.place.startswith(f"{CANDLES}/"):
            return _candles_again(letter, CandleRecount(store, box.market_reads()))
        return _failed_record(letter, log_record, store)

    return {
        KIND: lambda letter: _kraken_frame(parse, letter, clock),
        KIND_V1: lambda letter: _kraken_frame(parse_v1, letter, clock),
        LOG_RECORD: log_record,
        APPLY: apply,
        **{kind: partial(_not_by_redriving, advice) for kind, advice in _INSTEAD.items()},
    }


def _not_by_redriving(advice: str, letter: DeadLettered) -> Sequence[Event]:
    """Refuse a letter that does not hold all that is needed to read it again, and say what to do instead."""
    return [replace(letter, reason=f"{letter.reason}. Redriving cannot change that: {advice}")]


def _kraken_frame(read: Callable[..., Parsed], letter: DeadLettered, clock: Clock) -> Sequence[Event]:
    """A frame: this program may read it by now, or the time of its rows have come."""
    now = clock.now()
    events, _ = read(letter.raw, received_at=letter.recorded_at, origin=letter.origin, place=letter.place, now=now)
    return events


def _log_record(letter: DeadLettered, codec: AvroCodec, clock: Clock) -> Sequence[Event]:
    """A record of the log: its schema may be known by now, or its time have come."""
    topic, _, _ = letter.place.partition("@")
    try:
        event = codec.decode(topic, letter.raw)
    except Undecodable as error:
        return [replace(letter, reason=str(error))]
    reason = refusal(event, clock.now())
    return [replace(letter, reason=reason)] if reason else [event]


def _failed_record(letter: DeadLettered, log_record: ReadAgain, store: Store) -> Sequence[Event]:
    """What a reader could not process goes to the log again, and so to that reader.

    An alert that alerting could not store is stored now; the relay brings it to the log.
    """
    events = log_record(letter)
    if letter.reader != ALERTING:
        return events
    alerts = [event for event in events if isinstance(event, AlertRaised)]
    with store.begin() as tx:
        for alert in alerts:
            append_alert(tx, alert)
    return [event for event in events if event not in alerts]


def _stored_event(letter: DeadLettered, store: Store, clock: Clock) -> Sequence[Event]:
    """Read an event again that the relay could not bring from the event store to the log."""
    with store.begin() as tx:
        found = tx.after((letter.offset or 0) - 1, limit=1)
    if not found or found[0][0] != letter.offset:
        return [replace(letter, reason=f"the event store has no event {letter.offset} any more")]
    event = found[0][1]
    if isinstance(event, UnreadableEvent):
        return [replace(letter, reason=event.reason)]
    reason = refusal(event, clock.now())
    return [replace(letter, reason=reason)] if reason else [event]


def _forecasts_again(letter: DeadLettered, store: Store) -> Sequence[Event]:
    """A bar that a model failed on: the pair's series begin again, and learn from their latest bars, that one included."""
    _, base, quote, *_ = letter.place.split("/")
    with store.begin() as tx:
        tx.save_checkpoint(f"{FORECASTING}{base}/{quote}", Checkpoint(BEGINNING))
    return []


def _candles_again(letter: DeadLettered, recount: CandleRecount) -> Sequence[Event]:
    """A candle that could not be made of the stored trades is made again."""
    _, base, quote, name = letter.place.split("/")
    interval = Interval(name)
    start = datetime.fromtimestamp(letter.offset or 0, UTC)
    minutes = {start + Interval.M1.length * number for number in range(interval.seconds // Interval.M1.seconds)}
    recount.recount(Pair(f"{base}/{quote}"), minutes)
    refused = recount.take_refused()
    return [replace(letter, reason=refused[0].failure.reason)] if refused else []
