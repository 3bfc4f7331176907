"""Between cursors and Kafka's offsets. A place names the last offset read, Kafka the next one to read."""

from collections.abc import Collection, Mapping

from adapters.kafka.offsets import Offsets, Partition
from application.ports.event_log import BEGINNING, Cursor, CursorTooOld, InvalidCursor, Place


def name_of(partition: Partition) -> str:
    """`rawtrade/0`, as places name it."""
    return f"{partition[0]}/{partition[1]}"


def place_before(offsets: Mapping[Partition, int]) -> Place:
    """The place before these offsets; partitions at offset 0 have nothing to name."""
    return Place({name_of(partition): offset - 1 for partition, offset in offsets.items() if offset > 0})


def oldest_cursor(offsets: Offsets) -> Cursor:
    """The oldest place of all topics that can be read from. Raises LogUnavailable."""
    return place_before(offsets.begins(offsets.partitions())).cursor


def starts(after: Cursor, topics: Collection[str], offsets: Offsets) -> dict[Partition, int]:
    """The offsets at which to begin after a cursor.

    A topic of which it names no partition begins at its oldest record; otherwise an unnamed partition is one of which
    nothing was read. Raises InvalidCursor, CursorTooOld, LogUnavailable.
    """
    numbers = Place.at(after).numbers
    known = {name_of((topic, number)) for topic, count in offsets.partitions().items() for number in range(count)}
    if numbers.keys() - known:  # partitions that were added a moment ago
        counts = offsets.partitions(at_once=True)
        known = {name_of((topic, number)) for topic, count in counts.items() for number in range(count)}
    if unknown := sorted(numbers.keys() - known):
        what = f"partition '{unknown[0][:40]}'" if unknown[0] else f"'{after[:40]}'"
        raise InvalidCursor(f"{what} is not of this log: expected a cursor that it gave out, or {BEGINNING}")
    named = {name.rpartition("/")[0] for name in numbers}
    bounds = offsets.bounds(topics)
    found: dict[Partition, int] = {}
    for partition, (begin, end) in bounds.items():
        name = name_of(partition)
        found[partition] = numbers.get(name, -1) + 1 if partition[0] in named else begin
        if found[partition] > end:
            raise InvalidCursor(f"the cursor is at {name}:{found[partition] - 1}, and the log ends at {end - 1} there")
    if any(start < bounds[partition][0] for partition, start in found.items()):
        raise CursorTooOld(oldest_cursor(offsets))
    return found
