"""Keeping what can be read of a damaged event log: a new file takes its place, with every record at its old position."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from adapters.embedded.errors import LogFileDamaged
from adapters.embedded.log_file import DAMAGED, LogFile, write_note

_AT_ONCE = 1_000
_HEADER_BYTES = 100
_LONGEST = 1 << 44  # of a file; more is damage in its header
_SIDE_FILES = ("-wal", "-shm", "-journal")
_RECORDS = "SELECT position, topic, key, value FROM event_log WHERE position > ? ORDER BY position LIMIT ?"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was kept of a damaged log: its `records`, and `aside`, where the damaged file is now."""

    records: int
    aside: Path


def open_or_repair(path: Path) -> Salvaged | None:
    """Make sure that the log's file can be opened, making it where it is missing; returns what was done to a damaged one.

    Raises LogFileUnusable for one of a newer format, LogUnavailable where it cannot be opened at all.
    """
    marker = path.with_name(path.name + DAMAGED)
    if not marker.exists():
        try:
            LogFile(path).close()
        except LogFileDamaged:
            pass
        else:
            return None
    return repair(path)


def repair(path: Path) -> Salvaged:
    """Put a new file with all records that can be read in the place of a damaged one, which is moved aside.

    Raises LogUnavailable when the new one cannot be written; the damaged one is then still in its place.
    """
    new = path.with_name(path.name + ".repaired")
    for name in ("", *_SIDE_FILES):
        new.with_name(new.name + name).unlink(missing_ok=True)
    new.touch(mode=0o600)
    file = LogFile(new)
    try:
        records, head = _copy(path, file)
        file.begin_after(head, is_hole=True)
    finally:
        file.close()
    aside = set_aside(path, "damaged")
    new.replace(path)
    path.with_name(path.name + DAMAGED).unlink(missing_ok=True)
    return Salvaged(records, aside)


def set_aside(path: Path, why: str) -> Path:
    """Rename a file, with those that SQLite keeps beside it, to `NAME.WHY-TIME`; returns its new name."""
    aside = aside_name(path, why)
    for name in (*_SIDE_FILES, ""):
        one = path.with_name(path.name + name)
        if one.exists():
            one.rename(aside.with_name(aside.name + name))
    return aside


def aside_name(path: Path, why: str) -> Path:
    """Return a name for a file that is moved aside, which no other file has."""
    stem = f"{path.name}.{why}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    aside, number = path.with_name(stem), 1
    while aside.exists():
        aside, number = path.with_name(f"{stem}-{number}"), number + 1
    return aside


def fill_up(path: Path) -> None:
    """Give a SQLite file that was cut the length that its header names, or SQLite refuses even the pages that are there.

    Raises OSError.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(b"SQLite format 3\0"):
        return
    page_size = int.from_bytes(header[16:18])
    length = (1 << 16 if page_size == 1 else page_size) * int.from_bytes(header[28:32])
    if path.stat().st_size < length < _LONGEST:
        os.truncate(path, length)  # what is added takes no room on the disk


def _copy(path: Path, file: LogFile) -> tuple[int, int]:
    """Copy schemas and records; returns how many records, and the highest position that was ever given as far as known."""
    records = 0
    fill_up(path)
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None)) as damaged:
        with file.writing() as connection:
            for schema in _all(damaged, "SELECT id, topic, fingerprint, schema FROM avro_schema"):
                connection.exec_driver_sql("INSERT OR IGNORE INTO avro_schema VALUES (?, ?, ?, ?)", schema)
            for name, value in _all(damaged, "SELECT name, value FROM log_note"):
                write_note(connection, str(name), str(value))
        head = max(
            (int(str(n)) for [n] in _all(damaged, "SELECT seq FROM sqlite_sequence WHERE name = 'event_log'")),
            default=0,
        )
        for found in _records(damaged, head):
            batch = [row for row in found if _is_record(row)]
            if not batch:
                continue
            with file.writing() as connection:
                connection.exec_driver_sql("INSERT INTO event_log VALUES (?, ?, ?, ?)", batch)
            records += len(batch)
            head = max(head, batch[-1][0])
    return records, head


def _is_record(row: tuple[object, ...]) -> bool:
    """A page that was cut off reads as zeros, and gives rows without content."""
    _, topic, key, value = row
    return isinstance(topic, str) and isinstance(key, str) and isinstance(value, bytes)


def _records(damaged: sqlite3.Connection, head: int) -> Iterator[list[tuple[int, str, str, bytes]]]:
    """All records that can be read, in order: where a page is damaged, from the first position behind it on."""
    after, limit, step = 0, _AT_ONCE, 1
    while True:
        try:
            rows = damaged.execute(_RECORDS, (after, limit)).fetchall()
        except sqlite3.DatabaseError:
            if limit > 1:
                limit = max(1, limit // 10)  # those before the damage, then one by one past it
                continue
            if after > head and step > _AT_ONCE:
                return
            after, step = after + step, min(step * 2, _AT_ONCE * 10)
            continue
        if step > 1:  # went over the damage, perhaps too far: look back
            after, rows = _first_behind(damaged, after - step // 2, after, rows)
            step = 1
        if not rows:
            return
        growing = _growing(rows, after)
        yield growing
        after, limit = growing[-1][0] if growing else after + 1, _AT_ONCE


def _growing(rows: list[tuple[int, str, str, bytes]], after: int) -> list[tuple[int, str, str, bytes]]:
    """The rows in the order of their positions: a damaged tree may lead to a row twice."""
    found = []
    for row in rows:
        if row[0] > after:
            found.append(row)
            after = row[0]
    return found


def _first_behind(
    damaged: sqlite3.Connection, bad: int, good: int, rows: list[tuple[int, str, str, bytes]]
) -> tuple[int, list[tuple[int, str, str, bytes]]]:
    """The lowest place that can be read from, between one that cannot and one that can."""
    while good - bad > 1:
        middle = (bad + good) // 2
        try:
            rows = damaged.execute(_RECORDS, (middle, 1)).fetchall()
            good = middle
        except sqlite3.DatabaseError:
            bad = middle
    return good, rows


def _all(damaged: sqlite3.Connection, statement: str) -> Sequence[tuple[object, ...]]:
    """The rows of a small table, as far as they can be read."""
    rows = []
    try:
        for row in damaged.execute(statement):
            rows.append(row)  # noqa: PERF402 - what came before an error counts
    except sqlite3.DatabaseError:
        return rows
    return rows
