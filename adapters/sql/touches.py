"""The order in which candles were written: what a stream of them resumes by.

A touch is the number of the transaction and the number of the candle within it. PostgreSQL numbers its transactions
when they begin to write, and they commit in any order, so readers look no further than the oldest one that still runs.
SQLite has one writer, which counts up.
"""

from typing import Any

from sqlalchemy import Connection, Select, func, select, text, tuple_
from sqlalchemy import literal as bind

from adapters.sql.market_rows import CANDLE_COLUMNS, to_candle
from adapters.sql.tables import candle_data, checkpoint
from application.ports.market_reads import Touch
from domain.market.candle import Candle

FORGOTTEN = "candle-touches"  # the checkpoint that keeps the last number when all candles are deleted

_NUMBER, _NTH = candle_data.c.touched, candle_data.c.touched_nth
_XID = text("SELECT pg_current_xact_id()::text::bigint")
_XMIN = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def touch_number(connection: Connection) -> int:
    """The number of this transaction's touches, higher than all committed before it began to write."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(_XID).scalar_one())
    return last_number(connection) + 1


def last_number(connection: Connection) -> int:
    """SQLite's latest number, also when the candles that had it were deleted."""
    forgotten = connection.scalar(select(checkpoint.c.cursor).where(checkpoint.c.reader == FORGOTTEN))
    return max(connection.scalar(select(func.max(_NUMBER))) or 0, int(forgotten or 0))


def candles_after(connection: Connection, touch: Touch, limit: int) -> list[tuple[Candle, Touch]]:
    """Candles written after `touch`, in the order of their last touch."""
    place = tuple_(bind(touch[0], _NUMBER.type), bind(touch[1], _NTH.type))
    query = select(*CANDLE_COLUMNS, _NUMBER, _NTH).where(tuple_(_NUMBER, _NTH) > place)
    query = _committed(connection, query).order_by(_NUMBER, _NTH).limit(limit)
    return [(to_candle(row), (row.touched, row.touched_nth)) for row in connection.execute(query)]


def last_touch(connection: Connection) -> Touch:
    """The latest touch that `candles_after` tells of now."""
    query = _committed(connection, select(_NUMBER, _NTH)).order_by(_NUMBER.desc(), _NTH.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return (row.touched, row.touched_nth) if row else (0, 0)


def _committed(connection: Connection, query: Select[Any]) -> Select[Any]:
    if connection.dialect.name != "postgresql":
        return query
    return query.where(connection.execute(_XMIN).scalar_one() > _NUMBER)
