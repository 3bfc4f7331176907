"""Poison in each topic of a data directory: all else is in the tables, one dead letter each, and redriven it comes in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application.dead_letters import APPLY, DeadLetterCommands
from application.ports.page import Window
from application.topics import topic_of
from domain.event import Event
from domain.values import Pair
from entrypoints.container import SessionContainer
from entrypoints.offline import opened
from entrypoints.redrive import readers
from entrypoints.settings import load_settings
from entrypoints.source import KRAKEN
from entrypoints.workers.worker import Worker
from tests import builders
from tests.poison import Poisonous, holds, mend, poisonous, refuse
from tests.waiting import until

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
WITHIN_S = 10


@pytest.fixture
def box(tmp_path: Path) -> Iterator[SessionContainer]:
    with opened(load_settings(data_dir=tmp_path), KRAKEN, "test") as box:
        yield box


def others() -> list[Event]:
    eth = Pair("ETH/USD")
    return [
        *(builders.trade(n, pair=eth, occurred_at=NOW + timedelta(seconds=n)) for n in range(1, 400)),
        *(builders.ticker(pair=eth, occurred_at=NOW + timedelta(seconds=n)) for n in range(50)),
        *(builders.article(str(n), occurred_at=NOW) for n in range(20)),
    ]


def apply_letters(box: SessionContainer) -> list[str]:
    return [kept.letter.letter_id for kept in box.dead_letter_reads().dead_letters(Window(limit=500), kind=APPLY).items]


def test_all_others_within_seconds_one_dead_letter_each_and_redriven_they_are_there(box: SessionContainer) -> None:
    poisons: list[Poisonous] = poisonous(NOW)
    refuse(box.engine(), poisons)
    good = others()
    workers = [Worker("store", box.projection().run), Worker("relay", box.relay().run)]
    for worker in workers:
        worker.start()
    try:
        for number, poison in enumerate(poisons):
            box.event_log().append(
                [*good[number * 50 : number * 50 + 25], poison.event, *good[number * 50 + 25 :][:25]]
            )
        box.event_log().append(good[len(poisons) * 50 :])
        began = datetime.now(UTC)
        reads = box.market_reads()
        until(lambda: len(reads.trades(Pair("ETH/USD"), Window(limit=1000)).items) == 399)
        until(lambda: len(box.news_reads().articles(Window(limit=100)).items) == 20)
        until(lambda: len(apply_letters(box)) == len(poisons))
        assert datetime.now(UTC) - began < timedelta(seconds=WITHIN_S)
        found = box.dead_letter_reads().dead_letters(Window(limit=100), kind=APPLY).items
        assert {kept.letter.place.partition("@")[0] for kept in found} == {topic_of(one.event) for one in poisons}
        assert {kept.letter.raw for kept in found} == {box.event_log().value_of(one.event) for one in poisons}
        assert all("poison" in kept.letter.reason and kept.letter.location for kept in found)
        assert [holds(box.engine(), one) for one in poisons] == [False] * len(poisons)

        mend(box.engine(), poisons)
        commands = DeadLetterCommands(box.event_log(), box.dead_letter_reads(), box.clock(), readers(box))
        for letter_id in apply_letters(box):
            assert commands.redrive(letter_id) == 1
        until(lambda: all(holds(box.engine(), one) for one in poisons))
        until(lambda: apply_letters(box) == [])
    finally:
        for worker in workers:
            worker.stop()
