"""What every event log must do. Cursors are opaque here: only a log itself says where a place is."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from application.ports.event_log import (
    BEGINNING,
    Cursor,
    CursorTooOld,
    EventLog,
    InvalidCursor,
    LogReader,
    Place,
    Recorded,
    Unreadable,
)
from application.topics import FEED_EVENTS, TICKERS, TOPICS, TRADES, topic_of
from domain.event import Event
from domain.market.feed import FeedConnected
from domain.market.trade import TradeExecuted
from domain.values import Origin
from tests.facts import BTC, ETH, NOON, ticker, trade

PATIENCE_S = 20.0


class Retaining(EventLog, Protocol):
    """A log whose old records can be deleted by hand."""

    def delete_before(self, cursor: Cursor) -> None: ...


def connected(second: int) -> FeedConnected:
    at = NOON.replace(second=second)
    return FeedConnected(venue="kraken", pair=BTC, occurred_at=at, recorded_at=at, origin=Origin.LIVE)


def drain(reader: LogReader, count: int, *, limit: int = 100) -> list[Recorded]:
    """Read until `count` records came; fails when nothing comes any more."""
    found: list[Recorded] = []
    while len(found) < count:
        batch = reader.read(limit=limit, timeout_s=PATIENCE_S)
        assert batch, f"only {len(found)} of {count} records came"
        assert len(batch) <= limit
        for record in batch:
            assert isinstance(record, Recorded), str(record)[:500]
            found.append(record)
    return found


def events(records: Sequence[Recorded | Unreadable]) -> list[Event]:
    return [record.event for record in records if isinstance(record, Recorded)]


def cursors_of(topics: Collection[str], count: int, log: EventLog) -> list[Cursor]:
    """The cursor after each of `count` records."""
    with log.reader(topics, after=BEGINNING) as reader:
        return [reader.cursor for _ in range(count) if drain(reader, 1, limit=1)]


def trades_of(cursor: Cursor) -> Place:
    """How far a cursor is in the trades."""
    return Place.at(cursor).within([TRADES])


class EventLogContract:
    """Inherit, and provide a fixture `log`: an empty log, closed when the test ends."""

    def test_events_come_back_in_order_as_they_were(self, log: EventLog) -> None:
        facts = [trade(1), ticker(), trade(2), connected(1), trade(3, price="0.000000000000000001")]
        log.append(facts[:2])
        log.append(facts[2:])
        with log.reader(TOPICS, after=BEGINNING) as reader:
            records = drain(reader, len(facts))
        for topic in (TRADES, TICKERS, FEED_EVENTS):  # order is promised within a topic and a key
            found = [record for record in records if record.topic == topic]
            assert events(found) == [fact for fact in facts if topic_of(fact) == topic]

    def test_an_empty_log_has_nothing_to_read(self, log: EventLog) -> None:
        with log.reader(TOPICS, after=BEGINNING) as reader:
            assert list(reader.read(limit=10, timeout_s=0)) == []
            assert list(reader.read(limit=10, timeout_s=0.05)) == []

    def test_appending_nothing_changes_nothing(self, log: EventLog) -> None:
        before = log.head()
        log.append([])
        assert log.head() == before

    def test_a_reader_sees_its_topics_only(self, log: EventLog) -> None:
        log.append([trade(1), ticker(), trade(2), ticker(last="2")])
        with log.reader([TICKERS], after=BEGINNING) as reader:
            assert events(drain(reader, 2)) == [ticker(), ticker(last="2")]

    def test_reading_stops_at_the_limit_and_goes_on_after_it(self, log: EventLog) -> None:
        facts = [trade(number) for number in range(10)]
        log.append(facts)
        with log.reader([TRADES], after=BEGINNING) as reader:
            first = drain(reader, 3, limit=3)
            assert events(first) == facts[:3]
            assert events(drain(reader, 7, limit=4)) == facts[3:]

    def test_every_cursor_resumes_without_gap_or_duplicate(self, log: EventLog) -> None:
        facts = [trade(number) for number in range(6)]
        log.append(facts)
        cursors = cursors_of([TRADES], 6, log)
        for number, cursor in enumerate(cursors[:-1], 1):
            with log.reader([TRADES], after=cursor) as reader:
                assert events(drain(reader, 6 - number)) == facts[number:]

    def test_a_record_stands_where_its_reader_then_is(self, log: EventLog) -> None:
        log.append([trade(1), ticker(), trade(2)])
        with log.reader(TOPICS, after=BEGINNING) as reader:
            before = Place.at(reader.cursor)
            for _ in range(3):
                [record] = drain(reader, 1, limit=1)
                assert not before.covers(record.position)
                before = before.past(record.position)
                assert before == Place.at(reader.cursor)
        assert before == Place.at(log.head())

    def test_a_reader_of_some_topics_resumes_at_a_place_of_all(self, log: EventLog) -> None:
        log.append([trade(1), ticker()])
        place = log.head()
        log.append([trade(2), ticker(last="2")])
        with log.reader([TICKERS], after=place) as reader:
            assert events(drain(reader, 1)) == [ticker(last="2")]

    def test_a_place_before_a_time_misses_nothing_of_later(self, log: EventLog) -> None:
        now = datetime.now(UTC)  # a log may go by the time at which it was written
        facts = [replace(trade(number), recorded_at=now + timedelta(seconds=number)) for number in range(10)]
        log.append(facts)
        for time in (facts[0].recorded_at - timedelta(days=1), facts[4].recorded_at, facts[9].recorded_at):
            later = [fact for fact in facts if fact.recorded_at >= time]
            with log.reader([TRADES], after=log.before(time)) as reader:
                found = drain(reader, len(later))
                while batch := reader.read(limit=100, timeout_s=0.5):
                    found += [record for record in batch if isinstance(record, Recorded)]
            assert events(found)[-len(later) :] == later

    def test_all_that_is_there_comes_without_waiting(self, log: EventLog) -> None:
        facts = [trade(number, pair=(BTC, ETH)[number % 2]) for number in range(500)]
        log.append(facts)
        with log.reader([TRADES, TICKERS], after=BEGINNING) as reader:
            found: list[Event] = []
            while batch := reader.read(limit=70, timeout_s=0):  # nothing, only when there is no more
                found += events(batch)
        assert sorted(found, key=lambda fact: fact.occurred_at) == facts

    def test_after_the_head_comes_only_what_is_new(self, log: EventLog) -> None:
        log.append([trade(1)])
        with log.reader([TRADES], after=log.head()) as reader:
            assert list(reader.read(limit=10, timeout_s=0)) == []
            log.append([trade(2)])
            assert events(drain(reader, 1)) == [trade(2)]

    def test_two_readers_read_for_themselves(self, log: EventLog) -> None:
        log.append([trade(1), trade(2)])
        with log.reader([TRADES], after=BEGINNING) as one, log.reader([TRADES], after=BEGINNING) as other:
            assert events(drain(one, 2)) == events(drain(other, 2)) == [trade(1), trade(2)]

    def test_an_event_appended_twice_is_there_twice(self, log: EventLog) -> None:
        log.append([trade(1)])
        log.append([trade(1)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert events(drain(reader, 2)) == [trade(1), trade(1)]

    def test_a_waiting_reader_is_woken(self, log: EventLog) -> None:
        with log.reader([TRADES], after=log.head()) as reader:
            appending = threading.Timer(0.1, log.append, ([trade(1)],))
            appending.start()
            try:
                assert events(drain(reader, 1)) == [trade(1)]
            finally:
                appending.join()

    def test_a_waiting_reader_sleeps_through_other_topics(self, log: EventLog) -> None:
        with log.reader([TICKERS], after=log.head()) as reader:

            def append() -> None:
                log.append([trade(1)])
                log.append([ticker()])

            appending = threading.Timer(0.1, append)
            appending.start()
            try:
                assert events(drain(reader, 1)) == [ticker()]
            finally:
                appending.join()

    @pytest.mark.parametrize("cursor", ["", "x", "-1", " 1", "1e3", "٣", "1.", "99999999999999999999", "1\n", "0x1"])
    def test_what_is_no_cursor_is_refused(self, log: EventLog, cursor: str) -> None:
        log.append([trade(1)])
        with pytest.raises(InvalidCursor):
            log.reader([TRADES], after=Cursor(cursor))

    def test_all_or_nothing(self, log: EventLog) -> None:
        class Unheard(Event):
            name = "unheard"

        unheard = Unheard(occurred_at=NOON, recorded_at=NOON, origin=Origin.LIVE)
        with pytest.raises((ValueError, LookupError)):
            log.append([trade(1), unheard, trade(2)])
        log.append([trade(3)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert events(drain(reader, 1)) == [trade(3)]

    def test_several_threads_append_and_each_keeps_its_order(self, log: EventLog) -> None:
        writers, batches, size = 4, 15, 7
        failures: list[BaseException] = []

        def write(writer: int) -> None:
            try:
                for batch in range(batches):
                    log.append(
                        [
                            trade(writer * 1000 + batch * size + number, pair=(BTC, ETH)[writer % 2])
                            for number in range(size)
                        ]
                    )
            except BaseException as error:
                failures.append(error)
                raise

        seen: list[list[TradeExecuted]] = [[], []]

        def read(into: list[TradeExecuted]) -> None:
            try:
                with log.reader([TRADES], after=BEGINNING) as reader:
                    for event in events(drain(reader, writers * batches * size, limit=50)):
                        assert isinstance(event, TradeExecuted)
                        into.append(event)
            except BaseException as error:
                failures.append(error)
                raise

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
        threads += [threading.Thread(target=read, args=(into,)) for into in seen]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S * 3)
        assert not failures
        for found in seen:
            assert len(found) == writers * batches * size
            for writer in range(writers):
                ids = [event.trade_id for event in found if event.trade_id // 1000 == writer]
                assert ids == list(range(writer * 1000, writer * 1000 + batches * size))


class RetentionContract:
    """For logs whose old records are deleted by hand. Provide the same fixture `log`."""

    def test_nothing_is_deleted_by_itself(self, log: Retaining) -> None:
        oldest = log.oldest()
        log.append([trade(1)])
        assert log.oldest() == oldest

    def test_what_lies_before_a_place_is_deleted(self, log: Retaining) -> None:
        facts = [trade(number) for number in range(5)]
        log.append(facts)
        cursors = cursors_of([TRADES], 5, log)
        log.delete_before(cursors[2])
        assert trades_of(log.oldest()) == trades_of(cursors[2])
        with log.reader([TRADES], after=log.oldest()) as reader:
            assert events(drain(reader, 2)) == facts[3:]
        with log.reader([TRADES], after=BEGINNING) as reader:  # the beginning is all that is retained
            assert events(drain(reader, 2)) == facts[3:]
        with pytest.raises(CursorTooOld) as refusal:
            log.reader([TRADES], after=cursors[1])
        assert trades_of(refusal.value.oldest) == trades_of(cursors[2])

    def test_all_can_be_deleted_and_places_are_never_given_twice(self, log: Retaining) -> None:
        log.append([trade(1), trade(2)])
        head = log.head()
        log.delete_before(head)
        assert log.oldest() == log.head() == head
        log.append([trade(3)])
        assert log.head() != head
        with log.reader([TRADES], after=head) as reader:
            assert events(drain(reader, 1)) == [trade(3)]

    def test_deleting_before_an_older_place_changes_nothing(self, log: Retaining) -> None:
        log.append([replace(trade(1), order_type=None), trade(2)])
        log.delete_before(log.head())
        oldest = log.oldest()
        log.delete_before(BEGINNING)
        assert log.oldest() == oldest


class OneOrderContract:
    """For logs without partitions: one order over all topics, and a cursor is a number. Provide the same fixture `log`."""

    def test_events_come_in_the_order_of_their_appending(self, log: EventLog) -> None:
        facts = [trade(1), ticker(), trade(2), connected(1), trade(3)]
        log.append(facts)
        with log.reader(TOPICS, after=BEGINNING) as reader:
            assert events(drain(reader, 5)) == facts

    def test_the_cursor_of_a_reader_is_past_other_topics_too(self, log: EventLog) -> None:
        log.append([trade(number) for number in range(20)])
        with log.reader([TICKERS], after=BEGINNING) as reader:
            assert list(reader.read(limit=10, timeout_s=0)) == []
            place = reader.cursor
        log.append([ticker(), trade(21)])
        with log.reader(TOPICS, after=place) as reader:
            assert set(events(drain(reader, 2))) == {ticker(), trade(21)}

    def test_a_reader_whose_place_was_deleted_is_told(self, log: Retaining) -> None:
        log.append([trade(number) for number in range(5)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            drain(reader, 1, limit=1)
            log.delete_before(log.head())
            with pytest.raises(CursorTooOld):
                reader.read(limit=10, timeout_s=0)

    def test_the_beginning_is_the_oldest_place_of_a_new_log(self, log: Retaining) -> None:
        log.append([trade(1)])
        assert log.oldest() == BEGINNING

    @pytest.mark.parametrize("cursor", ["4", "900", "2.7", "rawtrade/0:1", "1,2"])
    def test_a_place_that_this_log_never_had_is_refused(self, log: EventLog, cursor: str) -> None:
        log.append([trade(1), trade(2), trade(3)])
        with pytest.raises(InvalidCursor):
            log.reader([TRADES], after=Cursor(cursor))
