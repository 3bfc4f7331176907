"""The kinds beside price moves: what each reports, once, and that a restart changes nothing."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerting.detector import Detector, Sighting
from domain.alerting.feed_silent import FeedSilentDetector
from domain.alerting.forecast_broken import ForecastBrokenDetector
from domain.alerting.kinds import KINDS
from domain.alerting.rule import RuleTerms
from domain.alerting.sentiment_swing import SentimentSwingDetector
from domain.alerting.spread_widening import SpreadWideningDetector, spread_of
from domain.alerting.volume_burst import VolumeBurstDetector
from domain.alerting.windows import BEFORE, SLOTS, Windows
from domain.errors import InvalidValue
from domain.event import Event
from domain.values import Origin, parse_time
from tests.builders import BTC, article, at, forecast, forecast_score, sentiment, ticker, trade
from tests.real_data import path, real_data

MINUTE = timedelta(minutes=1)
PRICE = Decimal(97_000)


def watch(detector: Detector, events: Sequence[Event], *, timely: bool = True) -> list[Sighting | None]:
    return [detector.observe(event, timely=timely, price=PRICE) for event in events]


def traded(seconds: float, volume: str = "1", price: str = "100") -> Event:
    return trade(
        int(seconds * 10) + 1, occurred_at=at(seconds), volume=Decimal(volume), price=Decimal(price)
    )  # fmt: skip


def quoted(seconds: float, ask: str) -> Event:
    return ticker(occurred_at=at(seconds), bid=Decimal(100), ask=Decimal(ask), last=Decimal(100))


def scored(number: int, seconds: float, score: str, **fields: Any) -> Event:
    return sentiment(
        article(str(number), occurred_at=at(-9e6), recorded_at=at(seconds)), occurred_at=at(-9e6), recorded_at=at(seconds), score=Decimal(score), label="neutral",
        **fields,
    )  # fmt: skip


EVERY_10_S = [traded(10 * n) for n in range(78)]  # 13 minutes, 6 a minute


def test_a_burst_of_volume_is_reported_once_with_what_is_usual() -> None:
    detector = VolumeBurstDetector(Decimal(300), MINUTE)
    assert not any(watch(detector, EVERY_10_S))
    seen = watch(detector, [traded(785, "19", "101"), traded(786, "0.01", "102"), traded(787, "9", "103")])
    assert seen[0] is None, "5 from before, and 19: not more than four times as much as 6"
    assert seen[2] is None, "the same burst"
    burst = seen[1]
    assert burst
    assert (burst.observed, burst.usual, burst.price, burst.reference_price) == (Decimal("24.01"), 6, 102, 100)
    assert burst.pct_change == Decimal("300.166666666666666667")
    assert burst.trigger == "kraken:BTC/USD:7861"


def test_a_second_burst_is_reported_after_the_first_is_over() -> None:
    detector = VolumeBurstDetector(Decimal(300), MINUTE)
    quiet = [traded(900 + 10 * n) for n in range(78)]
    again = [traded(1681, "40")]
    assert [bool(seen) for seen in watch(detector, [*EVERY_10_S, traded(785, "40"), *quiet, *again])].count(True) == 2


def test_nothing_is_usual_after_too_little_history_and_windows_without_trades_say_nothing() -> None:
    detector = VolumeBurstDetector(Decimal(300), MINUTE)
    assert not any(watch(detector, [*EVERY_10_S[:30], traded(301, "500")]))
    after_an_outage = VolumeBurstDetector(Decimal(300), MINUTE)
    assert not any(watch(after_an_outage, [*EVERY_10_S[:42], traded(781, "20")]))
    assert any(watch(after_an_outage, [traded(782, "10")]))


def test_trades_fetched_afterwards_count_as_usual_but_show_nothing() -> None:
    detector = VolumeBurstDetector(Decimal(300), MINUTE)
    now = traded(781, "60")
    assert not any(watch(detector, [traded(780)]))
    assert not any(watch(detector, [*EVERY_10_S, traded(700, "500")], timely=False))
    assert watch(detector, [now])[0] is None, "500 were traded not long before"
    assert not any(watch(VolumeBurstDetector(Decimal(1), MINUTE), [*EVERY_10_S, now], timely=False))


def test_a_widening_of_the_spread_is_measured_in_basis_points() -> None:
    assert spread_of(quoted(0, "101")) == Decimal("99.502487562189054726")  # type: ignore[arg-type]
    detector = SpreadWideningDetector(Decimal(100), MINUTE)
    usual = [quoted(10 * n, "100.1") for n in range(78)]
    assert not any(watch(detector, usual))
    seen = [one for one in watch(detector, [quoted(780 + n, "101") for n in range(5)]) if one]
    assert len(seen) == 1
    assert seen[0].usual == Decimal("9.995002498750624688")
    assert seen[0].observed and seen[0].observed > 2 * seen[0].usual
    assert seen[0].pct_change > 100


@pytest.mark.parametrize("ask", ["0", "99", "100"])
def test_an_empty_crossed_or_always_zero_spread_reports_nothing(ask: str) -> None:
    detector = SpreadWideningDetector(Decimal(100), MINUTE)
    assert not any(watch(detector, [*(quoted(10 * n, ask) for n in range(78)), quoted(781, "101")]))


def test_a_swing_of_the_sentiment_goes_by_when_articles_were_recorded() -> None:
    detector = SentimentSwingDetector(Decimal(40), timedelta(hours=1))
    before = [scored(n, 3600 * n, "0.1") for n in range(8)]
    seen = watch(detector, [*before, *(scored(100 + n, 3600 * 9 + n, "-0.5") for n in range(4))])
    assert [bool(one) for one in seen] == [False] * 10 + [True, False], "3 articles are needed, and once is enough"
    swing = seen[-2]
    assert swing
    assert (swing.observed, swing.usual, swing.pct_change) == (Decimal("-0.5"), Decimal("0.1"), Decimal(-60))
    assert (swing.price, swing.reference_price, swing.trigger) == (PRICE, PRICE, "CoinDesk:102")


def test_scores_of_another_model_begin_anew_and_raise_no_second_alert() -> None:
    detector = SentimentSwingDetector(Decimal(40), timedelta(hours=1))
    first = [
        *(scored(n, 3600 * n, "0.1") for n in range(8)),
        *(scored(100 + n, 3600 * 9 + n, "-0.5") for n in range(3)),
    ]
    again = [*(scored(n, 3600 * n, "0.1", model="b") for n in range(8)),
             *(scored(100 + n, 3600 * 9 + n, "-0.5", model="b") for n in range(3))]  # fmt: skip
    assert [bool(seen) for seen in watch(detector, [*first, *again])].count(True) == 1
    [swing] = [seen for seen in watch(SentimentSwingDetector(Decimal(40), timedelta(hours=1)), again) if seen]
    assert swing.trigger == "CoinDesk:102", "the article, whoever scored it"


def test_a_silence_is_told_once_as_of_when_it_became_too_long() -> None:
    detector = FeedSilentDetector(Decimal(0), MINUTE)
    assert detector.pass_time(at(500)) is None, "of a pair that never spoke nothing is missed"
    watch(detector, [traded(0), quoted(30, "101")])
    assert detector.pass_time(at(90)) is None
    silent = detector.pass_time(at(200))
    assert silent
    assert (silent.occurred_at, silent.recorded_at, silent.observed) == (at(90), at(90), 60)
    assert (silent.price, silent.pct_change) == (100, -100)
    assert detector.pass_time(at(900)) is None
    assert watch(detector, [quoted(901, "101")]) == [None], "it was told"
    [by_the_next] = watch(detector, [traded(1000)])
    assert by_the_next
    assert by_the_next.occurred_at == at(961)


def test_what_was_fetched_afterwards_or_comes_out_of_order_breaks_no_silence() -> None:
    detector = FeedSilentDetector(Decimal(0), MINUTE)
    watch(detector, [traded(100), traded(10)])
    watch(detector, [trade(7, occurred_at=at(150), origin=Origin.BACKFILL)])
    silent = detector.pass_time(at(161))
    assert silent
    assert silent.occurred_at == at(160)


def test_a_silence_while_we_did_not_listen_counts_from_when_we_did() -> None:
    detector = FeedSilentDetector(Decimal(0), MINUTE)
    watch(detector, [traded(0)])
    later = FeedSilentDetector(Decimal(0), MINUTE)
    later.begin(at(1000))
    later.remember(json.loads(json.dumps(detector.memory())))
    assert later.pass_time(at(1059)) is None
    silent = later.pass_time(at(1061))
    assert silent
    assert (silent.occurred_at, silent.observed, silent.trigger) == (at(1060), 1060, "kraken:BTC/USD:1")


def test_a_forecast_that_did_not_hold() -> None:
    issued = forecast(horizon_s=60, price=Decimal(100), lower=Decimal(99), upper=Decimal(101))
    other = forecast(horizon_s=60, price=Decimal(100), lower=Decimal(99), upper=Decimal(101), model="mix", served=False)
    broken = {"actual": Decimal("101.5"), "inside": False}

    def seen(threshold: str, window: timedelta, *events: Event) -> Sighting | None:
        return watch(ForecastBrokenDetector(Decimal(threshold), window), events)[-1]

    found = seen("0", MINUTE, issued, forecast_score(issued, **broken))
    assert found
    assert (found.pct_change, found.reference_price, found.observed, found.usual) == (
        Decimal("1.5"), 100, Decimal("101.5"), 101,
    )  # fmt: skip
    assert seen("0.5", MINUTE, issued, forecast_score(issued, **broken)) is None, "0.5 % beyond, not more"
    assert seen("0", MINUTE * 5, issued, forecast_score(issued, **broken)) is None, "another horizon"
    assert seen("0", MINUTE, other, forecast_score(other, **broken)) is None, "not the one that was shown"
    assert seen("0", MINUTE, forecast_score(issued, **broken)) is None, "nobody knows its interval"
    assert seen("0", MINUTE, issued, forecast_score(issued, actual=Decimal(101), inside=True)) is None


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50)), min_size=1, max_size=80), st.integers(6, 60))
def test_windows_sum_what_lies_in_them_in_whatever_order_it_comes(steps: list[tuple[int, int]], seconds: int) -> None:
    windows = Windows(timedelta(seconds=seconds))
    slots: dict[int, int] = {}
    for second, amount in steps:
        number = int(at(second).timestamp() * SLOTS // seconds)
        newest = max([number, *slots])
        if number > newest - SLOTS * (1 + BEFORE):
            slots[number] = slots.get(number, 0) + amount
        slots = {slot: total for slot, total in slots.items() if slot > newest - SLOTS * (1 + BEFORE)}
        assert windows.add(at(second), Decimal(amount), None) == (number > newest - SLOTS)
        assert windows.last().total == sum(total for slot, total in slots.items() if slot > newest - SLOTS)
        before = [
            sum(total for slot, total in slots.items() if end - SLOTS < slot <= end)
            for end in range(newest - SLOTS, newest - SLOTS * (1 + BEFORE), -SLOTS)
        ]
        assert [window.total for window in windows.before()] == [total for total in before if total]


CRYPTUOSO = "kraken/cryptuoso/kraken_btcusd_trades.jsonl"


@real_data(CRYPTUOSO)
def test_a_real_hours_bursts_are_those_that_adding_up_finds() -> None:
    window = timedelta(seconds=120)
    detector, seconds = VolumeBurstDetector(Decimal(300), window), 120
    slots: dict[int, Decimal] = {}
    quiet, expected, found = False, [], []
    for number, line in enumerate(path(CRYPTUOSO).read_text().splitlines()):
        row = json.loads(line)
        made = trade(
            number, occurred_at=parse_time(row["timestamp"]), volume=Decimal(row["amount"]), price=Decimal(row["price"])
        )
        newest = int(made.occurred_at.timestamp()) * SLOTS // seconds
        slots[newest] = slots.get(newest, Decimal(0)) + made.volume
        last, *before = (
            sum((slots.get(slot, Decimal(0)) for slot in range(end - SLOTS + 1, end + 1)), Decimal(0))
            for end in range(newest, newest - SLOTS * (1 + BEFORE), -SLOTS)
        )
        traded_in = [total for total in before if total]
        if len(traded_in) >= 6:
            over = last * len(traded_in) / sum(traded_in) - 1
            if not quiet and over > 3:
                quiet = True
                expected.append(number)
            elif quiet and over <= Decimal("1.5"):
                quiet = False
        if detector.observe(made, timely=True, price=None):
            found.append(number)
    assert found == expected
    assert found, "there was one"


_volumes = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 400), st.booleans()), min_size=40, max_size=150)


def _events(kind: str, steps: list[tuple[int, int, bool]]) -> list[Event]:
    makers: dict[str, Callable[[int, int, int], list[Event]]] = {
        "price-move": lambda n, s, amount: [traded(s, price=str(9_000 + amount))],
        "volume-burst": lambda n, s, amount: [traded(s, str(amount))],
        "spread-widening": lambda n, s, amount: [quoted(s, str(100 + Decimal(amount) / 100))],
        "sentiment-swing": lambda n, s, amount: [scored(n, s, str(Decimal(amount - 200) / 200))],
        "feed-silent": lambda n, s, amount: [traded(s) if amount % 2 else quoted(s, "101")],
        "forecast-broken": lambda n, s, amount: _forecast_and_score(s, amount),
    }
    second, events = 0, []
    for number, (pause, amount, _) in enumerate(steps):
        second += pause
        events += makers[kind](number, second, amount)
    return events


def _forecast_and_score(second: int, amount: int) -> list[Event]:
    issued = forecast(
        horizon_s=60, occurred_at=at(second), target_at=at(second + 60), price=Decimal(200), lower=Decimal(100),
        upper=Decimal(300),
    )  # fmt: skip
    return [
        issued,
        forecast_score(issued, occurred_at=at(second + 60), actual=Decimal(amount), inside=100 <= amount <= 300),
    ]


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "price-move"])
@given(steps=_volumes, data=st.data())
def test_a_restart_anywhere_changes_nothing(kind: str, steps: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    events = _events(kind, steps)
    found, threshold = KINDS[kind], Decimal(20) if KINDS[kind].threshold else Decimal(0)
    one = found.make(threshold, MINUTE)
    seen = watch(one, events)
    for each in filter(None, seen):
        assert each.price > 0 and each.reference_price > 0
        assert all(number.is_finite() for number in (each.pct_change, each.observed, each.usual) if number is not None)
    cut = data.draw(st.integers(0, len(events)))
    first, second = found.make(threshold, MINUTE), found.make(threshold, MINUTE)
    before = watch(first, events[:cut])
    memory = json.loads(json.dumps(first.memory()))
    if memory is not None:
        second.remember(memory)
    assert before + watch(second, events[cut:]) == seen


@pytest.mark.parametrize(
    ("kind", "threshold", "window_s", "field", "says"),
    [("volume-burst", "0", 60, "threshold_pct", "above 0 and at most 1000000 percent for kind volume-burst"),
     ("volume-burst", "100", 5, "window_s", "expected 10 to 14400 seconds for kind volume-burst"),
     ("feed-silent", "1", 60, "threshold_pct", "must be left out: a rule of kind feed-silent has none"),
     ("feed-silent", "0", 4, "window_s", "expected 5 to 86400"),
     ("sentiment-swing", "201", 600, "threshold_pct", "at most 200"),
     ("forecast-broken", "-1", 60, "threshold_pct", "0 or more and at most 1000"),
     ("forecast-broken", "0", 61, "window_s", "expected one of 60, 300, 3600"),
     ("forecast-broken", "NaN", 60, "threshold_pct", "expected a number"),
     ("weather", "1", 60, "kind", "expected one of price-move, volume-burst, spread-widening, sentiment-swing")],
)  # fmt: skip
def test_parameters_have_bounds_in_words(kind: str, threshold: str, window_s: int, field: str, says: str) -> None:
    with pytest.raises(InvalidValue, match=says) as refused:
        RuleTerms(title="t", kind=kind, pair=BTC, threshold_pct=Decimal(threshold), window_s=window_s)
    assert refused.value.field == field


def test_a_threshold_may_be_left_out_where_the_kind_has_a_default_or_none() -> None:
    assert KINDS["feed-silent"].threshold_of(None) == 0
    assert KINDS["forecast-broken"].threshold_of(None) == 0
    with pytest.raises(InvalidValue, match="threshold_pct is missing: a rule of kind price-move needs one"):
        KINDS["price-move"].threshold_of(None)
