"""Tickers and trades in the order in which they were recorded, though a log with partitions hands them out by partition."""

from datetime import datetime, timedelta

from application.ports.event_log import Position
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted

Arrival = TickerUpdated | TradeExecuted

_CAUGHT_UP = timedelta(seconds=5)  # so far may what was just read lie behind the clock, and the partitions apart


class Arrivals:
    """Hands out what has arrived up to a time of which it is known that nothing from before it is still to come.

    That is the time up to which all partitions have been read; and in a live market, once the reader has caught up, the
    clock's, which goes on when the messages do not.
    """

    def __init__(self) -> None:
        self._read_up_to: dict[str, datetime] = {}
        self._waiting: list[Arrival] = []
        self._newest: datetime | None = None

    def add(self, position: Position, event: Arrival) -> None:
        """Take note of a record of the log."""
        partition, at = position.partition, event.recorded_at
        self._read_up_to[partition] = max(at, self._read_up_to.get(partition, at))
        self._newest = at if self._newest is None else max(at, self._newest)
        self._waiting.append(event)

    def known_until(self, clock: datetime | None, *, at_end: bool) -> datetime | None:
        """Nothing from before this is still to come; None while nothing is known.

        `clock` is the present time, None in a recording. `at_end`: the reader has found no more records.
        """
        read = min(self._read_up_to.values(), default=None)
        if clock is None:
            return read
        lately = clock - _CAUGHT_UP
        if not at_end and (self._newest is None or self._newest < lately):
            return read
        return lately if read is None else max(lately, read)

    def take(self, until: datetime) -> list[Arrival]:
        """What arrived by then and was not taken yet, in its order."""
        taken = sorted((one for one in self._waiting if one.recorded_at <= until), key=lambda one: one.recorded_at)
        self._waiting = [one for one in self._waiting if one.recorded_at > until]
        return taken
