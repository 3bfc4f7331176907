"""Events as JSON under their stable name and version: how the event store keeps them."""

from collections.abc import Iterable

import msgspec

from adapters.json.events import decoder_of, encode, event_of
from application.house_events import HOUSE_EVENTS
from application.topics import EVENTS_OF
from domain.errors import DomainError
from domain.event import Event
from domain.upcasting import UnknownEvent, event_named, upcast


class UnfitEvent(UnknownEvent):
    """A stored event whose fields the domain does not take (any more)."""


class EventJson:
    """Reads and writes events of some types. Safe for several threads."""

    def __init__(self, events: Iterable[type[Event]]) -> None:
        self._events = {event.name: event for event in events}
        self._decoders: dict[str, msgspec.json.Decoder[Event]] = {}

    def encode(self, event: Event) -> str:
        """JSON of all fields: decimals as strings, times in RFC 3339, bytes in base64."""
        return encode(event).decode()

    def decode(self, name: str, version: int, payload: str) -> Event:
        """The event in its present version.

        Raises UnknownEvent for a name or version that we do not know, UnfitEvent for fields that do not fit.
        """
        event = self._events.get(name)
        try:
            if event is not None and version == event.version:
                return self._decoder(event).decode(payload)
            event = event_named(name, self._events.values(), "the event store")
            fields = msgspec.json.decode(payload, type=dict)
            return event_of(event, upcast(event, version, fields))
        except (msgspec.DecodeError, ValueError, OverflowError) as error:
            raise UnfitEvent(f"stored event '{name}' version {version} cannot be read: {error}") from error
        except DomainError as error:
            raise UnknownEvent(
                f"stored event '{name}' version {version} is unknown to this version of CryptoViz ({error}): "
                "use the one that wrote it"
            ) from error

    def _decoder(self, event: type[Event]) -> msgspec.json.Decoder[Event]:
        decoder = self._decoders.get(event.name)
        if decoder is None:
            decoder = self._decoders[event.name] = decoder_of(event)
        return decoder


OURS = EventJson(event for events in (*EVENTS_OF.values(), HOUSE_EVENTS) for event in events)
encode_event = OURS.encode
decode_event = OURS.decode
