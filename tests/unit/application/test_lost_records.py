from application.lost_records import LOG_GAP, lost_records, note_lost_records
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor, Place
from application.ports.page import Window
from application.store import READER
from domain.values import Origin
from tests.builders import T0, trade
from tests.unit.application.conftest import World


def _lost(read: dict[str, int], oldest: dict[str, int]) -> list[tuple[str, int | None, str]]:
    letters = lost_records(Place(read), Place(oldest), reader="ingest", now=T0, origin=Origin.LIVE)
    return [(letter.place, letter.partition, letter.reason) for letter in letters]


def test_each_partition_that_begins_behind_its_reader_has_a_letter() -> None:
    read = {"rawtrade/0": 4, "rawtrade/1": 90, "rawticker/0": 7}
    oldest = {"rawtrade/0": 19, "rawtrade/1": 40, "rawticker/0": 7, "rawtrade/2": 5}
    [(place, partition, reason)] = _lost(read, oldest)
    assert (place, partition) == ("rawtrade", 0)
    assert "records 5 to 19" in reason


def test_nothing_is_lost_to_a_reader_that_is_new_or_that_has_read_all() -> None:
    assert _lost({}, {"rawtrade/0": 19}) == []
    assert _lost({"rawtrade/0": 19}, {"rawtrade/0": 19}) == []
    assert _lost({"": 3}, {}) == []


def test_a_gap_is_told_once_however_often_it_is_met(world: World) -> None:
    world.event_log.append([trade(number) for number in range(9)])
    with world.store.begin() as tx:
        tx.save_checkpoint(READER, Checkpoint(Cursor("2")))
    world.event_log.delete_before(Cursor("6"))
    for _ in range(2):
        assert note_lost_records(world.event_log, world.store, world.clock, reader="store", origin=Origin.LIVE) == 1
    world.projection.catch_up()
    [kept] = world.letters.dead_letters(Window(limit=9), outcome="open").items
    assert (kept.letter.kind, kept.letter.reader) == (LOG_GAP, "store")
    assert "records 3 to 6" in kept.letter.reason
    assert [found.trade_id for found in world.market.trades(trade(0).pair, Window()).items] == [8, 7, 6]
    assert note_lost_records(world.event_log, world.store, world.clock, reader="store", origin=Origin.LIVE) == 0
