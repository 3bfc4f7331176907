"""How events become records of a schema, and records events again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.avro.values import decimal_bytes, decimal_of, micros, origin_of, pair_of, time_of
from domain.event import Event, Fields

Record = dict[str, Any]


def _shaped(record: Record) -> Fields:
    fields = {name: value for name, value in record.items() if name not in {"event_id", "timestamp"}}
    return {**fields, "occurred_at": record["timestamp"]} if "timestamp" in record else fields


@dataclass(frozen=True, slots=True)
class Mapping:
    """One event's way into its topic's record and back. `read` raises InvalidValue for values that cannot be.

    `shape` names a record's values as the event's fields are named, in whatever version it was written: upcasts go on
    from there.
    """

    event: type[Event]
    write: Callable[[Any], Record]
    read: Callable[[Record], Event]
    shape: Callable[[Record], Fields] = _shaped


@dataclass(frozen=True, slots=True)
class Form:
    """One field's way into its Avro value and back."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


PLAIN = Form(_as_it_is, _as_it_is)  # strings, integers, booleans, bytes
PAIR = Form(_as_it_is, pair_of)
DECIMAL = Form(decimal_bytes, decimal_of)
TIME = Form(micros, time_of)


def optional(form: Form) -> Form:
    """The same, or null."""
    return Form(
        lambda value: None if value is None else form.write(value),
        lambda value: None if value is None else form.read(value),
    )


def enveloped(event: type[Event], **forms: Form) -> Mapping:
    """An event of a topic that carries several: its fields, named and formed alike, in `data`."""
    return enveloped_by(
        event,
        lambda fact: {name: form.write(getattr(fact, name)) for name, form in forms.items()},
        lambda data: {name: form.read(data[name]) for name, form in forms.items()},
    )


def enveloped_by(
    event: type[Event],
    write: Callable[[Any], Record],
    read: Callable[[Record], Record],
    shape: Callable[[Record], Fields] = dict,
) -> Mapping:
    """The same for an event whose `data` is not simply its fields: `write` makes it, `read` makes them of it, and `shape`
    does so without looking at the values.
    """
    branch = f"cryptoviz.{event.__name__}"  # the record's name in the schema; tests hold both together

    def write_all(fact: Event) -> Record:
        return {
            "event_id": fact.event_id,
            "recorded_at": micros(fact.recorded_at),
            "origin": fact.origin,
            "occurred_at": micros(fact.occurred_at),
            "event": event.name,
            "version": event.version,
            "data": (branch, write(fact)),
        }

    def read_all(record: Record) -> Event:
        return event(
            occurred_at=time_of(record["occurred_at"]),
            recorded_at=time_of(record["recorded_at"]),
            origin=origin_of(record["origin"]),
            **read(record["data"][1]),
        )

    def shape_all(record: Record) -> Fields:
        common = {name: record[name] for name in ("occurred_at", "recorded_at", "origin")}
        return {**shape(record["data"][1]), **common}

    return Mapping(event, write_all, read_all, shape_all)
