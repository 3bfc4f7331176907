"""What append() acknowledged is there, whatever happens to the process."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.embedded.event_log import SqliteEventLog
from application.ports.event_log import BEGINNING
from application.topics import TRADES
from domain.market.trade import TradeExecuted
from tests.contracts.event_log import drain, events
from tests.facts import trade
from tests.integration.embedded.writer import BATCH

REPOSITORY = Path(__file__).parents[3]


def trade_ids(log: SqliteEventLog) -> list[int]:
    count = int(log.head())
    with log.reader([TRADES], after=BEGINNING) as reader:
        found = events(drain(reader, count, limit=1000)) if count else []
    return [event.trade_id for event in found if isinstance(event, TradeExecuted)]


def test_events_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with SqliteEventLog(path) as log:
        log.append([trade(number) for number in range(10)])
        head = log.head()
    with SqliteEventLog(path) as log:
        assert log.head() == head
        log.append([trade(10)])
        assert trade_ids(log) == list(range(11))


def test_a_killed_writer_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    acknowledged = 0
    for batches in (1, 4, 9, 2, 6):  # killed after so many acknowledged batches, at whatever it does then
        command = [sys.executable, "-m", "tests.integration.embedded.writer", str(path), str(acknowledged)]
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            lines = list(itertools.islice(writer.stdout, batches))
            writer.kill()
            lines += list(writer.stdout)
        at_least = int(lines[-1])
        with SqliteEventLog(path) as log:
            ids = trade_ids(log)
        assert ids == list(range(len(ids)))
        assert len(ids) >= at_least
        assert len(ids) % BATCH == 0  # nothing half-written
        acknowledged = len(ids)


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    command = [sys.executable, "-m", "tests.integration.embedded.full_disk", str(path)]
    told, held = subprocess.run(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True, timeout=60
    ).stdout.splitlines()
    assert str(path) in told
    assert held == "['kraken:BTC/USD:1', 'kraken:BTC/USD:2']"


@pytest.mark.parametrize("tail", [0, 50_000])
def test_positions_are_not_given_twice_after_all_was_deleted(tmp_path: Path, tail: int) -> None:
    path = tmp_path / "log.db"
    with SqliteEventLog(path, tail=tail) as log:
        log.append([trade(1), trade(2)])
        log.delete_before(log.head())
    with SqliteEventLog(path, tail=tail) as log:
        assert log.head() == log.oldest() == "2"
        log.append([trade(3)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert [record.position.number for record in drain(reader, 1)] == [3]
