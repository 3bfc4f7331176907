"""The past of a client's channels, read from the log and handed out when it is due. Used by one thread at a time."""

import heapq
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from application.ports.event_log import Place, Recorded
from application.time_machine import GrowingCandles, recording_began_at
from application.topics import TRADES
from domain.errors import InvalidValue
from domain.market.trade import TradeExecuted
from domain.values import rfc3339
from entrypoints.api.feeds import feed_rows
from entrypoints.api.rows.market import candle_row
from entrypoints.api.services import Services
from entrypoints.api.stream.channels import TOPICS_OF, Message
from entrypoints.api.stream.repeats import Repeats
from entrypoints.api.stream.translate import feed_message, log_messages, touched_feeds

_BATCH = 1000
_MOST_AT_ONCE = 2000


class Past:
    """What was recorded after `start`, in the order of recording as far as a batch of the log reaches.

    Raises InvalidValue when the log begins later, LogUnavailable.
    """

    def __init__(self, services: Services, channels: Collection[str], start: datetime) -> None:
        topics = {topic for channel in channels for topic in TOPICS_OF[channel]}
        if "candles" in channels:
            topics.add(TRADES)
        self._services = services
        self._channels = frozenset(channels)
        self._start = start
        self._candles = GrowingCandles(services.market, start)
        self._waiting: list[tuple[datetime, int, Recorded]] = []
        self._repeats = Repeats()
        self._read = 0
        self._at_end = False
        log = services.event_log
        self._check_that_it_is_kept(start)
        self._reader = log.reader(topics, after=log.before(start))

    @property
    def place(self) -> Place:
        """After all that was read of the log."""
        return Place.at(self._reader.cursor)

    def due(self, until: datetime) -> tuple[Sequence[Message], bool, bool]:
        """What was recorded up to `until`; whether more of it is to come; whether that is all there is.

        Raises LogUnavailable, CursorTooOld, AsOfTooOld.
        """
        self._at_end = False
        while not self._at_end and (not self._waiting or self._waiting[0][0] <= until) and self._fits:
            self._fill()
        records: list[Recorded] = []
        while self._waiting and self._waiting[0][0] <= until and len(records) < _MOST_AT_ONCE:
            records.append(heapq.heappop(self._waiting)[2])
        more = bool(self._waiting) and self._waiting[0][0] <= until
        return self._messages(records, until), more, self._at_end and not self._waiting

    def close(self) -> None:
        """Give back the reader."""
        self._reader.close()

    @property
    def _fits(self) -> bool:
        return len(self._waiting) < _MOST_AT_ONCE + _BATCH

    def _fill(self) -> None:
        records = self._reader.read(limit=_BATCH, timeout_s=0)
        self._at_end = not records
        for record in self._repeats.left_out(records):
            if isinstance(record, Recorded) and record.event.recorded_at > self._start:
                self._read += 1
                heapq.heappush(self._waiting, (record.event.recorded_at, self._read, record))

    def _messages(self, records: Sequence[Recorded], until: datetime) -> list[Message]:
        messages = log_messages(self._services, records)
        if "candles" in self._channels:
            trades = [record.event for record in records if isinstance(record.event, TradeExecuted)]
            for candle in self._candles.add(trades):
                messages.append(
                    Message("candles", (candle.pair,), origin=candle.origin, row=partial(candle_row, candle, until))
                )
        if "feeds" in self._channels and (touched := touched_feeds(records)):
            rows = feed_rows(self._services, as_of=until)
            messages += [feed_message(row) for row in rows if row.name in touched]
        return messages

    def _check_that_it_is_kept(self, start: datetime) -> None:
        first = recording_began_at(self._services.event_log)
        if first is None or first > start:
            since = "is empty" if first is None else f"begins at {rfc3339(first)}"
            raise InvalidValue("from", f"from is {rfc3339(start)}, and the log {since}: expected a later time")
