"""What prices did after an article, against the same without news."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.clock import FixedClock
from application.analytics.news_price import HORIZONS, NewsPrice, PriceReaction
from application.ports.page import Page, Window
from domain.market.candle import Candle, Interval
from domain.news.article import ArticlePublished
from domain.values import Pair
from tests.builders import BTC, ETH, article, at, candle

DAY = 86_400
RECORDED = at(8 * DAY, micros=5)


class Stored:
    """The read ports over candles of BTC/USD and articles' times."""

    def __init__(self, candles: Sequence[Candle], news: Sequence[float] = ()) -> None:
        self._candles = sorted(candles, key=lambda one: one.start)
        self._news = sorted([RECORDED, *(at(seconds) for seconds in news)])

    def candles(self, pair: Pair, interval: Interval, window: Window) -> Page[Candle]:
        assert window.start and window.end
        found = [
            one
            for one in self._candles
            if (one.pair, one.interval) == (pair, interval)
            and window.start <= one.start < window.end
            and (window.as_of is None or one.recorded_at <= window.as_of)
        ]
        assert len(found) <= window.limit, "one page must do"
        return Page(found)

    def recorded(self, tag: str, start: Any, end: Any) -> list[Any]:
        assert tag == "BTC"
        return [one for one in self._news if start <= one < end]


def minute(seconds: float, close: str) -> Candle:
    return candle(at(seconds), close=Decimal(close))


def five(seconds: float, close: str) -> Candle:
    return candle(at(seconds), interval=Interval.M5, close=Decimal(close))


def after(
    stored: Stored, *, now: float = 9 * DAY, as_of: Any = None, one: ArticlePublished | None = None
) -> list[PriceReaction]:
    use = NewsPrice(stored, stored, FixedClock(at(now)), pairs=[BTC, ETH])  # type: ignore[arg-type]
    return use.after(one or article(recorded_at=RECORDED, tags=("BTC", "Mining")), as_of=as_of)


MOVED = [minute(8 * DAY + 60 * n, "100" if n < 0 else "102") for n in range(-5, 70)]
A_DAY = [five(7 * DAY + 300 * n, str(100 + n % 2)) for n in range(288)]  # 1 % up and down by turns


def test_the_change_after_an_article_beside_what_is_usual() -> None:
    found = after(Stored([*MOVED, *A_DAY]))
    assert [(one.pair, one.horizon) for one in found] == [(BTC, horizon) for horizon in HORIZONS]
    five_minutes = found[0]
    assert (five_minutes.price_before, five_minutes.price_after, five_minutes.change_pct) == (100, 102, 2)
    assert five_minutes.usual
    assert five_minutes.usual.windows == 288 - 1 - 11, "not the first, that no price precedes, nor the hour before it"
    assert Decimal("0.99") < five_minutes.usual.mean_abs_change_pct < 1
    assert five_minutes.share_as_large == 0
    assert five_minutes.reason is None
    hour = found[2]
    assert hour.usual
    assert (hour.usual.windows, hour.usual.mean_abs_change_pct) == (23, 0), "side by side, by twelve steps"


def test_windows_near_other_articles_of_the_tag_are_left_out() -> None:
    [usual, *_] = after(Stored([*MOVED, *A_DAY], news=[7.5 * DAY]))
    assert usual.usual
    assert usual.usual.windows == 288 - 1 - 11 - 25, "an hour before and after, both ends included"


def test_as_large_a_change_is_counted() -> None:
    moved = [minute(8 * DAY + 60 * n, "100" if n < 0 else "100.995") for n in range(-5, 70)]
    [found, *_] = after(Stored([*moved, *A_DAY]))
    assert found.share_as_large
    assert Decimal("0.4") < found.share_as_large < Decimal("0.6"), "the steps up, of exactly 1 %"


def test_what_is_not_known_is_said_in_words() -> None:
    nothing = after(Stored([]))
    assert {one.reason for one in nothing} == {"no price of BTC/USD is known from when the article was recorded"}
    assert all(one.change_pct is one.usual is one.share_as_large is None for one in nothing)
    soon = after(Stored([*MOVED, *A_DAY]), now=8 * DAY + 600)
    assert [one.change_pct for one in soon] == [2, None, None]
    assert soon[1].reason == "the 30 minutes after the article are not over"
    assert soon[1].usual
    assert soon[1].usual.windows > 0, "what is usual is known before"
    halted = after(Stored([one for one in MOVED if one.start < at(8 * DAY + 600)]))
    assert halted[1].reason == "no price of BTC/USD is known from 30 minutes after the article"
    assert halted[0].reason == "no 5 minutes without news and with prices were found in the 7 days before"


def test_a_minute_without_trades_keeps_its_price() -> None:
    [found, *_] = after(Stored([one for one in MOVED if one.start != at(8 * DAY + 240)]))
    assert found.change_pct == 2


def test_as_of_only_what_was_known_then() -> None:
    late = [candle(one.start, close=one.close, recorded_at=one.end + timedelta(seconds=1)) for one in MOVED]
    found = after(Stored([*late, *A_DAY]), as_of=at(8 * DAY + 1000))
    assert [one.change_pct for one in found] == [2, None, None]
    assert found[1].reason == "the 30 minutes after the article are not over"


@pytest.mark.parametrize("tags", [(), ("Mining",), ("DOGE",)])
def test_an_article_about_no_configured_pair_has_no_reaction(tags: tuple[str, ...]) -> None:
    assert after(Stored(MOVED), one=article(recorded_at=RECORDED, tags=tags)) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3000, 70), st.integers(1, 10**9)), max_size=80),
    st.lists(st.floats(0, 8 * DAY), max_size=20),
)
def test_whatever_is_stored_no_figure_is_wrong(prices: list[tuple[int, int]], news: list[float]) -> None:
    made = {at(8 * DAY + 60 * n): minute(8 * DAY + 60 * n, str(price)) for n, price in prices}
    fives = {one.start: candle(one.start, interval=Interval.M5, close=one.close) for one in made.values()}
    for found in after(Stored([*made.values(), *fives.values()], news)):
        assert (found.change_pct is None) == (found.price_before is None or found.price_after is None)
        assert found.reason or (found.change_pct is not None and found.usual)
        if found.usual:
            assert found.usual.windows > 0
            assert found.usual.mean_abs_change_pct >= 0
        if found.share_as_large is not None:
            assert 0 <= found.share_as_large <= 1
