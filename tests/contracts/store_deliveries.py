"""What every store must do with deliveries of alerts and the secrets of channels."""

import threading
from datetime import timedelta

from application.ports.deliveries import KnownDelivery
from application.ports.page import Window
from domain.alerting.alert import evolve_alert
from domain.alerting.delivery import Delivery, DeliveryState, new_delivery
from tests.builders import BTC, T0, alert_raised, at
from tests.contracts.store import StoreUnderTest, all_pages


def _made(alert_id: str = "a1", channel_id: str = "c1", seconds: float = 0) -> Delivery:
    return new_delivery(alert_id, channel_id, occurred_at=T0, now=at(seconds))


def _add(under_test: StoreUnderTest, *deliveries: Delivery) -> None:
    with under_test.store.begin() as tx:
        tx.add_deliveries(deliveries)


class DeliveryContract:
    def test_an_alert_has_one_delivery_to_a_channel(self, under_test: StoreUnderTest) -> None:
        made = _made()
        _add(under_test, made, _made(channel_id="c2"))
        with under_test.store.begin() as tx:
            sent = made.sent(now=at(3))
            tx.put_delivery(sent)
            tx.add_deliveries([made])  # the log was read again
            assert tx.delivery("a1", "c1") == sent
            assert tx.delivery("a1", "c3") is None

    def test_they_are_listed_with_what_they_are_about(self, under_test: StoreUnderTest) -> None:
        skipped = new_delivery("a2", "c1", occurred_at=T0, now=at(9999))
        failed = _made(seconds=1).failed("no such host")
        _add(under_test, failed, skipped, _made("a3", seconds=2))
        with under_test.store.begin() as tx:
            tx.put_alerts([evolve_alert(None, alert_raised("a1"))])
        read = under_test.deliveries.deliveries
        assert read(Window(), state=DeliveryState.FAILED).items == [KnownDelivery(failed, BTC, "price-move")]
        assert read(Window(), state=DeliveryState.SKIPPED).items == [KnownDelivery(skipped, None, None)]
        assert [known.delivery.alert_id for known in read(Window()).items] == ["a2", "a3", "a1"]

    def test_pages_together_are_the_whole_list(self, under_test: StoreUnderTest) -> None:
        made = [_made(f"a{number}", f"c{number % 3}", number // 4) for number in range(10)]
        _add(under_test, *made)
        pages = all_pages(under_test.deliveries.deliveries, Window(limit=3))
        order = sorted(made, key=lambda one: (one.created_at, one.alert_id, one.channel_id), reverse=True)
        assert [known.delivery for page in pages for known in page] == order

    def test_the_oldest_that_is_due_is_claimed_and_nobody_else_gets_it(self, under_test: StoreUnderTest) -> None:
        _add(under_test, _made("later", seconds=5), _made("first"), _made("other", "c2"), _made("due", "c3", 60))
        assert sorted(under_test.deliveries.due_channels(at(10))) == ["c1", "c2"]
        with under_test.store.begin() as tx:
            first = tx.claim_delivery("c1", now=at(10), until=at(130))
            second = tx.claim_delivery("c1", now=at(10), until=at(130))
            assert first
            assert second
            assert (first.alert_id, first.attempts, first.next_try_at) == ("first", 1, at(0))
            stored = tx.delivery("first", "c1")
            assert stored
            assert (stored.attempts, stored.next_try_at) == (1, at(130))
            assert second.alert_id == "later"
            assert tx.claim_delivery("c1", now=at(10), until=at(130)) is None
        assert under_test.deliveries.due_channels(at(10)) == ["c2"]
        assert sorted(under_test.deliveries.due_channels(at(130))) == ["c1", "c2", "c3"]
        with under_test.store.begin() as tx:
            again = tx.claim_delivery("c1", now=at(130), until=at(130) + timedelta(minutes=2))
            assert again
            assert (again.alert_id, again.attempts) == ("first", 2)

    def test_several_at_once_claim_each_delivery_once(self, under_test: StoreUnderTest) -> None:
        _add(under_test, *(_made(f"a{number}") for number in range(20)))
        claimed: list[str] = []

        def claim() -> None:
            while True:
                with under_test.store.begin() as tx:
                    delivery = tx.claim_delivery("c1", now=at(1), until=at(60))
                if delivery is None:
                    return
                claimed.append(delivery.alert_id)

        threads = [threading.Thread(target=claim) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(claimed) == sorted(f"a{number}" for number in range(20))

    def test_a_rebuild_keeps_them(self, under_test: StoreUnderTest) -> None:
        _add(under_test, _made())
        with under_test.store.begin() as tx:
            tx.put_channel_secret("c1", "one")
            tx.clear_read_models()
            assert tx.delivery("a1", "c1") == _made()
            assert tx.channel_secret("c1") == "one"

    def test_secrets_are_kept_replaced_and_forgotten(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            assert tx.channel_secret("c1") is None
            tx.put_channel_secret("c1", "one")
            tx.put_channel_secret("c1", "other")
            assert tx.channel_secret("c1") == "other"
            tx.delete_channel_secret("c1")
            tx.delete_channel_secret("c1")
            assert tx.channel_secret("c1") is None
