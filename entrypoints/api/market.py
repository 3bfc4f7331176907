"""The market's room: tickers, trades, candles."""

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter

from domain.market.candle import Interval
from entrypoints.api.params import (
    AsOf,
    Limit,
    PageCursor,
    PairPath,
    PairQuery,
    Session,
    WindowOf,
    page_of,
    read_interval,
    read_optional_pair,
    read_pair,
    read_text,
    read_time,
)
from entrypoints.api.problems import MissingParameter
from entrypoints.api.routes import cached_read
from entrypoints.api.rows.market import (
    CandlePage,
    TickerPage,
    TradePage,
    candle_row,
    ticker_row,
    trade_row,
)

IntervalQuery = Annotated[str, QueryParameter(schema_extra={"enum": [interval.value for interval in Interval]})]


class MarketController(Controller):
    """Tickers, trades and candles."""

    tags = ["market"]  # noqa: RUF012 - Litestar reads it as it stands

    @cached_read("/tickers", summary="The latest ticker of each pair")
    def latest_tickers(
        self, services: Session, as_of: AsOf = None, limit: Limit = 100, cursor: PageCursor = None
    ) -> TickerPage:
        """By pair."""
        tickers = services.market.latest_tickers(as_of=read_time(as_of, "as_of"))
        page = page_of(tickers, limit, read_text(cursor, "cursor"))
        return TickerPage([ticker_row(ticker) for ticker in page.items], page.next_cursor)

    @cached_read("/tickers/{pair:str}", summary="One pair's tickers")
    def tickers(self, services: Session, window: WindowOf, pair: PairPath) -> TickerPage:
        """Newest first."""
        page = services.market.tickers(read_pair(services, pair), window)
        return TickerPage([ticker_row(ticker) for ticker in page.items], page.next_cursor)

    @cached_read("/trades", summary="Trades of one pair or of all")
    def trades(self, services: Session, window: WindowOf, pair: PairQuery = None) -> TradePage:
        """Newest first."""
        page = services.market.trades(read_optional_pair(services, pair), window)
        return TradePage([trade_row(trade) for trade in page.items], page.next_cursor)

    @cached_read("/candles", summary="One pair's candles")
    def candles(
        self, services: Session, window: WindowOf, pair: PairQuery = None, interval: IntervalQuery = Interval.M1.value
    ) -> CandlePage:
        """Oldest first. With `start` the page begins there and cursors lead on; without, it is the latest page."""
        if pair is None:
            raise MissingParameter("pair", [known.slug for known in services.pairs])
        page = services.market.candles(read_pair(services, pair), read_interval(interval), window)
        now = window.as_of or services.clock.now()
        return CandlePage([candle_row(candle, now) for candle in page.items], page.next_cursor)
