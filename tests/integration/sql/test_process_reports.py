"""What processes report, and how late trades were recorded, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from adapters.sql.dead_letter_reads import SqlDeadLetterReads
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.process_reports import SqlProcessReports
from adapters.sql.store import SqlStore
from application.ports.process_reports import ProcessReport
from application.progress import PartState
from domain.values import Origin
from tests.builders import BTC, ETH, at, dead_letter, trade

REPORT = ProcessReport(
    name="feed", instance="host:17", version="1.2", started_at=at(0), at=at(5, micros=3),
    parts={
        "log-writer": PartState("degraded", "Kafka does not answer", since=at(2), restarts=3, behind=1_700),
        "feed": PartState("ok"),
    },
)  # fmt: skip


def test_the_last_report_of_each_process_comes_back_exactly_and_those_from_long_ago_are_forgotten(
    engine: Engine,
) -> None:
    reports = SqlProcessReports(engine)
    other = replace(REPORT, instance="host:18")
    for report in (replace(REPORT, at=at(1), parts={}), REPORT, other, replace(REPORT, name="api")):
        reports.save(report)
    assert sorted(reports.reports(), key=lambda one: (one.name, one.instance)) == [
        replace(REPORT, name="api"), REPORT, other,
    ]  # fmt: skip
    later = replace(REPORT, instance="host:19", at=at(5) + timedelta(minutes=61))
    reports.save(later)
    assert sorted(reports.reports(), key=lambda one: one.name) == [replace(REPORT, name="api"), later]


def test_lags_are_those_of_the_latest_live_trades_recorded_within_the_time(engine: Engine) -> None:
    late = [
        trade(number, pair=BTC, occurred_at=at(number), recorded_at=at(number) + timedelta(seconds=lag))
        for number, lag in ((1, 300), (2, 1.5), (3, 0))
    ]
    others = [
        trade(4, pair=BTC, occurred_at=at(4), recorded_at=at(5), origin=Origin.BACKFILL),
        trade(5, pair=ETH, occurred_at=at(4), recorded_at=at(8)),
    ]
    with SqlStore(engine).begin() as tx:
        tx.add_trades([*late, *others])
    reads = SqlMarketReads(engine)
    assert {pair: sorted(lags) for pair, lags in reads.lags([BTC, ETH], at(0), at(60)).items()} == {
        BTC: [0.0, 1.5], ETH: [4.0],
    }  # fmt: skip
    assert reads.lags([BTC], at(300), at(360)) == {BTC: [300.0]}, "however late they came"
    assert reads.lags([], at(0), at(60)) == {}


def test_dead_letters_are_counted_no_further_than_needed(engine: Engine) -> None:
    with SqlStore(engine).begin() as tx:
        tx.add_dead_letters([dead_letter(raw=str(number).encode(), recorded_at=at(number)) for number in range(9)])
    reads = SqlDeadLetterReads(engine)
    assert (reads.count_since(at(4), most=100), reads.count_since(at(0), most=3)) == (5, 3)
