"""Ids for trades that the venue gave none: Kraken's WebSocket v1, its downloadable files."""

from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

from domain.values import Pair, plain, rfc3339


def content_id(pair: Pair, at: datetime, price: Decimal, volume: Decimal, occurrence: int) -> int:
    """A negative 63-bit id made from a trade's content; `occurrence` tells equal trades apart, from 0 on.

    Price and volume must have been checked: they are written out. The same trade gets the same id from every file, however many zeros its numbers end in.
    """
    content = f"{pair}|{rfc3339(at)}|{plain(price)}|{plain(volume)}|{occurrence}"
    return -(int.from_bytes(blake2b(content.encode(), digest_size=8).digest()) >> 1) or -1


class Occurrences:
    """Counts equal trades. Trades come in order of time, so those of one moment are all that is remembered."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._seen: dict[tuple[Pair, str, str], int] = {}

    def next(self, pair: Pair, at: datetime, price: Decimal, volume: Decimal) -> int:
        """How many equal trades came before this one."""
        if at != self._at:
            self._at = at
            self._seen.clear()
        key = (pair, plain(price), plain(volume))
        count = self._seen.get(key, 0)
        self._seen[key] = count + 1
        return count
