"""Times that may be absent."""

from datetime import datetime

from domain.values import rfc3339


def rfc3339_or_null(value: datetime | None) -> str | None:
    """A UTC time as RFC 3339, or null."""
    return None if value is None else rfc3339(value)
