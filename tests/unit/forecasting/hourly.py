"""Kraken's hourly candles of years, as bars to evaluate on."""

from datetime import UTC, datetime

from adapters.kraken.history_files import read_history
from application.analytics.evaluation import Bars
from domain.market.candle import Interval
from domain.market.history import CandleImported
from tests import real_data

FILES = {"BTC/USD": "kraken/candles_1h/XBTUSD_60.csv.gz", "ETH/USD": "kraken/candles_1h/ETHUSD_60.csv.gz"}


def hourly_bars(pair: str) -> Bars:
    """All of a pair's."""
    events = read_history(real_data.path(FILES[pair]), now=datetime(2026, 1, 1, tzinfo=UTC))
    candles = [event for event in events if isinstance(event, CandleImported)]
    return Bars(Interval.H1.length, [one.start for one in candles], [float(one.close) for one in candles])
