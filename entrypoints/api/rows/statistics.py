"""Rows of the market's statistics."""

import msgspec

from application.analytics.market_statistics import PairCorrelation, PairStatistics
from application.analytics.statistics import HourVolume
from domain.values import Origin, plain, rfc3339
from entrypoints.api.rows.numbers import plain_or_null
from entrypoints.api.rows.times import rfc3339_or_null

_PLACES = 6
_BASIS_POINT_PLACES = 4


class HourVolumeRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was traded in the hour of the day from `hour` (0 to 23, UTC) on, in the base currency."""

    hour: int
    volume: str
    buy_volume: str
    sell_volume: str


class StatisticsRow(msgspec.Struct, frozen=True, kw_only=True):
    """One pair's figures over its `bars` closed bars from `start` to `end`; null where one is not defined.

    `return_pct`: change from the first open to the last close. `realised_volatility`: annualised, 0.5 is 50 % a year,
    over `returns` log returns between neighbouring bars. `spread_bps`: mean spread of `quotes` quotes (the latest 50,000
    at most) in basis points of the mid price. `buy_volume` and `sell_volume` are known to be takers' buys and sells; of
    the rest of `volume` the side is not known. `why_none` says in words what is not defined and why.
    """

    pair: str
    interval: str
    start: str
    end: str
    bars: int
    trades: int
    volume: str
    buy_volume: str
    sell_volume: str
    return_pct: str | None
    returns: int
    realised_volatility: float | None
    quotes: int
    spread_bps: float | None
    volume_by_hour: list[HourVolumeRow] | None
    why_none: list[str]
    origin: Origin
    recorded_at: str | None


class StatisticsPage(msgspec.Struct, frozen=True):
    """Statistics, in the order of the configured pairs."""

    items: list[StatisticsRow]
    next_cursor: str | None


class CorrelationRow(msgspec.Struct, frozen=True, kw_only=True):
    """Pearson's correlation of the log returns of two pairs over the `n` bars that both closed; null if not defined."""

    pair: str
    other: str
    interval: str
    start: str
    end: str
    n: int
    correlation: float | None
    why_none: list[str]
    origin: Origin
    recorded_at: str | None


class CorrelationPage(msgspec.Struct, frozen=True):
    """Correlations of each pair with each that is configured after it."""

    items: list[CorrelationRow]
    next_cursor: str | None


def statistics_row(one: PairStatistics, origin: Origin) -> StatisticsRow:
    """A pair's statistics as a row."""
    bars, spread = one.bars, one.spread
    return StatisticsRow(
        pair=str(one.pair),
        interval=one.interval.value,
        start=rfc3339(one.start),
        end=rfc3339(one.end),
        bars=bars.bars,
        trades=bars.trades,
        volume=plain(bars.volume),
        buy_volume=plain(bars.buy_volume),
        sell_volume=plain(bars.sell_volume),
        return_pct=plain_or_null(bars.return_pct),
        returns=bars.returns,
        realised_volatility=_rounded(bars.realised_volatility, _PLACES),
        quotes=spread.quotes,
        spread_bps=_rounded(spread.bps, _BASIS_POINT_PLACES),
        volume_by_hour=None if bars.volume_by_hour is None else [_hour_row(hour) for hour in bars.volume_by_hour],
        why_none=[*bars.why_none, *spread.why_none],
        origin=origin,
        recorded_at=rfc3339_or_null(bars.recorded_at),
    )


def correlation_row(one: PairCorrelation, origin: Origin) -> CorrelationRow:
    """A correlation as a row."""
    return CorrelationRow(
        pair=str(one.pair),
        other=str(one.other),
        interval=one.interval.value,
        start=rfc3339(one.start),
        end=rfc3339(one.end),
        n=one.correlation.n,
        correlation=_rounded(one.correlation.value, _PLACES),
        why_none=list(one.correlation.why_none),
        origin=origin,
        recorded_at=rfc3339_or_null(one.recorded_at),
    )


def _hour_row(one: HourVolume) -> HourVolumeRow:
    return HourVolumeRow(
        hour=one.hour,
        volume=plain(one.volume),
        buy_volume=plain(one.buy_volume),
        sell_volume=plain(one.sell_volume),
    )


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
