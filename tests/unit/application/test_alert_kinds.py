"""Rules of every kind, over log and store: raised once, whatever restarts; and previewed alike."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from application.alerting.preview import MOST_SHOWN
from application.alerting.watch import AlertWatch
from application.ports.event_log import Place
from application.ports.page import Window
from application.topics import topic_of_kind
from domain.alerting.alert import AlertRaised
from domain.alerting.kinds import KINDS
from domain.alerting.rule import RuleTerms
from domain.event import Event
from domain.values import Origin
from tests.builders import BTC, ETH, article, at, forecast, forecast_score, sentiment, ticker, trade
from tests.unit.application.conftest import World
from tests.waiting import until


def traded(seconds: float, volume: str = "1", price: str = "100", **fields: Any) -> Event:
    number = int(seconds * 10) + 1
    return trade(number, occurred_at=at(seconds), volume=Decimal(volume), price=Decimal(price), **fields)


def quoted(seconds: float, ask: str = "100.1", **fields: Any) -> Event:
    return ticker(occurred_at=at(seconds), bid=Decimal(100), ask=Decimal(ask), last=Decimal(100), **fields)


def news(number: int, seconds: float, score: str) -> list[Event]:
    published = article(str(number), occurred_at=at(seconds - 600), recorded_at=at(seconds), tags=("BTC", "ETF"))
    fields: dict[str, Any] = {"occurred_at": at(seconds - 600), "recorded_at": at(seconds)}
    return [published, sentiment(published, score=Decimal(score), label="neutral", **fields)]


def forecast_and_score(seconds: float, actual: str) -> list[Event]:
    fields: dict[str, Any] = {"price": Decimal(100), "lower": Decimal(99), "upper": Decimal(101), "horizon_s": 60}
    issued = forecast(occurred_at=at(seconds), target_at=at(seconds + 60), **fields)
    inside = 99 <= Decimal(actual) <= 101
    return [issued, forecast_score(issued, occurred_at=at(seconds + 60), actual=Decimal(actual), inside=inside)]


STEADY: list[Event] = [traded(10 * n) for n in range(78)]
HISTORIES: dict[str, tuple[list[Event], str, int]] = {
    "price-move": ([*STEADY, traded(785, price="103")], "2", 60),
    "volume-burst": ([*STEADY, traded(785, "50")], "300", 60),
    "spread-widening": ([*(quoted(10 * n) for n in range(78)), quoted(785, "104")], "100", 60),
    "sentiment-swing": (
        [*(event for n in range(8) for event in [traded(3600 * n), *news(n, 3600 * n + 1, "0.1")]),
         *(event for n in range(4) for event in [traded(30_000 + n), *news(100 + n, 30_000 + n, "-0.6")])], "40", 3600,
    ),
    "feed-silent": ([traded(0), quoted(20), traded(100), traded(120, pair=ETH)], "0", 60),
    "forecast-broken": ([*forecast_and_score(0, "100.5"), *forecast_and_score(60, "98")], "0.5", 60),
}  # fmt: skip


def create(world: World, kind: str, *, pair: Any = BTC) -> RuleTerms:
    _, threshold, window_s = HISTORIES[kind]
    terms = RuleTerms(title=kind, kind=kind, pair=pair, threshold_pct=Decimal(threshold), window_s=window_s)
    world.commands.create_rule(terms)
    return terms


@contextmanager
def running(watch: AlertWatch) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def saw_all(world: World) -> Callable[[], bool]:
    def saved() -> bool:
        with world.store.begin() as tx:
            checkpoint = tx.checkpoint("alerting")
        return checkpoint is not None and Place.at(checkpoint.cursor).reaches(Place.at(world.event_log.head()))

    return saved


def watch_all(world: World) -> None:
    with running(world.alert_watch()):
        assert until(saw_all(world))


def feed(world: World, events: Sequence[Event]) -> None:
    world.event_log.append(events)
    world.projection.catch_up()


def raised(world: World) -> list[AlertRaised]:
    return [alert.raised for alert in world.alerts.alerts(Window(limit=1000)).items]


@pytest.mark.parametrize("kind", HISTORIES)
def test_it_is_raised_once_and_previewed_alike(world: World, kind: str) -> None:
    events, _, window_s = HISTORIES[kind]
    world.clock.advance(events[0].recorded_at - world.clock.now())
    terms = create(world, kind)
    world.relay.relay_pending()
    feed(world, events)
    watch_all(world)
    [alert] = raised(world)
    assert (alert.kind, alert.pair, alert.window_s) == (kind, BTC, window_s)
    found = world.preview.of(terms, at(-60), at(86_400))
    assert found.count == 1
    assert found.known_from is not None
    assert found.known_from <= at(5), "the first that it watches, whatever is read first"
    [previewed] = found.raised
    same = ("pct_change", "price", "observed", "usual", "occurred_at", "recorded_at", "pair", "kind")
    assert {name: getattr(previewed, name) for name in same} == {name: getattr(alert, name) for name in same}


@pytest.mark.parametrize("kind", HISTORIES)
@pytest.mark.parametrize("part", [0.5, 0.9, 1.0])
def test_a_kill_anywhere_neither_forgets_nor_repeats(world: World, kind: str, part: float) -> None:
    events, *_ = HISTORIES[kind]
    world.clock.advance(events[0].recorded_at - world.clock.now())
    create(world, kind)
    world.relay.relay_pending()
    cut = int(len(events) * part)
    feed(world, events[:cut])
    watch_all(world)
    with world.store.begin() as tx:
        killed_at = tx.checkpoint("alerting")
    feed(world, events[cut:])
    watch_all(world)
    first = raised(world)
    assert len(first) == 1
    assert killed_at
    with world.store.begin() as tx:  # as if it had been killed before it saved
        tx.save_checkpoint("alerting", killed_at)
    watch_all(world)
    assert raised(world) == first


@pytest.fixture
def asked(world: World) -> list[set[str]]:
    """The topics of each reader that was asked for."""
    asked: list[set[str]] = []
    reader = world.event_log.reader

    def spied(topics: Any, *, after: Any) -> Any:
        asked.append(set(topics))
        return reader(topics, after=after)

    world.event_log.reader = spied  # type: ignore[method-assign]
    return asked


def test_topics_that_no_rule_hears_are_not_read(world: World, asked: list[set[str]]) -> None:
    world.set_up()
    feed(world, [traded(0)])
    with running(world.alert_watch()):
        assert until(saw_all(world))
        assert asked[-1] == {"rawtrade", "alertevent"}
        create(world, "spread-widening")
        world.relay.relay_pending()
        assert until(lambda: "rawticker" in asked[-1])
        create(world, "sentiment-swing")
        world.relay.relay_pending()
        assert until(lambda: asked[-1] == {"rawtrade", "alertevent", "rawticker", "rawarticle", "analyticsevent"})


def test_a_rule_that_is_made_while_others_watch_watches_from_then_on(world: World) -> None:
    world.set_up()
    feed(world, [traded(0), *(quoted(10 * n) for n in range(78))])
    with running(world.alert_watch()):
        assert until(saw_all(world))
        create(world, "forecast-broken")
        world.relay.relay_pending()
        feed(world, [*forecast_and_score(0, "100.5"), *forecast_and_score(60, "98")])
        assert until(lambda: len(raised(world)) == 1)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.learns])
def test_a_new_rule_learns_from_what_is_stored_and_raises_nothing_of_it(
    world: World, asked: list[set[str]], kind: str
) -> None:
    events, *_ = HISTORIES[kind]
    world.set_up()
    feed(world, [*events[:-2], traded(0, pair=ETH)])
    with running(world.alert_watch()):
        assert until(saw_all(world))
        world.clock.advance(events[-3].recorded_at + timedelta(seconds=0.1) - world.clock.now())
        create(world, kind)
        world.relay.relay_pending()
        topics = {topic_of_kind(event) for event in KINDS[kind].hears}
        assert until(lambda: topics <= asked[-1])  # it watches from then on
        feed(world, [traded(30_010), *events[-2:]] if kind == "sentiment-swing" else events[-2:])
        assert until(lambda: len(raised(world)) == 1)


def test_a_score_that_is_read_before_its_article_waits_for_it(world: World) -> None:
    create(world, "sentiment-swing")
    world.relay.relay_pending()
    events, *_ = HISTORIES["sentiment-swing"]
    swapped = [event for event in events if event.name != "article-published"]
    world.event_log.append(swapped)
    world.event_log.append([event for event in events if event.name == "article-published"])
    watch_all(world)  # nothing is in the store
    assert len(raised(world)) == 1


def test_articles_that_are_scored_again_much_later_raise_nothing(world: World) -> None:
    create(world, "sentiment-swing")
    world.relay.relay_pending()
    events, *_ = HISTORIES["sentiment-swing"]
    feed(world, [*(event for event in events if event.name != "sentiment-scored"), traded(40_000)])
    feed(world, [event for event in events if event.name == "sentiment-scored"])
    watch_all(world)
    assert raised(world) == []


def test_a_feed_is_silent_by_the_clock_when_nothing_comes_at_all(world: World) -> None:
    create(world, "feed-silent", pair=None)
    world.relay.relay_pending()
    feed(world, [traded(0), traded(0, pair=ETH)])
    with running(world.alert_watch()):
        assert until(saw_all(world))
        assert raised(world) == []
        world.clock.advance(timedelta(seconds=66))
        assert until(lambda: len(raised(world)) == 2)
    assert {alert.occurred_at for alert in raised(world)} == {at(60)}
    world.clock.advance(timedelta(days=1))
    with running(world.alert_watch()):  # we did not listen for a day: that says nothing of the feed
        world.clock.advance(timedelta(seconds=30))
        assert len(raised(world)) == 2


def test_after_a_pause_of_ours_a_feed_that_stays_silent_is_told(world: World) -> None:
    create(world, "feed-silent")
    world.relay.relay_pending()
    feed(world, [traded(0)])
    watch_all(world)
    world.clock.advance(timedelta(days=1))
    with running(world.alert_watch()):
        assert not until(lambda: bool(raised(world)), seconds=0.6)
        world.clock.advance(timedelta(seconds=70))
        assert until(lambda: len(raised(world)) == 1)
    assert raised(world)[0].occurred_at == at(86_400 + 60)


def test_a_recording_knows_no_clock(world: World) -> None:
    terms = create(world, "feed-silent", pair=None)
    world.relay.relay_pending()
    world.clock.advance(timedelta(days=90))
    feed(world, [traded(0, origin=Origin.RECORDING), traded(50, pair=ETH, origin=Origin.RECORDING)])
    watch = AlertWatch(
        world.event_log, world.store, world.market, world.news, world.forecasts, world.clock, world.telemetry,
        origin=Origin.RECORDING, raised=world.relay.wake,
    )  # fmt: skip
    with running(watch):
        assert until(saw_all(world))
        assert not until(lambda: bool(raised(world)), seconds=0.6)
        world.event_log.append([traded(70, pair=ETH, origin=Origin.RECORDING)])
        assert until(lambda: len(raised(world)) == 1)
    assert (raised(world)[0].pair, raised(world)[0].occurred_at) == (BTC, at(60))
    assert terms.window_s == 60


def test_a_preview_keeps_no_more_than_it_shows(world: World) -> None:
    feed(world, [traded(700 * n) for n in range(MOST_SHOWN + 50)])
    terms = RuleTerms(title="t", kind="feed-silent", pair=None, threshold_pct=Decimal(0), window_s=5)
    found = world.preview.of(terms, at(-60), at(800_000))
    assert (found.count, len(found.raised)) == (MOST_SHOWN + 49, MOST_SHOWN)
    assert list(found.raised) == sorted(found.raised, key=lambda alert: alert.occurred_at)


@pytest.mark.parametrize("kind", HISTORIES)
def test_a_preview_of_nothing_stored_or_of_the_beginning_of_time_is_empty(world: World, kind: str) -> None:
    _, threshold, window_s = HISTORIES[kind]
    terms = RuleTerms(title="t", kind=kind, pair=None, threshold_pct=Decimal(threshold), window_s=window_s)
    earliest = at().replace(year=1, month=1, day=1, hour=0, minute=0)
    assert world.preview.of(terms, earliest, earliest + timedelta(days=1)).count == 0
    assert world.preview.of(terms, at(), at(86_400)).count == 0
