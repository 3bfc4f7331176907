"""Events of all kinds, odd ones among them, and values that are none."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from adapters.avro.codec import AvroCodec
from adapters.avro.schema_ids import SchemaIds
from application.topics import ANALYTICS_EVENTS, ARTICLES, DEAD_LETTERS, FEED_EVENTS, TICKERS, TRADES
from domain.event import Event
from domain.market.candle import Interval
from domain.market.feed import TradeGapDetected, TradeGapFilled
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.news.article import ArticleCompleted, ArticleRevised
from domain.values import Origin
from tests.builders import (
    article,
    dead_letter,
    feed_connected,
    forecast,
    forecast_score,
    revised,
    sentiment,
    settled,
    ticker,
    trade,
)
from tests.integration.spark.stack import PAIRS

LONG_AGO = datetime(2026, 9, 25, 12, tzinfo=UTC)
ODD_TEXTS = ["", "limit", 'quo"ted', "two\nlines", "back\\slash", "nul\x00inside", "Škoda 🚗", "a,b", "\\N", None]


def trades(count: int, *, seed: int = 1, first: int = 1, minutes: int = 400) -> list[TradeExecuted]:
    """Trades of all pairs over some hours, in order of their ids, numbered within each pair."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        at = LONG_AGO + timedelta(minutes=minutes) * (number / count) + timedelta(microseconds=chance.randrange(10**6))
        made.append(
            trade(
                first + number // len(PAIRS),
                pair=PAIRS[number % len(PAIRS)],
                occurred_at=at,
                recorded_at=at + timedelta(milliseconds=20),
                price=Decimal(chance.randrange(1, 10**9)) / 10**4,
                volume=Decimal(chance.randrange(1, 10**12)) / 10**8,
            )
        )
    return made


def story(seed: int = 7) -> list[Event]:
    """Some of everything: twice, late, at another time, with odd texts, without ids; in no particular order."""
    chance = random.Random(seed)
    some = trades(1200, seed=seed)
    odd: list[Event] = [
        *(trade(9000 + n, order_type=text, occurred_at=LONG_AGO + timedelta(seconds=n)) for n, text in enumerate(ODD_TEXTS)),
        *(trade(-n, side=None, occurred_at=LONG_AGO + timedelta(minutes=n)) for n in range(1, 30)),
        trade(9500, price=Decimal("99999999999999999999.999999999999999999"), volume=Decimal("0.000000000000000001"), occurred_at=LONG_AGO),
        *(ticker(occurred_at=LONG_AGO + timedelta(seconds=n), change_24h=Decimal(n - 20), pct_change=Decimal(-n)) for n in range(40)),
        *(ticker(pair=PAIRS[1], occurred_at=LONG_AGO, frame_hash=text) for text in ("", "abc", "nul\x00", "é")),
        *(article(str(n), content=text or "", occurred_at=LONG_AGO) for n, text in enumerate(ODD_TEXTS)),
        *(
            revised(article("1", occurred_at=LONG_AGO), revision, kind, title=f"Version {revision}", tags=(f"T{revision}",))
            for revision, kind in ((2, ArticleRevised), (3, ArticleCompleted))
        ),
        revised(article("never published", occurred_at=LONG_AGO)),
        feed_connected(occurred_at=LONG_AGO),
        feed_connected(occurred_at=LONG_AGO, pair=PAIRS[2]),
        sentiment(article("1", occurred_at=LONG_AGO), occurred_at=LONG_AGO),
        forecast(occurred_at=LONG_AGO),
        forecast_score(forecast(occurred_at=LONG_AGO), occurred_at=LONG_AGO),
        dead_letter(b"\x00\xff", occurred_at=LONG_AGO),
        settled(dead_letter(b"\x00\xff", occurred_at=LONG_AGO), occurred_at=LONG_AGO),
        *(_imported(interval, n) for interval in (Interval.M1, Interval.M5, Interval.H1) for n in range(-20, 20)),
    ]  # fmt: skip
    gap: dict[str, Any] = {
        "venue": "kraken",
        "pair": PAIRS[0],
        "first": 300,
        "last": 304,
        "since": LONG_AGO,
        "until": LONG_AGO,
    }
    stamp: dict[str, Any] = {"occurred_at": LONG_AGO, "recorded_at": LONG_AGO, "origin": Origin.LIVE}
    odd += [TradeGapDetected(**gap, **stamp), TradeGapFilled(**gap, **stamp)]
    events = [*some, *odd, *chance.sample(some, 100), *odd[:12]]
    chance.shuffle(events)
    # Which of two versions of a trade is there first is the log's order within its pair, so that stays as it is.
    return [*events, *(_moved(one) for one in chance.sample(some, 50))]


def _moved(one: TradeExecuted) -> TradeExecuted:
    """The same trade as REST gives it: a microsecond off, by another path."""
    return trade(
        one.trade_id, pair=one.pair, price=one.price, volume=one.volume, origin=Origin.BACKFILL,
        occurred_at=one.occurred_at + timedelta(microseconds=1), recorded_at=one.recorded_at + timedelta(hours=1),
    )  # fmt: skip


def _imported(interval: Interval, number: int) -> CandleImported:
    start = interval.start_of(LONG_AGO) + interval.length * number
    price = Decimal(1000 + number)
    return CandleImported(
        venue="kraken", pair=PAIRS[3], interval=interval, start=start, open=price, high=price + 2, low=price - 1,
        close=price, volume=Decimal(3), vwap=price, trades=5 * interval.seconds // 60, occurred_at=start + interval.length,
        recorded_at=LONG_AGO + timedelta(days=2), origin=Origin.BACKFILL,
    )  # fmt: skip


EXAMPLES: dict[str, Callable[..., Event]] = {
    TRADES: trade,
    TICKERS: ticker,
    ARTICLES: article,
    FEED_EVENTS: feed_connected,
    ANALYTICS_EVENTS: forecast,
    DEAD_LETTERS: dead_letter,
}


def poison(topic: str, ids: SchemaIds) -> Sequence[bytes | None]:
    """Values that no topic may hold; for trades and tickers also those that only their checks can find."""
    codec = AvroCodec(ids)
    example, now = EXAMPLES[topic], datetime.now(UTC)
    good = codec.encode(example(occurred_at=LONG_AGO))
    values: list[bytes | None] = [
        None,
        b"",
        b"\x01" + good[1:],
        good[:1] + (2**31 - 7).to_bytes(4, "big") + good[5:],
        good[: len(good) // 2],
        good[:-1],
        good + b"\x00",
        good + good[5:],
        good[:5] + b"\xfe\xff\xff\xff\x0f" + good[6:],  # a text of some 2 GB, says its length
        good[:5] + b"\x06\xff\xfe\xfd" + good[6:],  # no UTF-8
        good[:5],
        codec.encode(example(occurred_at=datetime(1970, 1, 1, 1, tzinfo=UTC))),
        codec.encode(example(occurred_at=now + timedelta(days=1))),
        codec.encode(example(occurred_at=LONG_AGO, recorded_at=now + timedelta(minutes=30))),
    ]
    if topic in (TRADES, TICKERS):
        field = "price" if topic == TRADES else "last"
        known = codec.encode(example(occurred_at=LONG_AGO, **{field: Decimal(7)}))
        seven = b"\x10" + (7 * 10**18).to_bytes(8, "big")
        numbers = [b"\x10" + number.to_bytes(8, "big", signed=True) for number in (-7 * 10**18, 0)]
        numbers += [b"\x22" + (10**38).to_bytes(17, "big"), b"\x20" + (10**38).to_bytes(16, "big"), b"\x00"]
        values += [known.replace(seven, number) for number in numbers]
        values.append(good.replace(b"BTC/USD", b"BTC-USD"))
        values.append(good.replace(b"\x08live", b"\x08liVe"))
    return values
