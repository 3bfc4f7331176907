"""What every store must do with alerts and dead letters."""

from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

from hypothesis import given
from hypothesis import strategies as st

from application.ports.alert_reads import KeptLetter
from application.ports.page import Window
from domain.alerting.alert import Alert, AlertRaised, AlertStatus, evolve_alert, fold_alert
from domain.dead_letter import DeadLettered
from tests import strategies
from tests.builders import BTC, ETH, alert_acknowledged, alert_raised, at, dead_letter, settled
from tests.contracts.store import StoreUnderTest, all_pages
from tests.contracts.store_market import property_of_a_store


def _raise(under_test: StoreUnderTest, *raised: AlertRaised) -> list[Alert]:
    alerts = [evolve_alert(None, event) for event in raised]
    with under_test.store.begin() as tx:
        for event in raised:
            tx.append(f"alert:{event.alert_id}", [event], expected_version=0)
        tx.put_alerts(alerts)
    return alerts


def _acknowledge(under_test: StoreUnderTest, alert_id: str, seconds: float) -> Alert:
    with under_test.store.begin() as tx:
        tx.append(
            f"alert:{alert_id}", [alert_acknowledged(alert_id, occurred_at=at(seconds))], expected_version=1
        )  # fmt: skip
        alert = fold_alert(tx.load(f"alert:{alert_id}"))
        assert alert
        tx.put_alerts([alert])
    return alert


class AlertContract:
    def test_a_silence_ends_when_it_says(self, under_test: StoreUnderTest) -> None:
        (alert,) = _raise(under_test, alert_raised())
        events = alert.silence(5, now=at(0))
        with under_test.store.begin() as tx:
            tx.append("alert:a1", events, expected_version=1)
            tx.put_alerts([evolve_alert(alert, event) for event in events])

        def found(window: Window, status: AlertStatus | None, now: datetime | None = None) -> list[AlertStatus]:
            return [one.status for one in under_test.alerts.alerts(window, status=status, now=now).items]

        for seconds, is_over in ((299, False), (300, True), (301, True)):
            status, other = (AlertStatus.RAISED, AlertStatus.SILENCED)[:: 1 if is_over else -1]
            for window, now in ((Window(), at(seconds)), (Window(as_of=at(seconds)), None)):
                assert found(window, None, now) == found(window, status, now) == [status]
                assert found(window, other, now) == []

    @property_of_a_store
    @given(
        raised=st.lists(
            strategies.raised_alerts.map(lambda event: replace(event, sequence=1)),
            max_size=8,
            unique_by=lambda event: event.alert_id,
        )
    )
    def test_alerts_come_back_exactly(self, under_test: StoreUnderTest, raised: list[AlertRaised]) -> None:
        alerts = [evolve_alert(None, event) for event in raised]
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            tx.put_alerts(alerts)
        found = under_test.alerts.alerts(Window(limit=1000)).items
        assert sorted(found, key=attrgetter("raised.alert_id")) == sorted(alerts, key=attrgetter("raised.alert_id"))

    def test_an_alert_is_replaced_by_its_present_state(self, under_test: StoreUnderTest) -> None:
        (alert,) = _raise(under_test, alert_raised())
        silenced = alert.silence(5, now=at(9))
        with under_test.store.begin() as tx:
            tx.put_alerts([evolve_alert(alert, event) for event in silenced])
        (found,) = under_test.alerts.alerts(Window()).items
        assert found.silenced_until == at(9) + timedelta(minutes=5)
        assert (found.status, found.version, found.recorded_at) == (AlertStatus.SILENCED, 2, at(9))
        assert found.raised == alert.raised

    def test_they_are_found_by_status_and_pair(self, under_test: StoreUnderTest) -> None:
        _raise(under_test, alert_raised("a"), alert_raised("b", occurred_at=at(1)), alert_raised("c", pair=ETH))
        seen = _acknowledge(under_test, "a", 30)
        assert under_test.alerts.alerts(Window(), status=AlertStatus.ACKNOWLEDGED).items == [seen]
        raised = under_test.alerts.alerts(Window(), status=AlertStatus.RAISED).items
        assert [alert.raised.alert_id for alert in raised] == ["b", "c"]
        of_pair = under_test.alerts.alerts(Window(), pair=BTC).items
        assert [alert.raised.alert_id for alert in of_pair] == ["b", "a"]
        both = under_test.alerts.alerts(Window(), pair=BTC, status=AlertStatus.RAISED).items
        assert [alert.raised.alert_id for alert in both] == ["b"]

    def test_as_of_gives_the_status_of_then(self, under_test: StoreUnderTest) -> None:
        alerts = _raise(under_test, *(alert_raised(f"a{number}", occurred_at=at(number)) for number in range(6)))
        changed = {number: _acknowledge(under_test, f"a{number}", 30 + number) for number in (0, 2, 4)}
        _raise(under_test, alert_raised("later", occurred_at=at(90)))
        as_of = at(32)
        then = [changed[number] if number in (0, 2) else alerts[number] for number in reversed(range(6))]
        for limit in (1, 2, 4, 10):
            window = Window(as_of=as_of, limit=limit)
            pages = all_pages(under_test.alerts.alerts, window)
            assert [alert for page in pages for alert in page] == then
            for status in AlertStatus:

                def read(window: Window, status: AlertStatus = status) -> object:
                    return under_test.alerts.alerts(window, status=status)

                pages = all_pages(read, window)  # type: ignore[arg-type]
                assert [alert for page in pages for alert in page] == [one for one in then if one.status is status]


class DeadLetterContract:
    @property_of_a_store
    @given(letters=st.lists(strategies.events_of(DeadLettered), max_size=8, unique_by=lambda one: one.letter_id))
    def test_letters_keep_their_bytes(self, under_test: StoreUnderTest, letters: list[DeadLettered]) -> None:
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            tx.add_dead_letters(letters)
            tx.add_dead_letters(letters)
        found = under_test.letters.dead_letters(Window(limit=1000)).items
        assert {kept.letter.letter_id: kept.letter.raw for kept in found} == {one.letter_id: one.raw for one in letters}

    def test_a_letter_comes_back_with_where_it_came_from(self, under_test: StoreUnderTest) -> None:
        letter = dead_letter(b"\x00\xff", kind="log-record", place="rawtrade", partition=2, offset=2**60)
        failed = dead_letter(
            b"\x00", kind="apply", place="rawtrade@7", offset=0, reader="store", location="a.py:1 in f"
        )
        with under_test.store.begin() as tx:
            tx.add_dead_letters([letter, failed, replace(failed, reader="alerting")])
        assert under_test.letters.dead_letter(letter.letter_id) == KeptLetter(letter, "open")
        assert under_test.letters.dead_letter(failed.letter_id) == KeptLetter(failed, "open")
        assert len(under_test.letters.dead_letters(Window(), kind="apply").items) == 2, "a letter for each reader"
        assert under_test.letters.dead_letter("unknown") is None

    def test_a_letter_is_settled_once_even_before_it_is_known(self, under_test: StoreUnderTest) -> None:
        one, other = dead_letter(b"1"), dead_letter(b"2", kind="news-entry", occurred_at=at(1))
        with under_test.store.begin() as tx:
            tx.settle_dead_letters([settled(one, occurred_at=at(9))])
            tx.add_dead_letters([one, other])
            tx.settle_dead_letters([settled(one, outcome="dropped", occurred_at=at(10))])
        read = under_test.letters.dead_letters
        assert read(Window()).items == [KeptLetter(other, "open")]
        assert read(Window(), outcome="redriven").items == [KeptLetter(one, "redriven")]
        assert read(Window(), outcome=None).items == [KeptLetter(other, "open"), KeptLetter(one, "redriven")]
        assert read(Window(), outcome=None, kind="news-entry").items == [KeptLetter(other, "open")]
        assert read(Window(as_of=at(8))).items == [KeptLetter(other, "open"), KeptLetter(one, "open")]

    def test_pages_together_are_the_whole_list(self, under_test: StoreUnderTest) -> None:
        letters = [dead_letter(bytes([number]), occurred_at=at(number // 4)) for number in range(10)]
        with under_test.store.begin() as tx:
            tx.add_dead_letters(letters)
        pages = all_pages(under_test.letters.dead_letters, Window(limit=3))
        order = sorted(letters, key=lambda one: (one.recorded_at, one.letter_id), reverse=True)
        assert [kept.letter for page in pages for kept in page] == order
