"""Opaque cursors of paged lists: the list's name and the sort key of the last row, in URL-safe base64."""

import base64
import binascii
from datetime import datetime

import msgspec

from adapters.sql.types import micros, time_of
from application.ports.page import InvalidPageCursor

Key = datetime | int | str
_LONGEST = 2_000  # characters
_INT64 = 1 << 63


def encode_cursor(listing: str, *key: Key) -> str:
    """A cursor after the row with this key."""
    values = [micros(value) if isinstance(value, datetime) else value for value in key]
    return base64.urlsafe_b64encode(msgspec.json.encode([listing, *values])).decode().rstrip("=")


def decode_cursor(cursor: str, listing: str, *kinds: type[Key]) -> tuple[Key, ...]:
    """The key in a cursor. Raises InvalidPageCursor unless `listing` gave it out with a key of these kinds."""
    try:
        if len(cursor) > _LONGEST:
            raise ValueError("too long")
        padded = cursor + "=" * (-len(cursor) % 4)
        name, *values = msgspec.json.decode(
            base64.b64decode(padded, altchars="-_", validate=True), type=list[int | str]
        )
        if name != listing or len(values) != len(kinds):
            raise ValueError("of another list")
        return tuple(_value(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, OverflowError, binascii.Error, msgspec.MsgspecError) as error:
        raise InvalidPageCursor(
            f"'{cursor[:60]}' is not a cursor of this list: expected a next_cursor that it gave out"
        ) from error


def _value(value: int | str, kind: type[Key]) -> Key:
    if kind is datetime and isinstance(value, int):
        return time_of(value)
    if type(value) is not kind or (isinstance(value, int) and not -_INT64 <= value < _INT64):
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value
