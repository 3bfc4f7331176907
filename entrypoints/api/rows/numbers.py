"""Numbers that may be absent."""

from decimal import Decimal

from domain.values import plain


def plain_or_null(value: Decimal | None) -> str | None:
    """A plain decimal, or null."""
    return None if value is None else plain(value)
