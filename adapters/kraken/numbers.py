"""Numbers in JSON texts, as venues write them: `Decimal` would also read `1_000`, and digits of other scripts."""

from decimal import Decimal, DecimalException
from typing import Any

import msgspec

from domain.values import number


def check_numbers(raw: bytes | msgspec.Raw) -> None:
    """Raise InvalidValue where a text in this JSON is a number to `Decimal` alone. Cheap for plain ASCII without `_`."""
    text = bytes(raw)
    if b"_" in text or b"\\" in text or not text.isascii():
        _check(msgspec.json.decode(text))


def _check(value: Any) -> None:
    if isinstance(value, str):
        if _is_decimal(value):
            number(value.strip(), "the number")
    elif isinstance(value, list):
        for item in value:
            _check(item)
    elif isinstance(value, dict):
        for item in value.values():
            _check(item)


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except DecimalException:
        return False
