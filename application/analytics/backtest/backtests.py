"""Use case: a strategy run over stored closed candles, beside buy-and-hold."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from application.analytics.backtest.catalogue import catalogue
from application.analytics.backtest.engine import Costs, Run, costs_of, simulate
from application.analytics.backtest.figures import Figures, figures_of
from application.analytics.backtest.following import SentimentFollowing
from application.analytics.backtest.history import History, history_of
from application.analytics.backtest.lookahead import check_look_ahead
from application.analytics.backtest.strategies import BuyAndHold
from application.analytics.backtest.strategy import Offer, Strategy
from application.ports.clock import Clock
from application.ports.forecaster import Forecasters
from application.ports.market_reads import MarketReads
from application.ports.page import Window
from application.ports.sentiment_reads import SentimentReads
from domain.analytics.sentiment import TagSentiment
from domain.errors import InvalidValue, NotAllowed
from domain.market.candle import Candle, Interval
from domain.values import Origin, Pair

_PAGE = 1000
_COMPARED_FEES_PCT = (0.0, 0.1, 0.25, 0.4)
_PATIENCE_S = 1.0  # whoever waits holds one of the threads that serve
_DOUBTFUL_MOVE = 0.5
_BEGINNING = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run: over closed candles from `start` (inclusive) to `end` (exclusive), all stored ones without them."""

    strategy: str
    pair: Pair
    interval: Interval
    parameters: Mapping[str, float]
    fee_pct: float
    slippage_bp: float
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How it went. `fee_sensitivity` are pairs of a fee in percent and the return in percent it would have left.

    `recorded_at` is the latest of the candles', `origin` the first of theirs in the order of `Origin`.
    """

    order: Order
    strategy: Strategy
    history: History
    run: Run
    figures: Figures
    benchmark_run: Run
    benchmark: Figures
    fee_sensitivity: Sequence[tuple[float, float]]
    notes: Sequence[str]
    origin: Origin
    recorded_at: datetime


class Backtests:
    """Runs one at a time: they take the processor, which collecting and serving need too."""

    def __init__(self, market: MarketReads, sentiment: SentimentReads, clock: Clock, models: Forecasters) -> None:
        self._market = market
        self._sentiment = sentiment
        self._clock = clock
        self._running = threading.Lock()
        self.offers: Mapping[str, Offer] = catalogue(models)

    def run(self, order: Order) -> Report:
        """Read, check that the strategy does not look ahead, and trade.

        Raises InvalidValue for what cannot be run (an unknown strategy or parameter, no candles, too many), NotAllowed
        while another one is running.
        """
        costs = costs_of(order.fee_pct, order.slippage_bp)
        strategy = self._offer(order.strategy).chosen(order.parameters)
        if not self._running.acquire(timeout=_PATIENCE_S):
            raise NotAllowed("another backtest is running: try again when it has ended")
        try:
            candles = self._candles(order, strategy)
            said = list(self._said(order, candles)) if isinstance(strategy, SentimentFollowing) else []
            return _report(order, strategy, costs, candles, said)
        finally:
            self._running.release()

    def _offer(self, name: str) -> Offer:
        if name not in self.offers:
            raise InvalidValue("strategy", f"strategy '{name[:40]}' is unknown: expected {', '.join(self.offers)}")
        return self.offers[name]

    def _candles(self, order: Order, strategy: Strategy) -> list[Candle]:
        now, start = self._clock.now(), order.start or _BEGINNING
        found: list[Candle] = []
        cursor = None
        while True:
            window = Window(start=start, end=order.end, limit=_PAGE, cursor=cursor)
            page = self._market.candles(order.pair, order.interval, window)
            found += [candle for candle in page.items if candle.end <= now]
            cursor = page.next_cursor
            if len(found) > strategy.most_bars:
                raise InvalidValue(
                    "start",
                    f"there are more than {strategy.most_bars:,} candles, the most that {strategy.name} is run over: "
                    "choose a later start, an earlier end or a longer interval",
                )
            if cursor is None:
                break
        if len(found) < 2:
            has = "is one closed candle" if found else "are no closed candles"
            raise InvalidValue(
                "pair",
                f"there {has} of {order.pair} at {order.interval.value} in that time: a backtest needs two at least "
                "(`cryptoviz import` and `cryptoviz backfill` bring history in)",
            )
        return found

    def _said(self, order: Order, candles: Sequence[Candle]) -> Iterator[TagSentiment]:
        cursor = None
        while True:
            window = Window(start=candles[0].start, end=candles[-1].end, limit=_PAGE, cursor=cursor)
            page = self._sentiment.sentiment(order.interval, window, tag=order.pair.base, as_first_known=True)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return


def _report(
    order: Order, strategy: Strategy, costs: Costs, candles: Sequence[Candle], said: Sequence[TagSentiment]
) -> Report:
    history = history_of(candles, order.interval.length, said)
    hold = strategy.positions(history)
    check_look_ahead(strategy, history, hold)
    run = simulate(history, hold, costs)
    held = simulate(history, BuyAndHold().positions(history), costs)
    fees = sorted({*_COMPARED_FEES_PCT, order.fee_pct})
    return Report(
        order=order,
        strategy=strategy,
        history=history,
        run=run,
        figures=figures_of(history, run),
        benchmark_run=held,
        benchmark=figures_of(history, held),
        fee_sensitivity=[(fee, (simulate(history, hold, costs.with_fee(fee / 100)).final - 1) * 100) for fee in fees],
        notes=list(_notes(strategy, history, run, said)),
        origin=min((candle.origin for candle in candles), key=list(Origin).index),
        recorded_at=max(candle.recorded_at for candle in candles),
    )


def _notes(strategy: Strategy, history: History, run: Run, said: Sequence[TagSentiment]) -> Iterator[str]:
    if isinstance(strategy, SentimentFollowing) and not said:
        yield "No article with the pair's base currency as a tag was scored in that time: there was nothing to follow."
    if not len(run.entries):
        yield "The strategy never bought anything."
    if len(run.entries) > len(run.exits):
        yield "A trade was still open at the end: it is valued at the last close, and has not paid the fee of selling."
    if history.missing:
        yield (
            f"{history.missing:,} bars are missing between the first and the last, as nothing was traded or recorded: "
            "orders given before a hole are filled after it."
        )
    if float(history.close.min()) == float(history.close.max()):
        yield "All closes are one and the same price."
    moves = np.abs(np.diff(history.close) / history.close[:-1])
    most = int(moves.argmax())
    if moves[most] > _DOUBTFUL_MOVE:
        yield (
            f"From one close to the next, at {history.time(most + 1):%Y-%m-%d %H:%M} UTC, the price moved by "
            f"{moves[most]:.0%}: see whether that is true before you trust the figures."
        )
