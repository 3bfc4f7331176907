"""The past played again: when what was recorded is due, and candles as they grew."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.event_log import EventLog, Recorded
from application.ports.market_reads import MarketReads
from application.ports.page import Window
from application.topics import TOPICS
from domain.errors import InvalidValue
from domain.market.candle import Candle, Interval, candles_of, merge
from domain.market.trade import TradeExecuted
from domain.values import Pair, rfc3339

SLOWEST, FASTEST = 1, 100
_MOST_CANDLES = 20_000
_MOST_TRADES = 100_000
_FIRST_RECORDS = 1_000
_PATIENCE_S = 2.0


def recording_began_at(log: EventLog) -> datetime | None:
    """Return when the oldest records of the log were recorded (UTC); None for an empty log. Raises LogUnavailable."""
    with log.reader(TOPICS, after=log.oldest()) as reader:
        records = reader.read(limit=_FIRST_RECORDS, timeout_s=_PATIENCE_S)
    return min((record.event.recorded_at for record in records if isinstance(record, Recorded)), default=None)


@dataclass(frozen=True, slots=True)
class Pace:
    """A clock that stood at `start` (UTC) when the replay began and goes `speed` times as fast as ours.

    Raises InvalidValue for a speed outside 1 to 100, and for a start that is not before `now`.
    """

    start: datetime
    speed: float
    now: datetime

    def __post_init__(self) -> None:
        if not SLOWEST <= self.speed <= FASTEST:
            raise InvalidValue("speed", f"speed is {self.speed:g}: expected {SLOWEST} to {FASTEST} times")
        if self.start >= self.now:
            raise InvalidValue(
                "from", f"from is {rfc3339(self.start)}, which is not past yet: expected an earlier time"
            )

    def at(self, elapsed_s: float) -> datetime:
        """What the clock shows so many of our seconds later."""
        return self.start + timedelta(seconds=elapsed_s * self.speed)


class GrowingCandles:
    """Candles of trades that were recorded after `start`, on top of what was known then. Not for several threads.

    What is held is bounded: the least recently touched candle is forgotten first, and read anew when it is touched again.
    """

    def __init__(self, market: MarketReads, start: datetime) -> None:
        self._market = market
        self._start = start
        self._candles: OrderedDict[tuple[Pair, Interval, datetime], Candle] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def add(self, trades: Iterable[TradeExecuted]) -> list[Candle]:
        """The candles that these trades touch, with them. One that came before is counted once.

        Raises AsOfTooOld when the trades that would say what was known at the start have aged out.
        """
        new = [trade for trade in trades if self._is_new(trade)]
        touched = []
        for interval in Interval:
            for part in candles_of(new, interval):
                known = self._candles.pop(part.bucket, None) or self._known_at_start(part)
                candle = part if known is None else merge(known, part)
                self._candles[candle.bucket] = candle
                touched.append(candle)
        while len(self._candles) > _MOST_CANDLES:
            self._candles.popitem(last=False)
        return touched

    def _is_new(self, trade: TradeExecuted) -> bool:
        if trade.event_id in self._seen:
            return False
        self._seen[trade.event_id] = None
        if len(self._seen) > _MOST_TRADES:
            self._seen.popitem(last=False)
        return True

    def _known_at_start(self, part: Candle) -> Candle | None:
        window = Window(start=part.start, end=part.end, as_of=self._start, limit=1)
        found = self._market.candles(part.pair, part.interval, window).items
        return found[0] if found else None
