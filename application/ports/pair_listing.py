"""Port: the pairs that a venue trades."""

from collections.abc import Sequence
from typing import Protocol

from domain.values import Pair


class ListingUnavailable(Exception):
    """The venue's list cannot be had now; the message says why."""


class PairListing(Protocol):
    """A venue's own list of its pairs, under its own names."""

    def pairs(self) -> Sequence[Pair]:
        """All pairs. Raises ListingUnavailable."""
        ...
