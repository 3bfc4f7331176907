"""What an operator must be told by every database: its streams, its jobs' batches, how much it stores.

A test module brings `engine`, migrated and without rows, and `other_engine`, another such one.
"""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from adapters.sql.batches import SqlBatches
from adapters.sql.checkpoints import SqlCheckpointReads
from adapters.sql.columns import metadata
from adapters.sql.storage_report import SqlStorageReport
from adapters.sql.store import SqlStore
from adapters.sql.stream_reads import SqlStreamReads
from application.ports.batches import KEPT_BATCHES, Batch
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor
from application.ports.page import InvalidPageCursor, Page, Window
from application.ports.storage_report import TableFound
from application.ports.stream_reads import StreamFound
from tests.builders import BTC, ETH, T0, at, rule_created, ticker, trade
from tests.contracts.store import all_pages


def _append(engine: Engine, stream: str, *seconds: int) -> None:
    with SqlStore(engine).begin() as tx:
        version = len(tx.load(stream))
        events = [rule_created(recorded_at=at(second)) for second in seconds]
        tx.append(stream, events, expected_version=version)


class StreamReadsContract:
    def test_streams_come_by_their_last_event_newest_first(self, engine: Engine) -> None:
        _append(engine, "rule:a", 1, 5)
        _append(engine, "rule:b", 2)
        _append(engine, "alert:c", 3)
        reads = SqlStreamReads([engine])
        assert reads.streams(Window()).items == [
            StreamFound("rule:a", 2, at(5)), StreamFound("alert:c", 1, at(3)), StreamFound("rule:b", 1, at(2)),
        ]  # fmt: skip
        assert [one.stream for one in reads.streams(Window(), prefix="rule:").items] == ["rule:a", "rule:b"]
        assert reads.streams(Window(), prefix="rule:bb").items == []
        pages = all_pages(reads.streams, Window(limit=2))
        assert [[one.stream for one in page] for page in pages] == [["rule:a", "alert:c"], ["rule:b"]]

    def test_streams_of_one_moment_are_each_listed_once(self, engine: Engine) -> None:
        for number in range(7):
            _append(engine, f"rule:{number}", 1)
        pages = all_pages(SqlStreamReads([engine]).streams, Window(limit=3))
        assert [[one.stream[-1] for one in page] for page in pages] == [["6", "5", "4"], ["3", "2", "1"], ["0"]]

    def test_events_come_newest_first_as_they_are_stored(self, engine: Engine) -> None:
        _append(engine, "rule:a", 1, 2, 3)
        _append(engine, "rule:b", 4)
        reads = SqlStreamReads([engine])
        found = reads.events("rule:a", Window()).items
        assert [(one.version, one.recorded_at, one.name) for one in found] == [
            (3, at(3), "alert-rule-created"), (2, at(2), "alert-rule-created"), (1, at(1), "alert-rule-created"),
        ]  # fmt: skip
        assert '"rule_id"' in found[0].payload
        pages = all_pages(lambda window: reads.events("rule:a", window), Window(limit=2))
        assert [[one.version for one in page] for page in pages] == [[3, 2], [1]]
        assert reads.events("rule:nobody", Window()) == Page([])
        with pytest.raises(InvalidPageCursor):
            reads.events("rule:a", Window(cursor=reads.streams(Window(limit=1)).next_cursor))

    def test_two_databases_are_looked_through_as_one(self, engine: Engine, other_engine: Engine) -> None:
        _append(engine, "rule:a", 1, 4)
        _append(other_engine, "channel:b", 2)
        _append(engine, "rule:c", 3)
        _append(other_engine, "channel:d", 5)
        reads = SqlStreamReads([engine, other_engine])
        pages = all_pages(reads.streams, Window(limit=1))
        assert [one.stream for page in pages for one in page] == ["channel:d", "rule:a", "rule:c", "channel:b"]
        assert [one.version for one in reads.events("channel:b", Window()).items] == [1]


class BatchContract:
    def test_batches_come_newest_first_and_the_oldest_are_forgotten(self, engine: Engine) -> None:
        log = SqlBatches(engine)
        other = Batch(job="analytics/candles", batch_id=0, started_at=T0, duration_ms=7, rows=0)
        log.note(other)
        batches = [
            Batch(job="ingest/market", batch_id=n, started_at=T0 + timedelta(seconds=n), duration_ms=n, rows=10 * n)
            for n in range(KEPT_BATCHES + 3)
        ]
        for batch in batches:
            log.note(batch)
        found = [one for page in all_pages(log.batches, Window(limit=90)) for one in page]
        assert found == [*batches[:2:-1], other]

    def test_a_batch_that_comes_again_is_one(self, engine: Engine) -> None:
        log = SqlBatches(engine)
        for seconds, rows in ((0, 3), (5, 4)):
            log.note(Batch(job="j", batch_id=1, started_at=T0 + timedelta(seconds=seconds), duration_ms=1, rows=rows))
        assert [one.rows for one in log.batches(Window()).items] == [4]


class StorageContract:
    def test_every_table_is_measured(self, engine: Engine) -> None:
        with SqlStore(engine).begin() as tx:
            tx.add_trades([trade(1, occurred_at=at(1)), trade(2, pair=ETH, occurred_at=at(9)), trade(3, pair=BTC)])
            tx.add_tickers([ticker()])
        _append(engine, "rule:a", 3, 8)
        report = SqlStorageReport([engine])
        found = {one.table: one for one in report.tables()}
        assert list(found) == sorted(metadata.tables)
        trades = found["trade_data"]
        assert (trades.rows, trades.exact, trades.newest) == (3, True, at(9))
        assert trades.bytes and trades.bytes > 0
        assert (found["event_store"].oldest, found["event_store"].newest) == (at(3), at(8))
        empty = found["article_data"]
        assert (empty.rows, empty.oldest, empty.newest) == (0, None, None)
        assert (found["checkpoint"].oldest, found["checkpoint"].newest) == (None, None)
        assert report.database_bytes() >= sum(one.bytes or 0 for one in found.values())

    def test_two_databases_are_measured_as_one(self, engine: Engine, other_engine: Engine) -> None:
        _append(engine, "rule:a", 2)
        _append(other_engine, "channel:b", 1, 3)
        one, other = (_event_store([each]) for each in (engine, other_engine))
        both = _event_store([engine, other_engine])
        assert (both.rows, both.oldest, both.newest) == (3, at(1), at(3))
        assert both.bytes == (one.bytes or 0) + (other.bytes or 0)


class PlacesContract:
    def test_places_are_read_without_a_transaction_that_writes(self, engine: Engine) -> None:
        with SqlStore(engine).begin() as tx:
            tx.save_checkpoint("ingest:rawtrade/0", Checkpoint(Cursor("rawtrade/0:7")))
            tx.save_checkpoint("store", Checkpoint(Cursor("8"), "{}"))
        with SqlStore(engine).begin():
            reads = SqlCheckpointReads(engine)
            assert reads.checkpoints("").keys() >= {"ingest:rawtrade/0", "store"}
            assert reads.checkpoints("ingest:") == {"ingest:rawtrade/0": Checkpoint(Cursor("rawtrade/0:7"))}


def _event_store(engines: list[Engine]) -> TableFound:
    return next(one for one in SqlStorageReport(engines).tables() if one.table == "event_store")
