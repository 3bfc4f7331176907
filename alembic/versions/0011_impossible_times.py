"""Trades and tickers of times that cannot be become dead letters: releases before took them in, and answers fail on them."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from alembic import context, op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

EARLIEST = datetime(2009, 1, 3, tzinfo=UTC)
AHEAD = timedelta(days=1)  # wider than what is admitted now: clocks differ
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REASON = "its time is before 2009 or in the future: taken out of the tables when they were upgraded"
LETTER = sa.table(
    "dead_letter",
    *map(sa.column, ("letter_id", "event_id", "kind", "place", "reason", "raw", "partition", "offset")),
    *map(sa.column, ("reader", "location", "occurred_at", "recorded_at", "origin")),
)


def upgrade():
    if context.is_offline_mode():
        return  # rows cannot be looked at
    connection = op.get_bind()
    now = datetime.now(UTC)
    stored = (lambda time: time) if connection.dialect.name == "postgresql" else _microseconds
    between = (stored(EARLIEST), stored(now + AHEAD))
    for name in ("trade_data", "ticker_data"):
        _set_aside(connection, name, between, stored(now))
    for name in ("candle_data", "replaced_candle"):
        candles = sa.table(name, sa.column("start"))
        connection.execute(sa.delete(candles).where(sa.or_(*_outside(candles.c.start, between))))


def downgrade():
    pass  # what was taken out is in the dead letters, and in the log


def _outside(time, between):
    return time < between[0], time > between[1]


def _set_aside(connection, name, between, now):
    rows = sa.table(name, sa.column("pair"), sa.column("timestamp"))
    pairs = connection.scalars(sa.text("SELECT DISTINCT pair FROM candle_data UNION SELECT name FROM feed_data")).all()
    for pair in pairs:
        for outside in _outside(rows.c.timestamp, between):  # each by the index
            condition = sa.and_(rows.c.pair == pair, outside)
            found = connection.execute(sa.select(sa.text("*")).select_from(rows).where(condition)).mappings().all()
            for row in found:
                connection.execute(sa.insert(LETTER).values(_letter(row, name, now)))
            if found:
                connection.execute(sa.delete(rows).where(condition))


def _letter(row, table, now):
    place, raw = f"tables/{table}", json.dumps(dict(row), default=str).encode()
    letter_id = sha256(f"apply:store|{place}|0:0|".encode() + raw).hexdigest()[:20]  # as dead letters are named
    return {
        "letter_id": letter_id,
        "event_id": f"dead-letter:{letter_id}",
        "kind": "apply",
        "place": place,
        "reason": REASON,
        "raw": raw,
        "partition": 0,
        "offset": 0,
        "reader": "store",
        "location": "alembic/versions/0011_impossible_times.py",
        "occurred_at": now,
        "recorded_at": now,
        "origin": row["origin"],
    }


def _microseconds(time):
    return (time - EPOCH) // timedelta(microseconds=1)
