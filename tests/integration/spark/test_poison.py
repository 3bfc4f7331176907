"""Poison in each topic of the cluster: all else is in the tables, one dead letter each, and redriven it comes in."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from adapters.sql.dead_letter_reads import SqlDeadLetterReads
from adapters.sql.store import SqlStore
from adapters.system.clock import SystemClock
from application.dead_letters import APPLY, DeadLetterCommands
from application.ports.page import Window
from application.topics import ARTICLES, TICKERS, topic_of
from domain.event import Event
from entrypoints.redrive import readers
from tests import builders
from tests.integration.spark.events import LONG_AGO, trades
from tests.integration.spark.stack import Stack, until
from tests.poison import holds, mend, poisonous, refuse

WITHIN = timedelta(seconds=10)


def test_all_others_within_seconds_one_dead_letter_each_and_redriven_they_are_there(stack: Stack) -> None:
    poisons = poisonous(LONG_AGO)
    refuse(stack.engine, poisons)
    reads = SqlDeadLetterReads(stack.engine)
    box: Any = SimpleNamespace(event_log=lambda: stack.log, clock=SystemClock, store=lambda: SqlStore(stack.engine))
    good: list[Event] = [
        *trades(800), *(builders.ticker(occurred_at=LONG_AGO + timedelta(seconds=n)) for n in range(60)),
        *(builders.article(str(n), occurred_at=LONG_AGO) for n in range(20)),
    ]  # fmt: skip

    def letters() -> list[str]:
        return [kept.letter.letter_id for kept in reads.dead_letters(Window(limit=500), kind=APPLY).items]

    with stack.job("ingest") as ingest, stack.job("analytics") as analytics:
        stack.log.append([trades(1, first=10_000)[0], builders.article("warm", occurred_at=LONG_AGO)])
        until(stack.caught_up, ingest, analytics)
        until(lambda: stack.count("sentiment_data") == 1, ingest, analytics)
        began = datetime.now(UTC)
        stack.log.append(trades(400, first=5_000))
        until(lambda: stack.count("trade_data") == 401, ingest, analytics)
        clean = datetime.now(UTC) - began  # what a batch without poison takes on this machine, as loaded as it is
        began = datetime.now(UTC)
        for number, poison in enumerate(poisons):
            stack.log.append([*good[number * 110 : number * 110 + 60], poison.event, *good[number * 110 + 60 :][:50]])
        until(lambda: stack.count("trade_data") == 1201, ingest, analytics)
        until(lambda: stack.count("ticker_data") == 60 and stack.count("article_data") == 21, ingest, analytics)
        until(lambda: len(letters()) == len(poisons), ingest, analytics)
        assert datetime.now(UTC) - began < WITHIN + 2 * clean
        found = [kept.letter for kept in reads.dead_letters(Window(limit=100), kind=APPLY).items]
        assert {letter.place for letter in found} == {topic_of(one.event) for one in poisons}
        assert {letter.raw for letter in found} == {stack.log.value_of(one.event) for one in poisons}
        assert {letter.reader for letter in found} == {"store", "candles"}
        assert all(letter.location and letter.partition is not None for letter in found)

        mend(stack.engine, poisons)
        commands = DeadLetterCommands(stack.log, reads, SystemClock(), readers(box))
        assert [commands.redrive(letter_id) for letter_id in letters()] == [1] * len(poisons)
        until(lambda: all(holds(stack.engine, one) for one in poisons), ingest, analytics)
        until(lambda: letters() == [], ingest, analytics)
        assert analytics.stop() == 0, analytics.words()
        assert ingest.stop() == 0, ingest.words()
    assert {ARTICLES, TICKERS} <= {topic_of(one) for one in good}
