"""Statistics of the market within a time, read from stored candles and tickers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MINYEAR, datetime, timedelta
from itertools import combinations

from application.analytics.closed_candles import GRACE
from application.analytics.statistics import (
    BarFigures,
    Correlation,
    Spread,
    bar_figures,
    correlation,
    log_returns,
    mean_spread,
)
from application.ports.clock import Clock
from application.ports.market_reads import MarketReads
from application.ports.page import Window
from domain.errors import InvalidValue
from domain.market.candle import Candle, Interval
from domain.values import Pair

MOST_BARS = 50_000  # in one answer, of all its pairs together
MOST_QUOTES = 50_000
_USUAL = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time asked for: bars that lie within `start`..`end` whole. Without `end` up to now, without `start` a day."""

    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStatistics:
    """One pair's figures; `start` and `end` are those they were taken over."""

    pair: Pair
    interval: Interval
    start: datetime
    end: datetime
    bars: BarFigures
    spread: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCorrelation:
    """How the returns of two pairs went together; `recorded_at` is None where neither has a bar."""

    pair: Pair
    other: Pair
    interval: Interval
    start: datetime
    end: datetime
    correlation: Correlation
    recorded_at: datetime | None


class MarketStatistics:
    """Bounded: 50,000 bars an answer, and the latest 50,000 quotes of a pair."""

    def __init__(self, market: MarketReads, clock: Clock, *, pairs: Sequence[Pair]) -> None:
        self._market = market
        self._clock = clock
        self._pairs = pairs

    def of_pairs(self, interval: Interval, span: Span, *, pair: Pair | None = None) -> list[PairStatistics]:
        """The figures of one pair, or of each. Raises InvalidValue for too many bars, AsOfTooOld."""
        asked = _Asked(interval, span, self._clock.now(), pairs=self._pairs if pair is None else [pair])
        return [
            PairStatistics(
                pair=one,
                interval=interval,
                start=asked.start,
                end=asked.end,
                bars=bar_figures(asked.candles(self._market, one), interval),
                spread=mean_spread(self._market.quotes(one, asked.window(MOST_QUOTES))),
            )
            for one in asked.pairs
        ]

    def correlations(self, interval: Interval, span: Span) -> list[PairCorrelation]:
        """Each pair with each other. Raises InvalidValue for too many bars, AsOfTooOld."""
        asked = _Asked(interval, span, self._clock.now(), pairs=self._pairs)
        candles = {pair: asked.candles(self._market, pair) for pair in asked.pairs}
        returns = {pair: log_returns(some, interval) for pair, some in candles.items()}
        recorded = {pair: [candle.recorded_at for candle in some] for pair, some in candles.items()}
        return [
            PairCorrelation(
                pair=one,
                other=other,
                interval=interval,
                start=asked.start,
                end=asked.end,
                correlation=correlation(returns[one], returns[other]),
                recorded_at=max(recorded[one] + recorded[other], default=None),
            )
            for one, other in combinations(asked.pairs, 2)
        ]


class _Asked:
    """A span with its ends made definite, and what is read of it."""

    def __init__(self, interval: Interval, span: Span, now: datetime, *, pairs: Sequence[Pair]) -> None:
        self.pairs = pairs
        self._interval = interval
        self._as_of = span.as_of
        self._known_at = now if span.as_of is None else min(span.as_of, now)
        end = self._known_at if span.end is None else min(span.end, self._known_at)
        self.start = span.start or (end - _USUAL if end.year > MINYEAR else end)
        self.end = max(self.start, end)
        self._most = (self.end - self.start) // interval.length + 1
        if self._most * len(pairs) > MOST_BARS:
            of_pairs = f" of {len(pairs)} pairs" if len(pairs) > 1 else ""
            raise InvalidValue(
                "start",
                f"from start to end there are {self._most:,} bars of {interval.value}{of_pairs}: expected {MOST_BARS:,} in "
                "all at most; ask for a shorter time, a longer interval or fewer pairs",
            )

    def window(self, limit: int) -> Window:
        return Window(start=self.start, end=self.end, as_of=self._as_of, limit=limit)

    def candles(self, market: MarketReads, pair: Pair) -> list[Candle]:
        """The closed ones that lie within the span whole, oldest first."""
        found = market.candles(pair, self._interval, self.window(self._most)).items
        return [candle for candle in found if candle.end <= self.end and candle.end + GRACE <= self._known_at]
