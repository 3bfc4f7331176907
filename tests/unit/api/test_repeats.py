from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.event_log import MemoryEventLog
from application.ports.event_log import BEGINNING, Place, Position, Recorded, Unreadable
from application.topics import TRADES
from entrypoints.api.stream.repeats import Repeats, reader_from_before
from tests.builders import trade


def _record(position: int, trade_id: int) -> Recorded:
    return Recorded(Position("", position), TRADES, trade(trade_id))


@given(st.lists(st.integers(1, 30), max_size=80), st.integers(1, 9))
def test_within_the_window_no_row_comes_twice_and_none_is_lost(trade_ids: list[int], batch: int) -> None:
    repeats = Repeats(window=100)
    records = [_record(position, trade_id) for position, trade_id in enumerate(trade_ids, 1)]
    told = [one for at in range(0, len(records), batch) for one in repeats.left_out(records[at : at + batch])]
    assert [one.event for one in told if isinstance(one, Recorded)] == [trade(one) for one in dict.fromkeys(trade_ids)]


def test_what_is_remembered_is_bounded_and_what_cannot_be_read_is_handed_on() -> None:
    repeats = Repeats(window=10)
    unreadable = Unreadable(Position("", 1), TRADES, b"", "no Avro")
    assert repeats.left_out([unreadable, unreadable]) == [unreadable, unreadable]
    repeats.left_out([_record(number, number) for number in range(1, 1_001)])
    assert len(repeats._newest) + len(repeats._before) <= 10
    assert not repeats.left_out([_record(1_001, 996)])
    assert repeats.left_out([_record(1_002, 1)])


def test_a_reader_looks_back_but_never_past_what_was_deleted() -> None:
    log = MemoryEventLog()
    log.append([trade(number) for number in range(1, 101)])
    with reader_from_before(log, [TRADES], Place({"": 90})) as reader:
        assert len(reader.read(limit=1_000, timeout_s=0)) == 100
    with reader_from_before(log, [TRADES], Place.at(BEGINNING)) as reader:
        assert len(reader.read(limit=1_000, timeout_s=0)) == 100
