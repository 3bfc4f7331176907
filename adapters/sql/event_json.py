"""Events as JSON under their stable name and version: how the event store keeps them."""

from functools import cache
from typing import Any

import msgspec

from application.house_events import HOUSE_EVENTS
from application.topics import EVENTS_OF
from domain.errors import NotAllowed
from domain.event import Event
from domain.values import Pair

_CLASS_OF: dict[tuple[str, int], type[Event]] = {
    (event.name, event.version): event for events in (*EVENTS_OF.values(), HOUSE_EVENTS) for event in events
}


class UnknownEvent(Exception):
    """A stored event that this version of the code cannot read."""


class UnfitEvent(UnknownEvent, NotAllowed):
    """A stored event whose fields the domain does not take (any more)."""


def encode_event(event: Event) -> str:
    """JSON of all fields: decimals as strings, times in RFC 3339, bytes in base64."""
    return _ENCODER.encode(event).decode()


def decode_event(name: str, version: int, payload: str) -> Event:
    """The event. Raises UnknownEvent for a name or version that we do not know, UnfitEvent for fields that do not fit."""
    decoder = _decoder(name, version)
    if decoder is None:
        raise UnknownEvent(
            f"stored event '{name}' version {version} is unknown to this version of CryptoViz: use the one that wrote it"
        )
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, ValueError) as error:
        raise UnfitEvent(f"stored event '{name}' version {version} cannot be read: {error}") from error


def _encode_hook(value: Any) -> Any:
    if isinstance(value, Pair):
        return str(value)
    raise NotImplementedError(type(value))


def _decode_hook(wanted: type, value: Any) -> Any:
    if wanted is not Pair:
        raise NotImplementedError(wanted)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a pair")
    return Pair.parse(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_hook, decimal_format="string")


@cache
def _decoder(name: str, version: int) -> msgspec.json.Decoder[Event] | None:
    event_class = _CLASS_OF.get((name, version))
    return None if event_class is None else msgspec.json.Decoder(event_class, dec_hook=_decode_hook)
