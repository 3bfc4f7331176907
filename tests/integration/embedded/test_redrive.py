"""Records of the log that could not be understood when they came, read again later: over the real log and store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application.dead_letters import LOG_RECORD, DeadLetterCommands, letter_of
from application.isolation import Failure
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import BEGINNING, Position, Recorded, Unreadable
from application.ports.forecast_reads import FORECASTING
from application.ports.page import Window
from application.topics import ALERT_EVENTS, TRADES
from domain.dead_letter import DeadLettered
from domain.errors import NotAllowed
from domain.market.candle import Interval
from domain.values import Origin
from entrypoints.container import SessionContainer
from entrypoints.offline import catch_up, opened
from entrypoints.redrive import readers
from entrypoints.settings import load_settings
from entrypoints.source import KRAKEN
from tests.builders import BTC, dead_letter, rule_created, trade

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[SessionContainer]:
    with opened(load_settings(data_dir=tmp_path), KRAKEN, "test") as box:
        yield box


def kept(box: SessionContainer, raw: bytes, *, partition: str = "rawtrade/2") -> DeadLettered:
    """A letter as the ingestion keeps it for a record of Kafka's."""
    unread = Unreadable(Position(partition, 17), TRADES, raw, "schema id 99 is unknown")
    letter = letter_of(unread, now=NOW, origin=Origin.LIVE)
    with box.store().begin() as tx:
        tx.add_dead_letters([letter])
    return letter


def commands(box: SessionContainer) -> DeadLetterCommands:
    return DeadLetterCommands(box.event_log(), box.dead_letter_reads(), box.clock(), readers(box))


def test_what_can_be_read_by_now_is_taken_in_once_however_often_it_is_redriven(box: SessionContainer) -> None:
    event = replace(trade(1), occurred_at=NOW, recorded_at=NOW)
    letter = kept(box, box.event_log().codec.encode(event))
    assert (letter.kind, letter.place, letter.partition, letter.offset) == (LOG_RECORD, "rawtrade", 2, 17)
    assert commands(box).redrive(letter.letter_id) == 1
    assert commands(box).redrive(letter.letter_id) == 1, "the tables did not know yet that it was redriven"
    catch_up(box)
    assert box.market_reads().trades(BTC, Window()).items == [event]
    with pytest.raises(NotAllowed, match="redriven already"):
        commands(box).redrive(letter.letter_id)


@pytest.mark.parametrize(
    ("at", "raw", "reason"),
    [
        (NOW + timedelta(days=1), None, "more than 5 minutes ahead of"),
        (datetime(1970, 1, 1, tzinfo=UTC), None, "expected a time since 2009-01-03"),
        (NOW, b"\x01not avro", "expected the magic byte 0"),
    ],
)
def test_what_still_cannot_be_read_is_refused_with_the_reason(
    box: SessionContainer, at: datetime, raw: bytes | None, reason: str
) -> None:
    event = replace(trade(1), occurred_at=at, recorded_at=at)
    letter = kept(box, raw or box.event_log().codec.encode(event), partition="")
    with pytest.raises(NotAllowed, match=reason):
        commands(box).redrive(letter.letter_id)


def test_a_bar_that_forecasts_failed_on_is_learned_from_again(box: SessionContainer) -> None:
    with box.store().begin() as tx:
        tx.save_checkpoint(f"{FORECASTING}{BTC}", Checkpoint(BEGINNING, "{}"))
    failure = Failure("ZeroDivisionError", "here")
    box.failed_records().set_aside_from("forecasts/BTC/USD/1m", 60, b"bar", failure, "forecasts")
    catch_up(box)
    [kept] = box.dead_letter_reads().dead_letters(Window()).items
    assert commands(box).redrive(kept.letter.letter_id) == 0
    with box.store().begin() as tx:
        assert tx.checkpoint(f"{FORECASTING}{BTC}") == Checkpoint(BEGINNING, "")
    catch_up(box)
    assert box.dead_letter_reads().dead_letters(Window()).items == []


def test_a_candle_that_could_not_be_made_is_made_of_the_stored_trades(box: SessionContainer) -> None:
    start = Interval.H1.start_of(NOW)
    with box.store().begin() as tx:
        tx.add_trades([replace(trade(1), occurred_at=start + timedelta(minutes=7), recorded_at=NOW)])
    failure = Failure("InvalidValue: the volume", "here")
    box.failed_records().set_aside_from("candles/BTC/USD/1h", int(start.timestamp()), b"", failure, "candles")
    catch_up(box)
    [kept] = box.dead_letter_reads().dead_letters(Window()).items
    commands(box).redrive(kept.letter.letter_id)
    [candle] = box.market_reads().candles(BTC, Interval.H1, Window()).items
    assert (candle.start, candle.trades) == (start, 1)


def test_an_event_that_the_relay_could_not_read_is_relayed_when_it_can(box: SessionContainer) -> None:
    event = rule_created()
    with box.store().begin() as tx:
        tx.append("rule:r1", [event], expected_version=0)
        [(position, _)] = tx.after(0, limit=10)
    box.failed_records().set_aside_from("event-store", position, b"{}", Failure("UnknownEvent", "here"), "relay")
    catch_up(box)
    [kept] = box.dead_letter_reads().dead_letters(Window()).items
    assert commands(box).redrive(kept.letter.letter_id) == 1
    with box.event_log().reader([ALERT_EVENTS], after=BEGINNING) as reader:
        assert [one.event for one in reader.read(limit=10, timeout_s=1) if isinstance(one, Recorded)] == [event]


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("history-line", "import the file again"),
        ("kraken-rest", "backfilled again"),
        ("recording-line", "replay it"),
        ("trade-conflict", "stored under the id stays"),
    ],
)
def test_a_letter_that_no_redrive_can_mend_says_what_to_do_and_stays_open(
    box: SessionContainer, kind: str, advice: str
) -> None:
    letter = dead_letter(kind=kind, occurred_at=NOW)
    with box.store().begin() as tx:
        tx.add_dead_letters([letter])
    with pytest.raises(NotAllowed, match=advice) as refused:
        commands(box).redrive(letter.letter_id)
    assert letter.reason in str(refused.value)
    commands(box).drop(letter.letter_id)
    catch_up(box)
    assert box.dead_letter_reads().dead_letters(Window(limit=10), outcome="open").items == []
