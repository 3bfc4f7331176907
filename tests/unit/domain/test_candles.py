import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.market.candle import Candle, CandleSource, Interval, candles_of, merge, roll_up
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side

BTC = Pair("BTC/USD")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def trade(
    trade_id: int, seconds: float, price: str | Decimal, volume: str | Decimal = "1", side: Side | None = Side.BUY
) -> TradeExecuted:
    at = NOON + timedelta(seconds=seconds)
    return TradeExecuted(
        venue="kraken", pair=BTC, trade_id=trade_id, price=Decimal(price), volume=Decimal(volume), side=side,
        order_type="limit", occurred_at=at, recorded_at=at + timedelta(milliseconds=40), origin=Origin.LIVE,
    )  # fmt: skip


amounts = st.decimals(min_value=Decimal("0.000000000000000001"), max_value=Decimal(10**12), places=18)
trade_lists = st.lists(
    st.tuples(st.integers(0, 900), amounts, amounts, st.none() | st.sampled_from(Side)), min_size=1, max_size=40
).map(lambda rows: [trade(number, *terms) for number, terms in enumerate(rows)])

tiny_to_huge = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(1, 999), st.integers(-18, 15)
)


def recount(trades: Sequence[TradeExecuted], interval: Interval) -> dict[datetime, dict[str, object]]:
    """What a candle is, said as plainly as possible."""
    buckets: dict[datetime, list[TradeExecuted]] = {}
    for one in trades:
        seconds = int((one.occurred_at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
        start = datetime.fromtimestamp(seconds - seconds % interval.seconds, UTC)
        buckets.setdefault(start, []).append(one)
    plain = {}
    for start, inside in buckets.items():
        inside.sort(key=lambda one: (one.occurred_at, one.trade_id))
        with localcontext() as context:
            context.prec = 200
            volume = sum((one.volume for one in inside), Decimal(0))
            bought = sum((one.volume for one in inside if one.side is Side.BUY), Decimal(0))
            sold = sum((one.volume for one in inside if one.side is Side.SELL), Decimal(0))
            turnover = sum((one.price * one.volume for one in inside), Decimal(0))
            vwap = (turnover / volume).quantize(Decimal("1e-18"), ROUND_HALF_EVEN)
        plain[start] = {
            "open": inside[0].price,
            "high": max(one.price for one in inside),
            "low": min(one.price for one in inside),
            "close": inside[-1].price,
            "volume": volume,
            "buy_volume": bought,
            "sell_volume": sold,
            "vwap": vwap,
            "trades": len(inside),
            "recorded_at": max(one.recorded_at for one in inside),
        }
    return plain


def shown(candles: Sequence[Candle]) -> dict[datetime, dict[str, object]]:
    fields = ("open", "high", "low", "close", "volume", "buy_volume", "sell_volume", "vwap", "trades", "recorded_at")
    return {candle.start: {field: getattr(candle, field) for field in fields} for candle in candles}


@given(trade_lists, st.sampled_from(list(Interval)))
def test_candles_equal_a_plain_recount(trades: list[TradeExecuted], interval: Interval) -> None:
    assert shown(candles_of(trades, interval)) == recount(trades, interval)


@given(trade_lists, st.sampled_from(list(Interval)), st.randoms())
def test_rolled_up_minutes_equal_the_candles_of_the_trades(
    trades: list[TradeExecuted], interval: Interval, chance: random.Random
) -> None:
    minutes = candles_of(trades)
    chance.shuffle(minutes)
    assert shown(roll_up(minutes, interval)) == shown(candles_of(trades, interval))


@given(trade_lists, st.randoms())
def test_rolled_up_step_by_step_they_are_the_same(trades: list[TradeExecuted], chance: random.Random) -> None:
    candles = candles_of(trades)
    for longer in list(Interval)[1:]:
        chance.shuffle(candles)
        candles = roll_up(candles, longer)
        assert shown(candles) == shown(candles_of(trades, longer))


@settings(max_examples=60)
@given(trade_lists, st.randoms(), st.integers(1, 5))
def test_however_trades_are_ordered_and_cut_into_batches_the_candles_are_the_same(
    trades: list[TradeExecuted], chance: random.Random, batches: int
) -> None:
    expected = sorted(candles_of(trades, Interval.M5), key=lambda candle: candle.start)
    chance.shuffle(trades)
    merged: dict[datetime, Candle] = {}
    for number in range(batches):
        for candle in candles_of(trades[number::batches], Interval.M5):
            present = merged.get(candle.start)
            merged[candle.start] = candle if present is None else merge(candle, present)
    assert sorted(merged.values(), key=lambda candle: candle.start) == expected


def test_open_and_close_go_by_time_then_trade_id_not_by_arrival() -> None:
    [candle] = candles_of([trade(3, 10, "103"), trade(1, 10, "101"), trade(2, 10, "102")])
    assert (candle.open, candle.close, candle.trades) == (101, 103, 3)


def test_trades_of_unknown_side_count_as_neither_bought_nor_sold() -> None:
    sides = [Side.BUY, Side.SELL, None, Side.SELL]
    [candle] = candles_of([trade(n, n, "1", str(n + 1), side) for n, side in enumerate(sides)])
    assert (candle.volume, candle.buy_volume, candle.sell_volume) == (10, 1, 6)


def test_a_bucket_has_one_source_and_trades_with_ids_win() -> None:
    imported = CandleImported(
        venue="kraken", pair=BTC, interval=Interval.M1, start=NOON, open=Decimal(1), high=Decimal(9), low=Decimal(1),
        close=Decimal(5), volume=Decimal(7), vwap=None, trades=70, occurred_at=NOON + timedelta(minutes=1),
        recorded_at=NOON, origin=Origin.BACKFILL,
    ).candle()  # fmt: skip
    [without_ids] = candles_of([trade(-5, 1, "3")])
    [with_ids] = candles_of([trade(7, 2, "4")])
    assert without_ids.source is CandleSource.TRADES_WITHOUT_IDS
    for lower, higher in ((imported, without_ids), (without_ids, with_ids), (imported, with_ids)):
        assert merge(lower, higher) == merge(higher, lower) == higher
    assert imported.vwap is None
    assert (imported.buy_volume, imported.sell_volume) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"high": Decimal(1)}, "high"),
        ({"open": Decimal(-1)}, "open"),
        ({"start": NOON + timedelta(seconds=7)}, "start"),
        ({"volume": Decimal(-1)}, "volume"),
    ],
)
def test_an_impossible_candle_is_refused(changes: dict[str, object], field: str) -> None:
    terms: dict[str, object] = {
        "venue": "kraken", "pair": BTC, "interval": Interval.M1, "start": NOON, "open": Decimal(2), "high": Decimal(3),
        "low": Decimal(1), "close": Decimal(2), "volume": Decimal(1), "vwap": Decimal(2), "trades": 1,
        "occurred_at": NOON, "recorded_at": NOON, "origin": Origin.BACKFILL,
    }  # fmt: skip
    with pytest.raises(InvalidValue) as refused:
        CandleImported(**{**terms, **changes})  # type: ignore[arg-type]
    assert refused.value.field == field


@given(st.lists(st.tuples(tiny_to_huge, tiny_to_huge), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_vwap_lies_within_low_and_high_from_the_smallest_price_to_the_largest(
    rows: list[tuple[Decimal, Decimal]], chance: random.Random
) -> None:
    trades = [trade(number, number * 7, price, volume) for number, (price, volume) in enumerate(rows)]
    expected = recount(trades, Interval.H1)[NOON]["vwap"]
    chance.shuffle(trades)
    parts = [candles_of([one], Interval.M1) for one in trades]
    (hour,) = roll_up([part for (part,) in parts], Interval.H1)
    assert hour.vwap is not None
    assert hour.low <= hour.vwap <= hour.high
    assert hour.vwap == expected


@given(tiny_to_huge, tiny_to_huge, tiny_to_huge, tiny_to_huge)
def test_a_vwap_that_the_venue_rounded_is_held_within_low_and_high(
    one: Decimal, other: Decimal, vwap: Decimal, volume: Decimal
) -> None:
    low, high = sorted((one, other))
    taken = CandleImported(
        venue="kraken", pair=BTC, interval=Interval.M1, start=NOON, open=low, high=high, low=low, close=high,
        volume=volume, vwap=vwap, trades=3, occurred_at=NOON + timedelta(minutes=1), recorded_at=NOON,
        origin=Origin.BACKFILL,
    ).candle()  # fmt: skip
    assert taken.vwap is not None
    assert low <= taken.vwap <= high
