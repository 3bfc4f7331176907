"""Ids for trades that the venue gave none: Kraken's WebSocket v1, its downloadable files."""

import sqlite3
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

from domain.values import Pair, plain, rfc3339

_REMEMBERED = 200_000  # equal trades' counts in memory


def content_id(pair: Pair, at: datetime, price: Decimal, volume: Decimal, occurrence: int) -> int:
    """A negative 63-bit id made from a trade's content; `occurrence` tells equal trades apart, from 0 on.

    Price and volume must have been checked: they are written out. The same trade gets the same id from every file, however many zeros its numbers end in.
    """
    content = f"{pair}|{rfc3339(at)}|{plain(price)}|{plain(volume)}|{occurrence}"
    return -(int.from_bytes(blake2b(content.encode(), digest_size=8).digest()) >> 1) or -1


class Occurrences:
    """Counts equal trades, in whatever order they come. With `in_order_of_time` it forgets a moment when the next begins.

    What it remembers beyond a few megabytes lies in a temporary file, which SQLite deletes by itself: a venue's whole
    history has a hundred million trades. For one thread.
    """

    def __init__(self, *, in_order_of_time: bool = False) -> None:
        self._at: datetime | None = None
        self._seen: dict[bytes, int] = {}
        self._in_order = in_order_of_time
        self._file: sqlite3.Connection | None = None

    def next(self, pair: Pair, at: datetime, price: Decimal, volume: Decimal) -> int:
        """How many equal trades came before this one."""
        if self._in_order and at != self._at:
            self._at = at
            self._seen.clear()
        content = f"{pair}|{rfc3339(at)}|{plain(price)}|{plain(volume)}"
        key = blake2b(content.encode(), digest_size=16).digest()
        count = self._seen.get(key)
        if count is None:
            count = self._kept(key)
            if len(self._seen) >= _REMEMBERED:
                self._keep()
        self._seen[key] = count + 1
        return count

    def _keep(self) -> None:
        """Move what is remembered to the file."""
        if self._file is None:
            self._file = sqlite3.connect("", isolation_level=None)  # no name: a temporary file
            self._file.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, count INTEGER) WITHOUT ROWID")
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", self._seen.items())
        self._file.execute("COMMIT")
        self._seen.clear()

    def _kept(self, key: bytes) -> int:
        if self._file is None:
            return 0
        row = self._file.execute("SELECT count FROM seen WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else 0
