"""Which candles are closed and whole, so that what is learned and scored by them stays true."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

import structlog

from application.analytics.bars import missing_between
from application.ports.clock import Clock
from application.ports.market_reads import MarketReads
from application.ports.page import Window
from domain.market.candle import Candle, CandleSource, Interval
from domain.values import Pair

log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=2)  # trades of a candle's last moments still come in after its end
AT_ONCE = 1000
_PATIENCE = timedelta(minutes=10)


class ClosedCandles:
    """Reads them in order.

    A candle is closed when a later candle of its pair holds a trade two seconds past its end (trades may be stored
    before the candles made of them), or by our clock, `clock_grace` after its end. The clock is believed for candles that
    began since we did, and for the venue's own; what was there before may lack trades that nobody knows of until the
    next one comes. In a recording the trades alone count, and candles are as they were known when they closed, without
    trades that came later: so it gives the same whenever it is played. Where trades are known to be missing and are being
    fetched, what lies beyond waits for them, ten minutes at most.
    """

    def __init__(self, reads: MarketReads, clock: Clock, *, is_recording: bool, clock_grace: timedelta) -> None:
        self._reads = reads
        self._clock = clock
        self._is_recording = is_recording
        self._clock_grace = clock_grace
        self._since = clock.now()
        self._waiting: dict[tuple[Pair, Interval], datetime] = {}

    def latest_trade_at(self, pair: Pair) -> datetime | None:
        """The time of the latest trade that a pair's candles hold; None while the latest candle is not made of trades."""
        latest = self._reads.candles(pair, Interval.M1, Window(limit=1)).items
        return latest[0].closed_by[0] if latest and latest[0].source >= CandleSource.TRADES_WITHOUT_IDS else None

    def after(self, pair: Pair, interval: Interval, last: datetime, traded: datetime | None) -> list[Candle]:
        """The next ones (1,000 at most) after the candle that starts at `last`; `traded` is `latest_trade_at`."""
        window = Window(start=last + interval.length, limit=AT_ONCE)
        closed = self._closed(self._reads.candles(pair, interval, window).items, traded)
        return closed if self._is_recording or not closed else self._whole(pair, interval, last, closed)

    def latest(self, pair: Pair, interval: Interval, traded: datetime | None) -> list[Candle]:
        """The latest ones (1,000 at most); in a recording the first ones."""
        start = datetime.fromtimestamp(0, self._since.tzinfo) if self._is_recording else None
        return self._closed(self._reads.candles(pair, interval, Window(start=start, limit=AT_ONCE)).items, traded)

    def are_before(self, pair: Pair, interval: Interval, start: datetime) -> bool:
        """Whether there are any that start before a time."""
        return bool(self._reads.candles(pair, interval, Window(end=start, limit=1)).items)

    def _closed(self, candles: Sequence[Candle], traded: datetime | None) -> list[Candle]:
        closed = takewhile(lambda candle: self._is_closed(candle, traded), candles)
        return [known for candle in closed if (known := self._as_known(candle))]

    def _as_known(self, candle: Candle) -> Candle | None:
        """In a recording, without the trades that were recorded after it had closed; None where those are all it has."""
        closed_at = candle.end + GRACE
        if not self._is_recording or candle.recorded_at <= closed_at:
            return candle
        window = Window(start=candle.start, end=candle.end, as_of=closed_at, limit=1)
        return next(iter(self._reads.candles(candle.pair, candle.interval, window).items), None)

    def _is_closed(self, candle: Candle, traded: datetime | None) -> bool:
        if traded is not None and candle.end + GRACE <= traded:
            return True
        now = self._clock.now()
        if self._is_recording or now < candle.end + self._clock_grace:
            return False
        is_venues = candle.source < CandleSource.TRADES_WITHOUT_IDS
        return is_venues or candle.start >= self._since or now - self._since >= _PATIENCE

    def _whole(self, pair: Pair, interval: Interval, last: datetime, candles: list[Candle]) -> list[Candle]:
        """Those before the first that trades are known to be missing next to."""
        gaps = self._reads.continuity(pair).missing
        ends_before = {first - 1 for first, _ in gaps}
        begins_after = {last_id + 1 for _, last_id in gaps}
        for number, candle in enumerate(candles):
            after_hole = missing_between(last, candle.start, interval.length) > 0
            lacks_trades = candle.closed_by[1] in ends_before or (after_hole and candle.opened[1] in begins_after)
            if lacks_trades and candle.source is CandleSource.TRADES:
                since = self._waiting.setdefault((pair, interval), self._clock.now())
                if self._clock.now() - since < _PATIENCE:
                    return candles[:number]
                log.warning("candles lack trades that do not come", pair=pair, interval=interval.value)
                return candles
            last = candle.start
        self._waiting.pop((pair, interval), None)
        return candles
