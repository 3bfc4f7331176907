"""Notifying on a memory log, SQLite stores and a notifier that does as it is told."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.memory.event_log import MemoryEventLog
from adapters.sql.deliveries import SqlDeliveryReads
from application.alerting.channels import Channels
from application.alerting.commands import AlertCommands
from application.alerting.deliveries import DeliveryCommands
from application.alerting.notify import Notifying
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import BEGINNING, Recorded
from application.ports.notifier import Message, NotDelivered
from application.ports.page import Window
from application.topics import DEAD_LETTERS
from domain.alerting.alert import AlertRaised, evolve_alert
from domain.alerting.channel import ChannelTerms, Mailbox, Security, Webhook
from domain.alerting.delivery import GIVE_UP_AFTER, TOO_OLD, Delivery, DeliveryState, new_delivery
from domain.alerting.rule import RuleTerms
from domain.dead_letter import DeadLettered
from domain.errors import InvalidValue, NotAllowed, NotFound
from domain.values import Origin
from tests.builders import BTC, alert_raised
from tests.poison import PoisonedStore
from tests.unit.application.conftest import World
from tests.waiting import until

HOOK = ChannelTerms(title="Hook", webhook=Webhook(url="https://example.org/hook"))
MAIL = Mailbox(
    to=("ann@example.org",), host="smtp.example.org", port=587, security=Security.STARTTLS, user="ann",
    sender="bot@example.org",
)  # fmt: skip


@dataclass
class FakeNotifier:
    """Takes messages by the title of the channel; `refusals` says how often each refuses before, -1 for ever."""

    taken: list[tuple[str, Message]] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    hanging: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    secrets: list[str | None] = field(default_factory=list)
    began: Counter[str] = field(default_factory=Counter)

    def check(self, terms: ChannelTerms, secret: str | None, stop: threading.Event) -> None:
        if secret == "unusable":
            raise InvalidValue("url", "url is not usable")

    def send(self, terms: ChannelTerms, secret: str | None, message: Message, stop: threading.Event) -> None:
        self.began[terms.title] += 1
        self.secrets.append(secret)
        if terms.title in self.hanging:
            stop.wait(60)
            raise NotDelivered("broken off")
        if terms.title in self.broken:
            raise KeyError("no such key")
        if self.refusals[terms.title]:
            self.refusals[terms.title] -= 1
            raise NotDelivered("it has trouble of its own (500)")
        self.taken.append((terms.title, message))

    def got(self, title: str) -> list[str]:
        return [message.message_id for name, message in self.taken if name == title]


class Desk:
    """A session's world, with channels in a house of its own."""

    def __init__(self, session: World, house: World) -> None:
        self.world = session
        self.house = house
        self.notifier = FakeNotifier()
        self.channels = Channels(house.store, house.alerts, session.clock, self.notifier)
        self.reads = SqlDeliveryReads(session.engine)
        self.commands = AlertCommands(
            session.store, session.alerts, session.clock,
            origin=Origin.LIVE, changed=session.relay.wake,
            check_channels=self.channels.must_be_there,
        )  # fmt: skip

    def rule(self, *channel_ids: str) -> str:
        terms = RuleTerms(
            title="1 %", kind="price-move", pair=None, threshold_pct=Decimal(1), window_s=300, notify=channel_ids
        )
        return self.commands.create_rule(terms).rule_id

    def raises(self, rule_id: str, alert_id: str, **fields: object) -> AlertRaised:
        now = self.world.clock.now()
        alert = alert_raised(alert_id, rule_id=rule_id, **{"occurred_at": now, "recorded_at": now} | fields)
        with self.world.store.begin() as tx:
            tx.append(f"alert:{alert_id}", [alert], expected_version=0)
            tx.put_alerts([evolve_alert(None, alert)])
        self.world.relay.relay_pending()
        return alert

    @contextmanager
    def notifying(self) -> Iterator[None]:
        """The worker runs within the block; it must end by itself."""
        stop = threading.Event()
        failed: list[BaseException] = []
        worker = Notifying(
            self.world.event_log, self.world.store, self.reads, self.channels, self.world.clock, self.world.telemetry,
            self.world.failed,
        )  # fmt: skip

        def work() -> None:
            try:
                worker.run(stop)
            except BaseException as error:  # noqa: BLE001 - shown by the test
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(30)
        assert not thread.is_alive()
        assert failed == []

    def all(self, state: DeliveryState | None = None) -> list[Delivery]:
        return [known.delivery for known in self.reads.deliveries(Window(limit=1000), state=state).items]

    def remembers_its_place(self) -> bool:
        with self.world.store.begin() as tx:
            return tx.checkpoint("notifying") is not None

    def settled(self, count: int) -> Callable[[], bool]:
        return lambda: len([one for one in self.all() if one.state is not DeliveryState.PENDING]) == count


@pytest.fixture
def desk(new_world: Callable[[MemoryEventLog | None], World]) -> Desk:
    made = Desk(new_world(None), new_world(None))
    with made.notifying():
        pass  # a first start, which remembers its place
    return made


def test_each_channel_of_the_rule_gets_the_alert_once(desk: Desk) -> None:
    first, second = (
        desk.channels.create(ChannelTerms(title=title, webhook=HOOK.webhook), None).channel.channel_id for title in "AB"
    )
    desk.channels.create(ChannelTerms(title="C", webhook=HOOK.webhook), None)
    rule = desk.rule(first, second)
    desk.raises(rule, "a1")
    with desk.notifying():
        assert until(desk.settled(2))
    assert (desk.notifier.got("A"), desk.notifier.got("B"), desk.notifier.got("C")) == (["a1"], ["a1"], [])
    message = desk.notifier.taken[0][1]
    assert message.subject == "BTC/USD moved +1.50 % within 5 min"
    assert message.fields["rule"] == "1 %"
    (known, _) = desk.reads.deliveries(Window()).items
    assert (known.pair, known.kind, known.delivery.state) == (BTC, "price-move", DeliveryState.SENT)
    assert known.delivery.sent_at == desk.world.clock.now()


def test_an_alert_that_cannot_be_taken_is_a_dead_letter_and_the_others_are_sent(desk: Desk) -> None:
    rule = desk.rule(desk.channels.create(HOOK, None).channel.channel_id)
    for alert_id in ("a1", "bad", "a2"):
        desk.raises(rule, alert_id)
    desk.world.store = PoisonedStore(desk.world.store, lambda delivery: delivery.alert_id == "bad")  # type: ignore
    with desk.notifying():
        assert until(desk.settled(2))
    assert desk.notifier.got("Hook") == ["a1", "a2"]
    with desk.world.event_log.reader([DEAD_LETTERS], after=BEGINNING) as reader:
        [record] = reader.read(limit=10, timeout_s=0)
    assert isinstance(record, Recorded)
    assert isinstance(record.event, DeadLettered)
    assert (record.event.reader, record.event.kind) == ("notifying", "apply")


def test_a_restart_neither_repeats_nor_forgets(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    rule = desk.rule(channel)
    desk.raises(rule, "a1")
    with desk.notifying():
        assert until(desk.settled(1))
    desk.raises(rule, "a2")  # while nobody notifies
    with desk.world.store.begin() as tx:  # and the relay sends all once more, as it may
        tx.save_checkpoint("relay", Checkpoint(BEGINNING))
    desk.world.relay.relay_pending()
    for _ in range(2):
        with desk.notifying():
            assert until(desk.settled(2))
    assert desk.notifier.got("Hook") == ["a1", "a2"]


@pytest.mark.slow
def test_what_a_killed_process_began_is_tried_again(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    desk.raises(desk.rule(channel), "a1")
    desk.notifier.hanging.add("Hook")
    now = desk.world.clock.now()
    with desk.notifying():
        assert until(lambda: desk.notifier.began["Hook"])
        with desk.world.store.begin() as tx:  # nobody else gets it meanwhile
            assert tx.claim_delivery(channel, now=now, until=now) is None
            killed = tx.delivery("a1", channel)
            assert killed
    with desk.world.store.begin() as tx:
        tx.put_delivery(killed)  # as if the process had not lived to note how it ended
    desk.notifier.hanging.clear()
    desk.world.clock.advance(timedelta(minutes=2))
    with desk.notifying():
        assert until(desk.settled(1))
    assert desk.notifier.got("Hook") == ["a1"]


@pytest.mark.slow
def test_a_stop_breaks_off_a_hanging_attempt_and_it_is_nobodys_failure(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    desk.raises(desk.rule(channel), "a1")
    desk.notifier.hanging.add("Hook")
    with desk.notifying():
        assert until(lambda: desk.notifier.began["Hook"])
    (delivery,) = desk.all()
    assert (delivery.state, delivery.last_error, delivery.next_try_at) == (
        DeliveryState.PENDING, None, desk.world.clock.now(),
    )  # fmt: skip


def test_a_refusal_is_shown_and_tried_again_after_a_while(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    desk.notifier.refusals["Hook"] = 2
    desk.raises(desk.rule(channel), "a1")

    def refused(attempt: int, wait_s: int) -> Callable[[], bool]:
        due = desk.world.clock.now() + timedelta(seconds=wait_s)
        expected = [(attempt, due, "it has trouble of its own (500)")]
        return lambda: [(one.attempts, one.next_try_at, one.last_error) for one in desk.all()] == expected

    with desk.notifying():
        for attempt, wait_s in ((1, 1), (2, 5)):
            assert until(refused(attempt, wait_s))
            desk.world.clock.advance(timedelta(seconds=wait_s))
        assert until(desk.settled(1))
    (delivery,) = desk.all()
    assert (delivery.state, delivery.attempts, delivery.last_error) == (DeliveryState.SENT, 3, None)
    assert desk.notifier.got("Hook") == ["a1"]


def test_a_channel_that_never_answers_fails_after_a_day_and_can_be_tried_again(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    desk.notifier.refusals["Hook"] = -1
    alert = desk.raises(desk.rule(channel), "a1")
    nearly_a_day_ago = alert.recorded_at - GIVE_UP_AFTER + timedelta(minutes=20)
    made = new_delivery("a1", channel, occurred_at=nearly_a_day_ago, now=nearly_a_day_ago)
    with desk.world.store.begin() as tx:
        tx.add_deliveries([replace(made, attempts=10, next_try_at=desk.world.clock.now())])
    with desk.notifying():
        assert until(desk.settled(1))
        (failed,) = desk.all(DeliveryState.FAILED)
        assert failed.last_error == "it has trouble of its own (500)"
        desk.notifier.refusals["Hook"] = 0
        commands = DeliveryCommands(desk.world.store, desk.world.clock)
        assert commands.retry("a1", channel).pair == BTC
        assert until(lambda: desk.all(DeliveryState.SENT))
    with pytest.raises(NotAllowed, match="twice"):
        commands.retry("a1", channel)
    with pytest.raises(NotFound):
        commands.retry("a2", channel)


@pytest.mark.slow
def test_a_channel_that_hangs_keeps_no_other_waiting(desk: Desk) -> None:
    ids = [
        desk.channels.create(ChannelTerms(title=title, webhook=HOOK.webhook), None).channel.channel_id for title in "AB"
    ]
    desk.notifier.hanging.add("A")
    rule = desk.rule(*ids)
    for number in range(3):
        desk.raises(rule, f"a{number}")
    with desk.notifying():
        assert until(desk.settled(3))
        assert desk.notifier.got("B") == ["a0", "a1", "a2"]
        assert desk.notifier.began["A"] == 1


def test_many_hanging_channels_and_one_that_breaks_delay_no_other(desk: Desk) -> None:
    titles = [f"H{number}" for number in range(18)]
    ids = [
        desk.channels.create(ChannelTerms(title=title, webhook=HOOK.webhook), None).channel.channel_id
        for title in [*titles, "Broken", "Sound"]
    ]
    desk.notifier.hanging.update(titles)
    desk.notifier.broken.add("Broken")
    rule = desk.rule(*ids)
    for number in range(3):
        desk.raises(rule, f"a{number}")
    with desk.notifying():
        assert until(lambda: desk.notifier.got("Sound") == ["a0", "a1", "a2"])
        assert until(lambda: all(desk.notifier.began[title] == 1 for title in titles))
        assert until(lambda: any("no such key" in (one.last_error or "") for one in desk.all()))
        desk.raises(rule, "a3")
        assert until(lambda: desk.notifier.got("Sound")[-1] == "a3")


def test_old_alerts_are_skipped(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    rule = desk.rule(channel)
    desk.raises(rule, "a1")
    desk.world.clock.advance(TOO_OLD + timedelta(seconds=1))
    desk.raises(rule, "a2")
    with desk.notifying():
        assert until(desk.settled(2))
    (skipped,) = desk.all(DeliveryState.SKIPPED)
    assert skipped.alert_id == "a1"
    assert "more than an hour old" in (skipped.last_error or "")
    assert desk.notifier.got("Hook") == ["a2"]


def test_alerts_before_the_first_start_are_nobodys(new_world: Callable[[MemoryEventLog | None], World]) -> None:
    desk = Desk(new_world(None), new_world(None))
    rule = desk.rule(desk.channels.create(HOOK, None).channel.channel_id)
    desk.raises(rule, "before")

    with desk.notifying():
        assert until(desk.remembers_its_place)
        desk.raises(rule, "after")
        assert until(desk.settled(1))
    assert desk.notifier.got("Hook") == ["after"]


def test_what_was_due_while_nothing_ran_is_not_sent_hours_later(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    desk.notifier.refusals["Hook"] = 1
    desk.raises(desk.rule(channel), "a1")
    with desk.notifying():
        assert until(lambda: desk.all() and desk.all()[0].last_error)
    desk.world.clock.advance(timedelta(hours=2))
    with desk.notifying():
        assert until(desk.settled(1))
        (skipped,) = desk.all(DeliveryState.SKIPPED)
        assert skipped.last_error == "nobody could send it for more than an hour"
        DeliveryCommands(desk.world.store, desk.world.clock).retry("a1", channel)  # unless somebody wants it
        assert until(lambda: desk.all(DeliveryState.SENT))


def test_a_silenced_alert_is_not_sent_any_more(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    desk.raises(desk.rule(channel), "a1")
    desk.commands.silence("a1", 5)
    with desk.notifying():
        assert until(desk.settled(1))
    (skipped,) = desk.all(DeliveryState.SKIPPED)
    assert "silenced" in (skipped.last_error or "")
    assert desk.notifier.taken == []


def test_a_deleted_channel_fails_in_words_and_cannot_be_named_by_a_rule(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    rule = desk.rule(channel)
    desk.channels.delete(channel)
    desk.raises(rule, "a1")
    with desk.notifying():
        assert until(desk.settled(1))
    (failed,) = desk.all(DeliveryState.FAILED)
    assert failed.last_error == "the channel was deleted"
    with desk.house.store.begin() as tx:
        assert tx.channel_secret(channel) is None
    for wrong in (channel, "unknown"):
        with pytest.raises(InvalidValue, match="there is no notification channel") as refused:
            desk.rule(wrong)
        assert refused.value.field == "notify"
    assert [one.channel_id for one in desk.channels.all()] == []
    assert [one.channel_id for one in desk.channels.ever()] == [channel]


def test_simulated_data_says_so_in_every_message(desk: Desk) -> None:
    channel = desk.channels.create(HOOK, None).channel.channel_id
    desk.raises(desk.rule(channel), "a1", origin=Origin.SIMULATED)
    with desk.notifying():
        assert until(desk.settled(1))
    desk.channels.test(channel, Origin.SIMULATED)
    (_, alert), (_, test) = desk.notifier.taken
    assert alert.subject.startswith("SIMULATED: ")
    assert alert.text.startswith("SIMULATED data: this is not the market.")
    assert alert.fields["origin"] == "simulated"
    assert test.subject.startswith("SIMULATED: ")
    assert test.message_id.startswith("test-")


def test_secrets_are_in_no_event_and_follow_their_channel(desk: Desk) -> None:
    made = desk.channels.create(HOOK, None)
    assert made.signing_key
    assert made.signing_key.startswith("whsec_")
    channel = made.channel.channel_id
    assert desk.channels.create(replace(HOOK, title="Given"), "whsec_given").signing_key is None
    desk.channels.change(channel, ChannelTerms(title="New", webhook=HOOK.webhook), None)
    desk.channels.test(channel, Origin.LIVE)
    assert desk.notifier.secrets == [made.signing_key]
    desk.channels.change(channel, HOOK, "whsec_other")
    desk.channels.test(channel, Origin.LIVE)
    assert desk.notifier.secrets[-1] == "whsec_other"
    with desk.house.engine.connect() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM event_store").all())
    assert "channel-created" in stored
    assert "whsec_" not in stored
    with pytest.raises(InvalidValue):
        desk.channels.change(channel, HOOK, "unusable")
    with pytest.raises(NotAllowed):
        desk.channels.change(channel, ChannelTerms(title="x", service="slack"), "slack://a/b/c")


def test_a_password_goes_to_the_server_that_it_was_given_for(desk: Desk) -> None:
    channel = desk.channels.create(ChannelTerms(title="Mail", mailbox=MAIL), "s3cret").channel.channel_id

    def mail(**changes: object) -> ChannelTerms:
        fields = {name: getattr(MAIL, name) for name in ("to", "host", "port", "security", "user", "sender")}
        return ChannelTerms(title="Mail", mailbox=Mailbox(**fields | changes))

    desk.channels.change(channel, mail(to=("bob@example.org",)), None)
    for change in ({"host": "evil.example.org"}, {"port": 2525}, {"user": "bob"}, {"security": Security.TLS}):
        with pytest.raises(InvalidValue) as refused:
            desk.channels.change(channel, mail(**change), None)
        assert refused.value.field == "password"
    desk.channels.change(channel, mail(host="other.example.org"), "again")
    desk.channels.change(channel, mail(host="open.example.org", user=None), None)
    desk.channels.test(channel, Origin.LIVE)
    assert desk.notifier.secrets == [None]


def test_the_relay_keeps_the_houses_events_out_of_the_log(desk: Desk) -> None:
    desk.channels.create(HOOK, None)
    assert desk.house.relay.relay_pending() > 0  # in the cluster both share a database
    assert desk.house.event_log.head() == "0"
