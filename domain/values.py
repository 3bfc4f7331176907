"""Exact values that every room uses: origins, pairs, decimals and times."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, Inexact, InvalidOperation
from enum import StrEnum
from typing import Self

from domain.errors import InvalidValue


class Origin(StrEnum):
    """Whose data it is (`simulated`, `recording`); for the live market, by which path it came."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    BACKFILL = "backfill"
    SIMULATED = "simulated"
    RECORDING = "recording"

    __hash__ = str.__hash__  # enum's own is written in Python, and each event is counted by its origin


class Side(StrEnum):
    """The taker's side of a trade."""

    BUY = "b"
    SELL = "s"


class Pair(str):
    """A traded pair under the name that its venue gives it, such as `BTC/USD` or `AAPLx/USD`; a plain string with a
    checked form. Case belongs to the name; only `found_in` compares without it.

    Venues' old spellings (`XBT/USD`, `XXBTZUSD`) are known to their adapters alone.
    """

    __slots__ = ()
    _FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,15}/[A-Za-z0-9][A-Za-z0-9.]{0,15}")

    @classmethod
    def exact(cls, name: str) -> Self:
        """Read a name as venues, logs and stores write it: `BTC/USD`, `AAPLx/USD`. Raises InvalidValue for any other form."""
        if not cls._FORM.fullmatch(name) or any(part.islower() for part in name.split("/")):
            raise InvalidValue("pair", f"'{name[:40]}' is not a pair: expected BASE/QUOTE, such as BTC/USD")
        return cls(name)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name as people write it: `BTC/USD`, `BTC-USD` or `btc/usd`. Raises InvalidValue for any other form.

        What stands in small letters alone was written in haste; mixed letters (`AAPLx`) are meant as they stand.
        """
        base, slash, quote = text.strip().replace("-", "/").partition("/")
        name = slash.join(part.upper() if part.islower() else part for part in (base, quote))
        if not cls._FORM.fullmatch(name):
            raise InvalidValue("pair", f"'{text[:40]}' is not a pair: expected BASE/QUOTE, such as BTC/USD")
        return cls(name)

    def found_in(self, among: Iterable["Pair"]) -> "Pair | None":
        """Return the pair of this name among others: the same one, else the only one that differs in case alone."""
        found = [pair for pair in among if pair.lower() == self.lower()]
        return self if self in found else found[0] if len(found) == 1 else None

    @property
    def base(self) -> str:
        """What is bought and sold: `BTC` of `BTC/USD`."""
        return self.partition("/")[0]

    @property
    def quote(self) -> str:
        """What it is paid in: `USD` of `BTC/USD`."""
        return self.partition("/")[2]

    @property
    def slug(self) -> str:
        """The form used in URLs: `BTC-USD`."""
        return self.replace("/", "-")


# Prices and quantities are decimal(38,18) in every store and on every wire.
PRECISION, SCALE = 38, 18
ZERO = Decimal(0)
_UNIT = Decimal(1).scaleb(-SCALE)
NUMBER = re.compile(
    r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII
)  # what Decimal takes is more: 1_000, ١, NaN
_fit = Context(prec=PRECISION, traps=[Inexact, InvalidOperation]).quantize
_LARGEST = Decimal((0, (9,) * PRECISION, -SCALE))

# Sums of products of two decimal(38,18) over a candle need more digits than either; Inexact is an error, never a rounding.
EXACT = Context(prec=120, traps=[Inexact, InvalidOperation])
_QUOTIENT = Context(prec=120, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])


def number(text: str, field: str) -> Decimal:
    """Read a decimal number as people write it: ASCII digits, a point, an exponent. Raises InvalidValue for other forms."""
    if NUMBER.fullmatch(text):
        return Decimal(text)
    raise InvalidValue(field, f"{field} '{text[:40]}' is not a number: expected digits, such as 97412.6")


def _refuse(value: Decimal, field: str, expected: str) -> InvalidValue:
    return InvalidValue(
        field, f"{field} is {str(value)[:60]}: expected {expected} that fits decimal({PRECISION},{SCALE})"
    )


def positive(value: Decimal, field: str) -> Decimal:
    """Return `value` unchanged if it is above zero and fits decimal(38,18); otherwise raise InvalidValue."""
    try:
        if value > ZERO:
            _fit(value, _UNIT)
            return value
    except DecimalException:
        pass  # NaN, infinite or too long: refused below, in words
    raise _refuse(value, field, "a number above zero")


def not_negative(value: Decimal, field: str) -> Decimal:
    """Return `value` unchanged if it is zero or more and fits decimal(38,18); otherwise raise InvalidValue."""
    try:
        if value >= ZERO:
            _fit(value, _UNIT)
            return value
    except DecimalException:
        pass
    raise _refuse(value, field, "a number of zero or more")


def exact(value: Decimal, field: str) -> Decimal:
    """Return `value` unchanged if it is finite and fits decimal(38,18); otherwise raise InvalidValue."""
    try:
        if value.is_finite():
            _fit(value, _UNIT)
            return value
    except DecimalException:
        pass
    raise _refuse(value, field, "a number")


def all_not_negative(*values: Decimal) -> bool:
    """Whether every value is what `not_negative` lets pass: quicker for many, but it cannot name the wrong one."""
    try:
        if min(values) < ZERO:
            return False
        for value in values:
            _fit(value, _UNIT)
    except DecimalException:
        return False
    return True


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Divide, rounded half even to the 18 places of decimal(38,18) (VWAP, percent changes). The divisor must not be zero.

    Rounding to the places that prices have keeps order: a mean of prices never leaves them, however small they are.
    What is beyond decimal(38,18) becomes the largest number that it holds.
    """
    exact_enough = _QUOTIENT.divide(dividend, divisor)
    if exact_enough.copy_abs() >= _LARGEST:
        return _LARGEST.copy_sign(exact_enough)
    return exact_enough.quantize(_UNIT, None, _QUOTIENT)


def percent_change(start: Decimal, end: Decimal) -> Decimal:
    """Signed change from `start` to `end` in percent, rounded as `quotient` rounds."""
    return quotient((end - start) * 100, start)


def plain(value: Decimal) -> str:
    """Write a decimal without exponent or trailing zeros: `0.001`, `97412.6`, `0`."""
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def utc(value: datetime, field: str = "time") -> datetime:
    """Return `value` in UTC. Raises InvalidValue when it carries no time zone."""
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise InvalidValue(field, f"{field} {value.isoformat()} has no time zone: expected UTC")
    return value.astimezone(UTC)


def rfc3339(value: datetime) -> str:
    """Write a UTC time as RFC 3339 with `Z`, microseconds only where there are any."""
    return value.isoformat().removesuffix("+00:00") + "Z"


_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def parse_time(text: str, field: str = "time") -> datetime:
    """Read an RFC 3339 time into UTC, truncated to microseconds. Raises InvalidValue for any other form."""
    match = _RFC3339.fullmatch(text)
    if match:
        day, clock, fraction, zone = match.groups()
        offset = "+00:00" if zone in "Zz" else zone
        try:
            return datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{offset}").astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # the 31st of February, or a zone past the year 1: refused below
    raise InvalidValue(field, f"{field} '{text[:40]}' is not a time: expected RFC 3339, such as 2026-11-22T15:30:41Z")
