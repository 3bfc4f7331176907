"""What every look at an event log must tell.

A test module brings `log`, empty at first, and `inspection` over it; a log with partitions tells their own numbers.
"""

from collections.abc import Mapping

from application.ports.event_log import BEGINNING, EventLog, Place
from application.ports.log_inspection import LogInspection, TopicFound
from application.topics import TICKERS, TOPICS, TRADES
from tests.contracts.event_log import Retaining, connected, drain
from tests.facts import BTC, ETH, ticker, trade


def found_in(inspection: LogInspection) -> Mapping[str, TopicFound]:
    topics = inspection.topics()
    assert [topic.topic for topic in topics] == list(TOPICS)
    return {topic.topic: topic for topic in topics}


class LogInspectionContract:
    def test_an_empty_log_has_topics_without_records(self, log: EventLog, inspection: LogInspection) -> None:
        found = found_in(inspection)
        assert {topic.records for topic in found.values()} == {0}
        assert all(one.last == one.first - 1 for topic in found.values() for one in topic.partitions)

    def test_records_are_counted_as_they_come(self, log: EventLog, inspection: LogInspection) -> None:
        log.append([trade(1), ticker(), trade(2, pair=ETH)])
        assert {topic: one.records for topic, one in found_in(inspection).items() if one.records} == {
            TRADES: 2, TICKERS: 1,
        }  # fmt: skip
        log.append([trade(3), connected(4)])
        found = found_in(inspection)
        assert found[TRADES].records == 3
        assert sum(one.first <= one.last for one in found[TICKERS].partitions) == 1

    def test_a_reader_is_behind_by_what_it_has_not_read_of_its_topics(
        self, log: EventLog, inspection: LogInspection
    ) -> None:
        log.append([trade(1), ticker(), trade(2), trade(3, pair=ETH)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert inspection.behind(Place.at(reader.cursor), [TRADES]) == {TRADES: 3}
            drain(reader, 3)
            assert inspection.behind(Place.at(reader.cursor), [TRADES]) == {TRADES: 0}
            log.append([trade(number, pair=BTC) for number in range(4, 9)])
            assert inspection.behind(Place.at(reader.cursor), [TRADES]) == {TRADES: 5}
        head = Place.at(log.head())
        assert inspection.behind(head, TOPICS) == dict.fromkeys(TOPICS, 0)


class RetentionInspectionContract:
    def test_what_was_deleted_counts_no_more(self, log: Retaining, inspection: LogInspection) -> None:
        log.append([trade(1), ticker(), trade(2)])
        assert found_in(inspection)[TRADES].records == 2
        old = log.head()
        log.append([trade(3)])
        log.delete_before(old)
        found = found_in(inspection)
        assert (found[TRADES].records, found[TICKERS].records) == (1, 0)
        assert inspection.behind(Place.at(BEGINNING), [TRADES, TICKERS]) == {TRADES: 1, TICKERS: 0}
