from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from adapters.memory.clock import FixedClock
from adapters.memory.event_log import MemoryEventLog
from application.operations.room import Room, Rooms
from application.ports.storage_report import DiskUsage, TableFound
from tests.builders import T0, trade


@dataclass
class Disk:
    """A disk, and what the log's file and the database take of it."""

    free: int = 10**12
    log: int = 600_000_000
    database: int = 1_200_000_000
    looked: int = field(default=0)

    def usage(self) -> DiskUsage:
        return DiskUsage(self.log, self.free, 2 * 10**12)

    def tables(self) -> list[TableFound]:
        return []

    def database_bytes(self) -> int:
        self.looked += 1
        return self.database


def _rooms(disk: Disk, clock: FixedClock, hours: list[int]) -> Rooms:
    log = MemoryEventLog()
    now = clock.now()
    log.append([trade(n, recorded_at=now - timedelta(hours=ago)) for n, ago in enumerate(hours)])
    return Rooms(disk, disk, log, clock)


def test_the_last_days_share_of_the_records_tells_what_a_day_takes() -> None:
    disk, clock = Disk(), FixedClock(T0)
    rooms = _rooms(disk, clock, [24 * day for day in range(6, 0, -1)])  # six records, the last of them a day ago
    room = rooms.room()
    assert room.bytes_per_day == pytest.approx(300_000_000)
    assert str(room) == "0.3 GB a day, room for 3,333 days"
    assert not room.is_short
    rooms.room()
    assert disk.looked == 1  # once a minute
    clock.set(T0 + timedelta(minutes=2))
    rooms.room()
    assert disk.looked == 2


def test_less_than_a_day_of_data_is_scaled() -> None:
    room = _rooms(Disk(), FixedClock(T0), [6, 5, 4, 3]).room()
    assert room.bytes_per_day == pytest.approx(1_800_000_000 * 4)


def test_without_data_no_rate_is_told() -> None:
    room = _rooms(Disk(), FixedClock(T0), []).room()
    assert (room.bytes_per_day, room.days, room.is_short) == (None, None, False)
    assert "free" in str(room)


@pytest.mark.parametrize(
    ("free", "is_short", "words"),
    [
        (890_000_000, True, "0.3 GB a day, room for 3 days"),
        (910_000_000, False, "0.3 GB a day, room for 3 days"),
        (5_000_000, True, "the disk has 5 MB left"),
    ],
)
def test_room_for_less_than_three_days_is_short(free: int, is_short: bool, words: str) -> None:
    room = Room(free, 300_000_000.0)
    assert room.is_short is is_short
    assert str(room).startswith(words)
