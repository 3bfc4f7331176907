import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from application.alerting.commands import DEFAULT_RULE_ID
from application.alerting.panel import Panel
from application.ports.event_log import BEGINNING, Recorded
from application.ports.page import Window
from application.topics import ALERT_EVENTS, ALERTS, TRADES
from domain.alerting.alert import AlertRaised, AlertStatus
from domain.alerting.rule import RuleTerms
from domain.errors import InvalidValue, NotAllowed, NotFound
from domain.event import Event
from domain.market.trade import TradeExecuted
from domain.values import Origin
from tests.builders import BTC, ETH, at, trade
from tests.unit.application.conftest import World


def price(
    trade_id: int, seconds: float, value: str, *, late_s: float = 0, origin: Origin = Origin.LIVE
) -> TradeExecuted:
    return trade(
        trade_id, occurred_at=at(seconds), recorded_at=at(seconds + late_s), price=Decimal(value), origin=origin
    )


STEP = [price(1, 0, "100"), price(2, 10, "100.5"), price(3, 20, "102"), price(4, 30, "102.1")]


def watch(world: World, until: Callable[[], bool]) -> None:
    """Run the alert watch until it has seen the whole log and `until` holds."""
    stop = threading.Event()
    reader = world.alert_watch()
    thread = threading.Thread(target=reader.run, args=(stop,))
    thread.start()
    deadline = threading.Event()
    for _ in range(500):
        if until():
            break
        deadline.wait(0.02)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert until()


def watch_all(world: World) -> None:
    """Run the alert watch over all that the log holds."""
    last = [record for record in read(world, TRADES) if isinstance(record.event, TradeExecuted)][-1]

    def caught_up() -> bool:
        with world.store.begin() as tx:
            checkpoint = tx.checkpoint("alerting")
        return checkpoint is not None and int(checkpoint.cursor) >= last.position.number

    stop = threading.Event()
    thread = threading.Thread(target=world.alert_watch().run, args=(stop,))
    thread.start()
    pause = threading.Event()
    for _ in range(500):
        if caught_up():
            break
        world.clock.advance(timedelta(seconds=2))  # its place is saved once a second
        world.event_log.append([trade(10_000, pair=ETH, occurred_at=at(0))])
        pause.wait(0.02)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert caught_up()


def read(world: World, *topics: str) -> list[Recorded]:
    with world.event_log.reader(topics, after=BEGINNING) as reader:
        return [record for record in reader.read(limit=10_000, timeout_s=0) if isinstance(record, Recorded)]


def feed(world: World, *trades: Event) -> None:
    world.event_log.append(trades)
    world.projection.catch_up()


def raised(world: World) -> list[str]:
    return [str(alert.raised.pct_change.normalize()) for alert in world.alerts.alerts(Window()).items]


def test_the_default_rule_raises_once_a_move(world: World) -> None:
    world.set_up()
    feed(world, *STEP)
    watch(world, lambda: len(raised(world)) == 1)
    [alert] = world.alerts.alerts(Window()).items
    assert (alert.raised.rule_id, alert.raised.price, alert.raised.reference_price) == (DEFAULT_RULE_ID, 102, 100)


def test_an_alert_is_recorded_when_it_was_raised(world: World) -> None:
    world.set_up()
    feed(world, *STEP)
    world.clock.advance(timedelta(minutes=5))
    watch(world, lambda: len(raised(world)) == 1)
    [alert] = world.alerts.alerts(Window()).items
    assert alert.raised.occurred_at == STEP[2].occurred_at
    assert alert.raised.recorded_at == world.clock.now(), "nobody knew of it before"


def test_a_restart_neither_forgets_nor_repeats(world: World) -> None:
    world.set_up()
    feed(world, *STEP)
    watch_all(world)
    assert raised(world) == ["2"]
    feed(world, price(5, 300, "102.2"))  # the same move, after a restart
    watch_all(world)
    assert raised(world) == ["2"]
    feed(world, price(6, 350, "100.9"))  # a fall from 102.2, seen before the restart
    watch_all(world)
    assert len(raised(world)) == 2


def test_watching_the_same_trades_again_repeats_nothing(world: World) -> None:
    world.set_up()
    feed(world, *STEP)
    watch_all(world)
    from application.ports.checkpoints import Checkpoint

    with world.store.begin() as tx:
        tx.save_checkpoint("alerting", Checkpoint(BEGINNING, '{"latest": {}}'))
    watch_all(world)
    assert raised(world) == ["2"]


@pytest.mark.parametrize("moved", [{"origin": Origin.BACKFILL}, {"late_s": 61.0}])
def test_backfilled_trades_raise_nothing(world: World, moved: dict[str, object]) -> None:
    world.set_up()
    feed(world, price(1, 0, "100"), price(2, 20, "105", **moved))  # type: ignore[arg-type]
    watch_all(world)
    assert raised(world) == []


def test_in_a_recording_late_trades_count(world: World) -> None:
    world.set_up()
    feed(world, *(price(n, n, value, late_s=9e6, origin=Origin.RECORDING) for n, value in ((1, "100"), (2, "105"))))
    watch_all(world)
    assert raised(world) == ["5"]


def test_a_disabled_rule_raises_nothing_and_its_own_pair_binds_a_rule(world: World) -> None:
    world.set_up()
    world.commands.disable_rule(DEFAULT_RULE_ID)
    terms = RuleTerms(title="ETH only", kind="price-move", pair=ETH, threshold_pct=Decimal(1), window_s=60)
    world.commands.create_rule(terms)
    feed(world, *STEP)
    watch_all(world)
    assert raised(world) == []


def test_commands_are_relayed_to_the_log_in_order_and_once(world: World) -> None:
    world.set_up()
    feed(world, *STEP)
    watch(world, lambda: len(raised(world)) == 1)
    [alert] = world.alerts.alerts(Window()).items
    world.commands.acknowledge(alert.raised.alert_id)
    assert world.relay.relay_pending() == 5
    assert world.relay.relay_pending() == 0
    assert [record.event for record in read(world, ALERTS)] == [alert.raised]
    names = [record.event.name for record in read(world, ALERT_EVENTS)]
    assert names == ["alert-rule-created", "pair-watched", "pair-watched", "alert-acknowledged"]


def test_what_people_do_with_an_alert(world: World) -> None:
    world.set_up()
    feed(world, *STEP)
    watch(world, lambda: len(raised(world)) == 1)
    alert_id = world.alerts.alerts(Window()).items[0].raised.alert_id
    assert world.commands.acknowledge(alert_id).status is AlertStatus.ACKNOWLEDGED
    assert world.commands.silence(alert_id, 5).status is AlertStatus.SILENCED
    assert world.commands.resolve(alert_id).status is AlertStatus.RESOLVED
    assert world.alerts.alerts(Window(), status=AlertStatus.RESOLVED).items[0].version == 4
    with pytest.raises(NotAllowed):
        world.commands.acknowledge(alert_id)
    with pytest.raises(NotFound, match="no alert 'nope'"):
        world.commands.acknowledge("nope")


def test_a_preview_says_what_a_rule_would_have_raised(world: World) -> None:
    feed(world, *STEP)
    terms = RuleTerms(title="t", kind="price-move", pair=None, threshold_pct=Decimal("1.5"), window_s=300)
    found = world.preview.of(terms, at(-60), at(60))
    [alert] = found.raised
    assert (found.count, found.known_from) == (1, at(0))
    assert (alert.pair, alert.pct_change, alert.occurred_at) == (BTC, Decimal(2), at(20))
    assert world.preview.of(terms, at(25), at(60)).count == 0
    assert world.preview.of(terms, at(-86_400), at(-43_200)).known_from is None
    assert world.commands.rules() == []
    with pytest.raises(InvalidValue, match="at most 31 days"):
        world.preview.of(terms, at(-86_400 * 40), at(60))


def test_the_watchlist_is_kept(world: World) -> None:
    world.set_up()
    world.set_up()  # a second start adds nothing
    assert [one.pair for one in world.commands.watchlist().pairs] == [BTC, ETH]
    world.commands.unwatch(BTC)
    assert [one.pair for one in world.commands.watchlist().pairs] == [ETH]
    world.clock.advance(timedelta(seconds=5))
    world.commands.watch(BTC)
    assert [one.pair for one in world.commands.watchlist(as_of=at(1)).pairs] == [ETH]
    assert [one.pair for one in world.commands.watchlist().pairs] == [ETH, BTC]


def test_a_rule_that_is_switched_off_raises_nothing_even_before_the_log_tells_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch has loaded the rule, and sees the move; the rule is switched off just before the alert is saved."""
    world.set_up()
    feed(world, *STEP)
    observe = Panel.observe

    def switched_off_meanwhile(panel: Panel, *args: Any, **kwargs: Any) -> list[AlertRaised]:
        world.commands.disable_rule(DEFAULT_RULE_ID)
        found.extend(alerts := observe(panel, *args, **kwargs))
        return alerts

    found: list[AlertRaised] = []
    monkeypatch.setattr(Panel, "observe", switched_off_meanwhile)
    watch_all(world)
    assert len(found) == 1, "it was on when the watch began"
    assert raised(world) == []
