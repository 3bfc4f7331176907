"""Port: a second set of read models, filled beside the present ones and exchanged for them at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from application.ports.store import Store
from domain.event import Event
from domain.market.candle import Candle
from domain.market.trade import TradeExecuted
from domain.values import Pair


class Generation(Protocol):
    """The new read models, and the present ones to carry rows over from. Both raise StoreUnavailable.

    The rows of the present generation come in batches, each row once at most. A damaged table gives the rows that can
    still be read.
    """

    @property
    def store(self) -> Store:
        """The new generation: streams and checkpoints are copies, read models are empty."""
        ...

    def present_feed_events(self) -> Iterator[Sequence[Event]]:
        """What the present generation knows of feeds, in the order in which it learnt it."""
        ...

    def present_trades(self) -> Iterator[Sequence[TradeExecuted]]:
        """The trades of the present generation."""
        ...

    def present_candles(self) -> Iterator[Sequence[Candle]]:
        """The candles of the present generation."""
        ...

    def oldest_trades(self) -> Mapping[Pair, datetime]:
        """The time of each pair's oldest trade in the new generation."""
        ...

    def carry_over(self, *, now: datetime) -> None:
        """Copy the rows of all other read models that the new generation does not have, by their keys.

        Rows of impossible times (before 2009, or ahead of `now`) stay behind.
        """
        ...

    def counts(self) -> Mapping[str, int]:
        """How many rows each read model of the new generation has."""
        ...

    def exchange(self) -> None:
        """Put the new generation in the place of the present one, in one step. Nothing of it is lost by a crash."""
        ...


class Generations(Protocol):
    """Makes new generations."""

    def begin(self) -> AbstractContextManager[Generation]:
        """A new generation; unless it was exchanged, it is gone when the block ends, and the present one is untouched."""
        ...
