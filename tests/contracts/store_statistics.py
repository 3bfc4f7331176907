"""Statistics read from a store: the same numbers from every one."""

from decimal import Decimal

from adapters.memory.clock import FixedClock
from application.analytics.market_statistics import MarketStatistics, Span
from application.analytics.statistics import bar_figures, correlation, log_returns, mean_spread
from application.ports.page import Window
from domain.market.candle import Interval
from tests.builders import BTC, ETH, at, candle, ticker
from tests.contracts.store import StoreUnderTest

CLOSES = ("97412.6", "97500.1", "97333.333333333333333333", "9733.3", "97412.6")
M1 = Interval.M1


class StatisticsContract:
    def test_they_are_what_the_stored_candles_and_tickers_say_to_the_last_bit(self, under_test: StoreUnderTest) -> None:
        btc = [candle(at(60 * n), close=Decimal(close)) for n, close in enumerate(CLOSES)]
        eth = [candle(at(60 * n), pair=ETH, close=Decimal(n * n + 1)) for n in range(1, 5)]
        tickers = [ticker(occurred_at=at(n), ask=Decimal("97413.7") + n) for n in range(3)]
        with under_test.store.begin() as tx:
            tx.put_candles([*reversed(btc), *eth])
            tx.add_tickers([*tickers, *tickers])
        statistics = MarketStatistics(under_test.market, FixedClock(at(3_600)), pairs=[BTC, ETH])
        found = statistics.of_pairs(M1, Span(start=at(0)))
        assert [one.bars for one in found] == [bar_figures(btc, M1), bar_figures(eth, M1)]
        assert found[0].bars.realised_volatility
        assert found[0].spread == mean_spread([(one.bid, one.ask) for one in reversed(tickers)])
        assert (found[0].spread.quotes, found[1].spread.quotes) == (3, 0)
        [both] = statistics.correlations(M1, Span(start=at(0)))
        assert both.correlation == correlation(log_returns(btc, M1), log_returns(eth, M1))
        assert both.correlation.value

    def test_quotes_are_the_latest_of_the_pair_within_the_window(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            tx.add_tickers([ticker(occurred_at=at(n), bid=Decimal(n), recorded_at=at(10 * n)) for n in range(1, 6)])
            tx.add_tickers([ticker(pair=ETH)])
        quotes = under_test.market.quotes
        ask = Decimal("97412.6")
        assert quotes(BTC, Window()) == [(Decimal(n), ask) for n in (5, 4, 3, 2, 1)]
        assert quotes(BTC, Window(start=at(2), end=at(5), limit=2)) == [(Decimal(4), ask), (Decimal(3), ask)]
        assert quotes(BTC, Window(as_of=at(25))) == [(Decimal(2), ask), (Decimal(1), ask)]
