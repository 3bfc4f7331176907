"""Figures over closed candles and quotes: returns, realised volatility, spread, correlation, volume by hour of day.

A candle is what its trades say, however late or often they came, and figures are taken over candles in the order of
their starts: so they are the same from every store. Returns are logarithms of closing prices over those of the bar just
before; there is none over a hole, as it would span more than one bar. What is not defined is None, and a sentence says
why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from application.ports.market_reads import Quote
from domain.market.candle import Candle, Interval
from domain.values import EXACT, ZERO, percent_change

_YEAR_S = 365 * 86_400  # the market never closes
_HOURS = 24
_FEWEST_RETURNS = 2
_FEWEST_COMMON_RETURNS = 3
_NO_CHANGE = 1e-12  # returns that differ by less differ by rounding


class Returns(NamedTuple):
    """Log returns of one series: `at` numbers their bars since 1970, ascending; `values` is as long."""

    at: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HourVolume:
    """What was traded in one hour of the day (UTC), in base currency; see `Candle` for what is neither buy nor sell."""

    hour: int
    volume: Decimal
    buy_volume: Decimal
    sell_volume: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BarFigures:
    """Figures over the closed bars of one pair.

    `return_pct` goes from the first bar's open to the last one's close, in percent. `realised_volatility` is annualised
    (0.5: 50 % a year) over `returns` returns. `volume_by_hour` has 24 entries. `recorded_at`: when the latest of it all
    was recorded.
    """

    bars: int
    returns: int
    trades: int
    volume: Decimal
    buy_volume: Decimal
    sell_volume: Decimal
    return_pct: Decimal | None
    realised_volatility: float | None
    volume_by_hour: list[HourVolume] | None
    recorded_at: datetime | None
    why_none: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean relative spread over `quotes` quotes, in basis points of the mid price."""

    quotes: int
    bps: float | None
    why_none: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's correlation of the returns that two series have in common, `n` of them."""

    n: int
    value: float | None
    why_none: tuple[str, ...]


def bar_figures(candles: Sequence[Candle], interval: Interval) -> BarFigures:
    """Figures over the closed candles of one series, oldest first."""
    returns = log_returns(candles, interval)
    volatility = realised_volatility(returns.values, interval)
    by_hour = volume_by_hour(candles) if interval.seconds <= Interval.H1.seconds else None
    why_none = []
    if not candles:
        why_none.append("no bar closed in this time")
    elif volatility is None:
        why_none.append(
            f"volatility needs {_FEWEST_RETURNS} returns between neighbouring bars: there are {len(returns.at)}"
        )
    if by_hour is None:
        why_none.append(f"bars of {interval.value} are too long to tell the hours of a day apart")
    return BarFigures(
        bars=len(candles),
        returns=len(returns.at),
        trades=sum(candle.trades for candle in candles),
        volume=_total(candle.volume for candle in candles),
        buy_volume=_total(candle.buy_volume for candle in candles),
        sell_volume=_total(candle.sell_volume for candle in candles),
        return_pct=percent_change(candles[0].open, candles[-1].close) if candles else None,
        realised_volatility=volatility,
        volume_by_hour=by_hour,
        recorded_at=max((candle.recorded_at for candle in candles), default=None),
        why_none=tuple(why_none),
    )


def log_returns(candles: Sequence[Candle], interval: Interval) -> Returns:
    """ln(close / close of the bar just before), for the candles (oldest first, each start once) that have one."""
    at = np.array([int(candle.start.timestamp()) // interval.seconds for candle in candles], dtype=np.int64)
    logs = np.log(np.array([candle.close for candle in candles], dtype=np.float64))
    neighbours = np.diff(at) == 1
    return Returns(at[1:][neighbours], np.diff(logs)[neighbours])


def realised_volatility(returns: NDArray[np.float64], interval: Interval) -> float | None:
    """Square root of the mean squared return times the bars of a year (365 days); None for fewer than 2 returns.

    That is realised variance, the sum of squared returns, scaled from the time observed to a year: Andersen, Bollerslev,
    Diebold & Labys 2003, https://doi.org/10.1111/1468-0262.00418. Returns are not demeaned, as is usual there.
    """
    if len(returns) < _FEWEST_RETURNS:
        return None
    return float(np.sqrt(np.mean(np.square(returns)) * (_YEAR_S / interval.seconds)))


def volume_by_hour(candles: Sequence[Candle]) -> list[HourVolume]:
    """What was traded in each of the 24 hours of the day, all days together; for candles of an hour or shorter."""
    of_hour: list[list[Candle]] = [[] for _ in range(_HOURS)]
    for candle in candles:
        of_hour[candle.start.hour].append(candle)
    return [
        HourVolume(hour, _total(c.volume for c in some), _total(c.buy_volume for c in some), _total(c.sell_volume for c in some))
        for hour, some in enumerate(of_hour)
    ]  # fmt: skip


def mean_spread(quotes: Sequence[Quote]) -> Spread:
    """Mean of (ask - bid) / mid, each quote counting once; quotes without both sides, or crossed, are left out."""
    sides = np.array(quotes, dtype=np.float64).reshape(-1, 2)
    bids, asks = sides[(sides[:, 0] > 0) & (sides[:, 1] >= sides[:, 0])].T
    if not len(bids):
        return Spread(0, None, ("no quote with both bid and ask is known from this time",))
    return Spread(len(bids), float(np.mean((asks - bids) / ((asks + bids) / 2)) * 10_000), ())


def correlation(one: Returns, other: Returns) -> Correlation:
    """Pearson's, over bars in which both have a return; None for fewer than 3 of them or where one price went steadily."""
    common, in_one, in_other = np.intersect1d(one.at, other.at, assume_unique=True, return_indices=True)
    count = len(common)
    if count < _FEWEST_COMMON_RETURNS:
        return Correlation(count, None, (f"it needs {_FEWEST_COMMON_RETURNS} returns in common: there are {count}",))
    x, y = one.values[in_one], other.values[in_other]
    if min(np.ptp(x), np.ptp(y)) < _NO_CHANGE:
        return Correlation(count, None, ("the returns of one of the two did not vary",))
    x, y = x - np.mean(x), y - np.mean(y)
    value = np.sum(x * y) / np.sqrt(np.sum(x * x) * np.sum(y * y))
    return Correlation(count, float(np.clip(value, -1, 1)), ())


def _total(volumes: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for volume in volumes:
        total = EXACT.add(total, volume)
    return total
