"""Port: deleting rows that are older than they are kept."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol


class Expired(NamedTuple):
    """What was deleted: so many `rows`, or `chunks` where whole chunks of rows go at once."""

    number: int
    unit: str


class Expiry(Protocol):
    """The tables whose rows age out, by their names. Both methods raise StoreUnavailable."""

    def hold_to(self, kept: Mapping[str, timedelta]) -> Collection[str]:
        """Have the database itself delete what is older, where it can; returns the tables that it takes care of.

        From tables that are not named it deletes nothing any more.
        """
        ...

    def delete_some(self, table: str, before: datetime) -> Expired:
        """Delete some of a table's rows of times before `before` (UTC), in a transaction of its own; none: nothing is left.

        Where whole chunks are deleted, the old rows in the chunk that `before` falls into stay until the last has aged.
        """
        ...
