"""Events and their fields as plain JSON values: what the event store keeps, and what upcasts work on."""

from base64 import b64encode
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from domain.event import Event, Fields
from domain.values import Pair, plain, rfc3339

E = TypeVar("E", bound=Event)


def encode(event: Event) -> bytes:
    """JSON of all fields: decimals as strings, times in RFC 3339, bytes in base64."""
    return _ENCODER.encode(event)


def decoder_of(event: type[E]) -> msgspec.json.Decoder[E]:
    """Reads the JSON of an event in its present version. It raises msgspec.DecodeError or ValueError for what is none."""
    return msgspec.json.Decoder(event, dec_hook=_decode_hook)


def event_of(event: type[E], fields: Fields) -> E:
    """The event with these fields. Raises ValueError for fields that do not fit."""
    try:
        return msgspec.convert(fields, event, dec_hook=_decode_hook)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def plain_value(value: Any) -> Any:
    """A value read from Avro with its logical types, as JSON holds it."""
    match value:
        case Decimal():
            return plain(value)
        case datetime():
            return rfc3339(value)
        case bytes():
            return b64encode(value).decode()
        case dict():
            return {name: plain_value(inner) for name, inner in value.items()}
        case list():
            return [plain_value(inner) for inner in value]
    return value


def _encode_hook(value: Any) -> Any:
    if isinstance(value, Pair):
        return str(value)
    raise NotImplementedError(type(value))


def _decode_hook(wanted: type, value: Any) -> Any:
    if wanted is not Pair:
        raise NotImplementedError(wanted)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a pair")
    return Pair.exact(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_hook, decimal_format="string")
