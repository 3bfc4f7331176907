import itertools
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.simulator.market import Market
from adapters.simulator.moment import to_ns
from adapters.simulator.pairs import LISTINGS
from adapters.simulator.path import PricePath
from adapters.simulator.tape import LOT, MINUTE_NS, Trade

MARKET = Market(7)
NOW = to_ns(datetime(2026, 3, 1, 12, 0, 31, 500_000, tzinfo=UTC))
SECOND_NS = 10**9
PINNED = Trade(trade_id=778118519, time_ns=1772366430879776000, price=940493, qty=6834, buy=True, market=False)

symbols = st.sampled_from(sorted(LISTINGS))
moments = st.integers(
    to_ns(datetime(2020, 1, 10, tzinfo=UTC)) // 1000, to_ns(datetime(2035, 1, 1, tzinfo=UTC)) // 1000
).map(lambda microseconds: microseconds * 1000)


@settings(deadline=None)
@given(st.integers(0, 2**64), symbols, moments)
def test_the_same_seed_and_time_give_the_same_market(seed: int, symbol: str, now: int) -> None:
    one, other = Market(seed), Market(seed)
    other.ticker(symbol, now + MINUTE_NS)  # what was asked before makes no difference
    assert list(one.trades(symbol, now - MINUTE_NS, now)) == list(other.trades(symbol, now - MINUTE_NS, now))
    assert one.price(symbol, now) == other.price(symbol, now)


def test_another_seed_gives_another_market() -> None:
    assert MARKET.last_trades("BTC/USD", 5, NOW) != Market(8).last_trades("BTC/USD", 5, NOW)


def test_the_market_of_a_seed_is_the_same_in_every_version() -> None:
    assert MARKET.last_trades("BTC/USD", 1, NOW) == [PINNED]


@settings(deadline=None)
@given(symbols, moments, st.integers(1, 200))
def test_trades_are_contiguous_ordered_and_plausible(symbol: str, now: int, seconds: int) -> None:
    listing = LISTINGS[symbol]
    trades = list(MARKET.trades(symbol, now - seconds * SECOND_NS, now))
    for before, after in itertools.pairwise(trades):
        assert after.trade_id == before.trade_id + 1
        assert after.time_ns > before.time_ns
    for trade in trades:
        assert now - seconds * SECOND_NS <= trade.time_ns < now
        assert 0.4 < trade.price / listing.scale / listing.price < 2.5
        assert 0 < trade.qty < 100 * listing.mean_qty * LOT * 10
        assert trade.trade_id < 2**31 or now > to_ns(datetime(2034, 1, 1, tzinfo=UTC))


@settings(deadline=None)
@given(symbols, moments, st.integers(1, 300))
def test_the_last_trades_join_those_that_follow(symbol: str, now: int, seconds: int) -> None:
    snapshot = MARKET.last_trades(symbol, 50, now)
    later = now + seconds * SECOND_NS
    updates = MARKET.trades_after(symbol, snapshot[-1].trade_id, later)
    ids = [trade.trade_id for trade in [*snapshot, *updates]]
    assert len(snapshot) == 50
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert snapshot[-1].time_ns <= now
    assert updates == list(MARKET.trades(symbol, now + 1, later + 1))


@settings(deadline=None)
@given(symbols, moments)
def test_a_ticker_agrees_with_itself_and_the_last_trade(symbol: str, now: int) -> None:
    ticker, last = MARKET.ticker(symbol, now), MARKET.last_trades(symbol, 1, now)[0]
    assert ticker.bid < ticker.ask
    assert ticker.bid_qty > 0 < ticker.ask_qty
    assert ticker.last == last.price in {ticker.bid, ticker.ask}
    assert ticker.time_ns == last.time_ns
    assert ticker.low <= ticker.last <= ticker.high
    assert ticker.low <= ticker.vwap <= ticker.high
    assert ticker.low <= ticker.last - ticker.change <= ticker.high
    assert ticker.volume > 0


@settings(deadline=None)
@given(symbols, moments)
def test_a_one_minute_candle_is_a_recount_of_its_trades(symbol: str, now: int) -> None:
    start = now // MINUTE_NS * MINUTE_NS
    finished, current = MARKET.candles(symbol, 1, start - MINUTE_NS, now + 1)
    for candle, trades in (
        (finished, list(MARKET.trades(symbol, start - MINUTE_NS, start))),
        (current, list(MARKET.trades(symbol, start, now + 1))),
    ):
        prices = [trade.price for trade in trades]
        assert candle.trades == len(trades)
        assert candle.volume == sum(trade.qty for trade in trades)
        assert candle.notional == sum(trade.qty * trade.price for trade in trades)
        if trades:
            ohlc = (candle.open, candle.high, candle.low, candle.close)
            assert ohlc == (prices[0], max(prices), min(prices), prices[-1])
    assert (finished.start_s, current.start_s) == (start // SECOND_NS - 60, start // SECOND_NS)


@settings(deadline=None)
@given(symbols, moments, st.sampled_from([5, 15, 60, 240, 1440]))
def test_longer_candles_hang_together(symbol: str, now: int, interval: int) -> None:
    candles = MARKET.candles(symbol, interval, now - 5 * interval * MINUTE_NS, now + 1)
    assert len(candles) == 5 or (now % (interval * MINUTE_NS) == 0 and len(candles) == 6)
    for candle in candles:
        assert candle.start_s % (interval * 60) == 0
        assert candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high
    assert [c.close for c in candles[:-2]] == [c.open for c in candles[1:-1]]
    assert candles[-1].close == MARKET.last_trades(symbol, 1, now)[0].price


@settings(deadline=None)
@given(moments)
def test_a_move_beyond_one_percent_happens_within_ninety_seconds_of_any_start(start: int) -> None:
    def widest(symbol: str) -> float:
        prices = [trade.price for trade in MARKET.trades(symbol, start, start + 90 * SECOND_NS)]
        lowest, biggest = prices[0], 0.0
        highest = lowest
        for price in prices:
            lowest, highest = min(lowest, price), max(highest, price)
            biggest = max(biggest, price / lowest - 1, 1 - price / highest)
        return biggest

    assert max(map(widest, LISTINGS)) > 0.01


@settings(deadline=None)
@given(symbols, st.integers(0, 5_000_000))
def test_the_price_path_has_no_seams(symbol: str, minute: int) -> None:
    path = PricePath(7)
    knots = path.knots(symbol, minute)
    assert len(knots) == 61
    assert math.isclose(knots[60], path.knots(symbol, minute + 1)[0], rel_tol=1e-12)
    assert math.isclose(knots[0], path.minute_mid(symbol, minute), rel_tol=1e-12)
    assert all(abs(after / before - 1) < 0.006 for before, after in itertools.pairwise(knots))


def test_trades_come_in_bursts() -> None:
    by_second = [0] * 600
    for symbol in LISTINGS:
        for trade in MARKET.trades(symbol, NOW - 600 * SECOND_NS, NOW):
            by_second[(trade.time_ns - NOW + 600 * SECOND_NS) // SECOND_NS] += 1
    assert 10 < sum(by_second) / 600 < 14
    assert max(by_second) > 20


def test_there_is_nothing_before_the_market_opened() -> None:
    before = to_ns(datetime(2019, 12, 31, tzinfo=UTC))
    assert MARKET.last_trades("BTC/USD", 5, before) == []
    with pytest.raises(ValueError, match="opened at 2020-01-01"):
        MARKET.ticker("BTC/USD", before)
    first = next(MARKET.trades("BTC/USD", 0, NOW))
    assert first.trade_id == 1


def test_one_pair_is_chosen_to_move_in_every_minute() -> None:
    path = PricePath(7)
    moved = {path.move_in(minute).symbol for minute in range(3_000_000, 3_000_200)}
    assert moved == set(LISTINGS)
    sizes = [path.move_in(minute).size for minute in range(3_000_000, 3_000_200)]
    assert min(sizes) < -0.0139 and max(sizes) > 0.0139
    assert all(0.0137 < abs(size) < 0.0223 for size in sizes)


def test_moments_keep_their_microsecond() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 31, 654_321, tzinfo=UTC)
    assert to_ns(moment) == int(moment.replace(microsecond=0).timestamp()) * SECOND_NS + 654_321_000
    assert to_ns(moment + timedelta(microseconds=1)) - to_ns(moment) == 1000
