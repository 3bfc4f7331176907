"""Column types that keep values exact on every database.

SQLite has neither decimals nor times: NUMERIC affinity turns a decimal into a binary float, so decimals are TEXT and
times are INTEGER microseconds since 1970 there. PostgreSQL has both.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Numeric, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from domain.values import PRECISION, SCALE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def decimal_text(value: Decimal) -> str:
    """Write a decimal without exponent; reading it gives an equal Decimal."""
    text = str(value)
    return format(value, "f") if "E" in text else text


def micros(value: datetime) -> int:
    """Microseconds since 1970 of a time with a zone."""
    since = value - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def time_of(value: int) -> datetime:
    """The UTC time of microseconds since 1970."""
    return EPOCH + timedelta(0, 0, value)  # by position: the keyword costs a third of the whole


def storable(text: str) -> str:
    """Replace what no database takes as text (NUL on PostgreSQL, lone surrogates on any) by U+FFFD."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return sound.replace("\x00", "\ufffd")


def _unless_none(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else convert(value)


class ExactDecimal(TypeDecorator[Decimal]):
    """decimal(38,18); `wide` has no bounds, for sums of products. `nullable` costs a check a value, so it is asked for."""

    impl = Text
    cache_ok = True

    def __init__(self, *, wide: bool = False, nullable: bool = False) -> None:
        super().__init__()
        self.wide = wide
        self.nullable = nullable

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """NUMERIC on PostgreSQL, else TEXT."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(Numeric() if self.wide else Numeric(PRECISION, SCALE))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Decimal -> text where there are no decimals."""
        if dialect.name == "postgresql":
            return super().bind_processor(dialect)
        return _unless_none(decimal_text)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Text -> Decimal where there are no decimals."""
        if dialect.name == "postgresql":
            return super().result_processor(dialect, coltype)
        return _unless_none(Decimal) if self.nullable else Decimal


class UtcTime(TypeDecorator[datetime]):
    """A UTC time in microseconds. `nullable` as for ExactDecimal."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, *, nullable: bool = False) -> None:
        super().__init__()
        self.nullable = nullable

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TIMESTAMPTZ on PostgreSQL, else BIGINT."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(TIMESTAMP(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Time -> microseconds where there are no times."""
        if dialect.name == "postgresql":
            return super().bind_processor(dialect)
        return _unless_none(micros)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Microseconds -> time; what PostgreSQL gives comes in the session's zone."""
        convert = (lambda value: value.astimezone(UTC)) if dialect.name == "postgresql" else time_of
        return _unless_none(convert) if self.nullable else convert


class SoundText(TypeDecorator[str]):
    """Text from outside, made storable on the way in, and in what it is compared with.

    PostgreSQL orders it by bytes as SQLite does, so that indexes outlive the system's collations; `prose` keeps the
    database's own collation, which knows the upper and lower case of all letters.
    """

    impl = Text
    cache_ok = True

    def __init__(self, *, prose: bool = False) -> None:
        super().__init__()
        self.prose = prose

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TEXT, COLLATE "C" on PostgreSQL unless it is prose."""
        by_bytes = dialect.name == "postgresql" and not self.prose
        return dialect.type_descriptor(Text(collation="C") if by_bytes else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """See `storable`."""
        return None if value is None else storable(value)
