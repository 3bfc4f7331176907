"""Who can read which kind of dead letter again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.kraken.parse import parse
from application.admission import refusal
from application.dead_letters import APPLY, LOG_RECORD, ReadAgain
from application.ports.clock import Clock
from domain.dead_letter import DeadLettered
from domain.event import Event
from entrypoints.container import SessionContainer


def readers(box: SessionContainer) -> Mapping[str, ReadAgain]:
    """By kind of letter."""
    codec, clock = box.event_log().codec, box.clock()

    def log_record(letter: DeadLettered) -> Sequence[Event]:
        return _log_record(letter, codec, clock)

    # What a reader could not process goes to the log again, and so to that reader.
    return {"kraken-frame": _kraken_frame, LOG_RECORD: log_record, APPLY: log_record}


def _kraken_frame(letter: DeadLettered) -> Sequence[Event]:
    events, _ = parse(letter.raw, received_at=letter.recorded_at, origin=letter.origin, place=letter.place)
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
