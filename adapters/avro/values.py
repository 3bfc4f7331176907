"""Exact values as Avro stores them: decimals as unscaled bytes, times as microseconds, names as strings.

fastavro's own handling of logical types is slow, and rounds decimals that do not fit without a word. So the codec gives
fastavro plain bytes and integers, and these functions say what they mean.
"""

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache

from domain.errors import InvalidValue
from domain.values import PRECISION, SCALE, Origin, Pair, Side

_FITS = Context(prec=PRECISION, traps=[Inexact, InvalidOperation])
_quantize, _scaleb = _FITS.quantize, _FITS.scaleb  # bound once: a ticker has eleven decimals
_UNIT = Decimal(1).scaleb(-SCALE)
_LIMIT = 10**PRECISION
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ORIGINS = {origin.value: origin for origin in Origin}
_SIDES = {side.value: side for side in Side}


def decimal_bytes(value: Decimal) -> bytes:
    """The unscaled value of a decimal(38,18), two's complement, big-endian.

    Raises decimal.DecimalException or ValueError for a value that does not fit: nothing is ever rounded.
    """
    unscaled = int(_scaleb(_quantize(value, _UNIT), SCALE))
    return unscaled.to_bytes((unscaled.bit_length() + 8) >> 3, "big", signed=True)


def decimal_of(raw: bytes) -> Decimal:
    """The decimal(38,18) of its unscaled bytes. Raises InvalidValue for more than 38 digits, or none."""
    unscaled = int.from_bytes(raw, "big", signed=True)
    if raw and -_LIMIT < unscaled < _LIMIT:
        return _scaleb(unscaled, -SCALE)
    raise InvalidValue("decimal", f"a decimal of {len(raw)} bytes does not fit decimal({PRECISION},{SCALE})")


def micros(value: datetime) -> int:
    """Microseconds since 1970-01-01 00:00 UTC. Raises TypeError for a time without a zone."""
    return (value - _EPOCH) // _MICROSECOND


def time_of(microseconds: int) -> datetime:
    """The UTC time of its microseconds. Raises InvalidValue beyond the years 1 to 9999."""
    try:
        return _EPOCH + microseconds * _MICROSECOND
    except OverflowError:
        raise InvalidValue("time", f"a time of {microseconds} µs since 1970 is beyond the years 1 to 9999") from None


def origin_of(name: str) -> Origin:
    """The origin of that name. Raises InvalidValue for an unknown one."""
    origin = _ORIGINS.get(name)
    if origin is None:
        raise InvalidValue("origin", f"origin '{name[:40]}' is unknown: expected one of {', '.join(_ORIGINS)}")
    return origin


@lru_cache(maxsize=4096)
def pair_of(name: str) -> Pair:
    """The pair of a venue's name, BASE/QUOTE. Raises InvalidValue for anything else, other spellings included."""
    try:
        return Pair.exact(name)
    except InvalidValue:
        pair = Pair.parse(name)  # raises for what is no pair in any spelling
        raise InvalidValue("pair", f"pair '{name[:40]}' is not in its canonical form, {pair}") from None


def side_of(name: str | None) -> Side | None:
    """The taker's side. Raises InvalidValue for anything but `b`, `s` and none."""
    side = None if name is None else _SIDES.get(name)
    if side is None and name is not None:
        raise InvalidValue("side", f"side '{name[:40]}' is unknown: expected b or s")
    return side
