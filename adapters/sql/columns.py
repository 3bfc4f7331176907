"""The kinds of columns that tables are made of, and the one `metadata` that all tables belong to."""

from sqlalchemy import JSON, BigInteger, Column, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB

from adapters.sql.types import ExactDecimal, SoundText, UtcTime

metadata = MetaData()

JSON_TEXT = JSON().with_variant(JSONB(), "postgresql")
POSITION = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up INTEGER keys only


def text(name: str, *, key: bool = False) -> Column[str]:
    """Text, compared by bytes."""
    return Column(name, SoundText(), primary_key=key, nullable=False)


def prose(name: str) -> Column[str]:
    """Text for reading, which searches find in upper and lower case."""
    return Column(name, SoundText(prose=True), nullable=False)


def text_or_null(name: str) -> Column[str]:
    """Text, or nothing."""
    return Column(name, SoundText(), nullable=True)


def time(name: str, *, key: bool = False) -> Column[object]:
    """A UTC time in microseconds."""
    return Column(name, UtcTime(), primary_key=key, nullable=False)


def time_or_null(name: str) -> Column[object]:
    """A UTC time, or nothing."""
    return Column(name, UtcTime(nullable=True), nullable=True)


def decimal(name: str) -> Column[object]:
    """An exact decimal(38,18)."""
    return Column(name, ExactDecimal(), nullable=False)


def whole(name: str) -> Column[int]:
    """A whole number of 64 bits."""
    return Column(name, BigInteger, nullable=False)
