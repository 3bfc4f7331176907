"""Adding many rows to PostgreSQL and TimescaleDB at once, by COPY of ready-made CSV.

A hypertable's unique keys must hold its time column, yet a trade is one by pair and id whatever its time. So whoever adds
trades or tickers first takes the lock of each pair (`max_trade_ids`, `latest_ticker_times`): what the stored maximum
says then stays true until the transaction ends. Rows beyond the maximum are new for sure and go straight into the table;
the others go through a staging table that is compared with what is stored. Transactions that write several kinds of rows
take the locks in one order, or they could wait for each other: tickers, trades, candles; each kind's pairs all at once.

The CSV has the columns of TRADE_COLUMNS, TICKER_COLUMNS or CANDLE_COLUMNS in that order, in UTF-8: text in quotes, NULL as
nothing without quotes, times with their zone; text has been made storable (`adapters.sql.types.storable`).
"""

import zlib
from collections import namedtuple
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, BinaryIO

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from adapters.sql.market_rows import to_trade
from adapters.sql.tables import candle_data, ticker_data, trade_data
from domain.market.numbering import check_same

TRADE_COLUMNS = tuple(column.name for column in trade_data.columns)
TICKER_COLUMNS = tuple(column.name for column in ticker_data.columns)
CANDLE_COLUMNS = tuple(column.name for column in candle_data.columns)

TradeKey = tuple[str, int]
_TradeRow = namedtuple("_TradeRow", TRADE_COLUMNS)  # type: ignore[misc]  # names that only the table knows

_READ_AT_ONCE = 1 << 18  # bytes of CSV

_LOCK = "SELECT pg_advisory_xact_lock(%s, number) FROM unnest(%s::int[]) AS number"
_HIGHEST = """
    SELECT pair, (SELECT max({column}) FROM {table} WHERE {table}.pair = given.pair)
    FROM (SELECT name COLLATE "C" AS pair FROM unnest(%s::text[]) AS name) AS given
"""
# OFFSET 0 keeps the look-up by index: joined freely, the planner may choose to read the whole table.
_MERGE_TRADES = """
    WITH known AS MATERIALIZED (
        SELECT stored.pair, stored.trade_id
        FROM (SELECT pair, array_agg(trade_id ORDER BY trade_id) AS ids FROM {staged} GROUP BY pair) AS given,
        LATERAL (
            SELECT pair, trade_id FROM trade_data
            WHERE trade_data.pair = given.pair AND trade_data.trade_id = ANY (given.ids) OFFSET 0
        ) AS stored
    )
    INSERT INTO trade_data ({columns})
    SELECT DISTINCT ON (pair, trade_id) {columns} FROM {staged}
    WHERE NOT EXISTS (SELECT FROM known WHERE known.pair = {staged}.pair AND known.trade_id = {staged}.trade_id)
    ORDER BY pair, trade_id, {staged}.ctid
    ON CONFLICT DO NOTHING
    RETURNING pair, trade_id
"""
# Of the staged trades whose ids are stored, those whose content is not exactly what is stored.
_DIFFERING_TRADES = """
    SELECT {of_stored}, {of_staged}
    FROM (SELECT pair, array_agg(trade_id ORDER BY trade_id) AS ids FROM {staged} GROUP BY pair) AS given,
    LATERAL (
        SELECT {columns} FROM trade_data
        WHERE trade_data.pair = given.pair AND trade_data.trade_id = ANY (given.ids) OFFSET 0
    ) AS stored
    JOIN {staged} AS staged USING (pair, trade_id)
    WHERE (stored.price, stored.volume, stored.side, stored.venue, stored."timestamp")
        IS DISTINCT FROM (staged.price, staged.volume, staged.side, staged.venue, staged."timestamp")
    ORDER BY staged.ctid
"""
_MERGE_TICKERS = "INSERT INTO ticker_data ({columns}) SELECT {columns} FROM {staged} ON CONFLICT DO NOTHING"
_MERGE_CANDLES = """
    INSERT INTO candle_data ({columns}) SELECT {columns} FROM {staged}
    ON CONFLICT (pair, "interval", start) DO UPDATE SET {updates}
"""


def lock_pairs(connection: Connection, table: Table, pairs: Collection[str]) -> None:
    """Wait until no other transaction that asked for these pairs of this table is open; others then wait for ours."""
    # Sorted by what is locked: two transactions must not wait for each other. The form with two keys is a space of its
    # own: `statements.only_writer_of` uses the one with a single key.
    keys = sorted({_key(pair) for pair in pairs})
    if keys:
        connection.exec_driver_sql(_LOCK, (_key(table.name), keys))


def max_trade_ids(connection: Connection, pairs: Collection[str]) -> dict[str, int]:
    """Lock these pairs for adding trades, then look up the highest id of each; pairs without trades are left out."""
    return _highest(connection, trade_data, "trade_id", pairs)


def copy_new_trades(connection: Connection, csv: BinaryIO) -> int:
    """Add trades of locked pairs with ids above the pair's maximum, each once in the CSV; returns how many."""
    return _copy(connection, trade_data.name, TRADE_COLUMNS, csv)


def merge_trades(connection: Connection, csv: BinaryIO) -> int:
    """Add those trades of locked pairs that are not stored yet, whatever their time; returns how many were new.

    Of lines with the same pair and id the first counts. Raises InvalidValue for a trade whose id is that of a different
    one, stored or in an earlier line.
    """
    return len(merged_trades(connection, csv))


def merged_trades(connection: Connection, csv: BinaryIO) -> list[TradeKey]:
    """The same; returns the keys of those that were new."""
    staged, count = _staged(connection, trade_data, TRADE_COLUMNS, csv)
    columns = _listed(TRADE_COLUMNS)
    new = connection.exec_driver_sql(_MERGE_TRADES.format(staged=staged, columns=columns)).all()
    if len(new) < count:
        _check_known(connection, staged)
    _drop(connection, staged)
    return [(row.pair, row.trade_id) for row in new]


def latest_ticker_times(connection: Connection, pairs: Collection[str]) -> dict[str, datetime]:
    """Lock these pairs for adding tickers, then look up the latest time (UTC) of each; pairs without are left out."""
    latest: dict[str, datetime] = _highest(connection, ticker_data, "timestamp", pairs)
    return {pair: at.astimezone(UTC) for pair, at in latest.items()}


def copy_new_tickers(connection: Connection, csv: BinaryIO) -> int:
    """Add tickers of locked pairs later than the pair's latest, each once in the CSV; returns how many."""
    return _copy(connection, ticker_data.name, TICKER_COLUMNS, csv)


def merge_tickers(connection: Connection, csv: BinaryIO) -> int:
    """Add those tickers of locked pairs that are not stored yet; returns how many were new."""
    return _staged_count(connection, ticker_data, TICKER_COLUMNS, csv, _MERGE_TICKERS)


def merge_candles(connection: Connection, csv: BinaryIO) -> int:
    """Insert or replace candles, each bucket once in the CSV; returns how many."""
    return _staged_count(connection, candle_data, CANDLE_COLUMNS, csv, _MERGE_CANDLES)


def _key(name: str) -> int:
    return zlib.crc32(name.encode()) - (1 << 31)  # PostgreSQL's int4


def _highest(connection: Connection, table: Table, column: str, pairs: Collection[str]) -> dict[str, Any]:
    lock_pairs(connection, table, pairs)
    if not pairs:
        return {}
    # A statement after the one that locks: it sees what was committed while that one waited.
    query = _HIGHEST.format(table=table.name, column=column)
    rows = connection.exec_driver_sql(query, (list(pairs),)).all()
    return {pair: highest for pair, highest in rows if highest is not None}


def _check_known(connection: Connection, staged: str) -> None:
    """Raise InvalidValue where a staged trade is not the one that is stored under its id."""
    of_stored, of_staged = (", ".join(f'{table}."{name}"' for name in TRADE_COLUMNS) for table in ("stored", "staged"))
    query = _DIFFERING_TRADES.format(
        of_stored=of_stored, of_staged=of_staged, columns=_listed(TRADE_COLUMNS), staged=staged
    )
    width = len(TRADE_COLUMNS)
    for row in connection.exec_driver_sql(query):
        check_same(to_trade(_TradeRow(*row[:width])), to_trade(_TradeRow(*row[width:])))


def _staged_count(connection: Connection, table: Table, columns: tuple[str, ...], csv: BinaryIO, merge: str) -> int:
    staged, _ = _staged(connection, table, columns, csv)
    keys = {column.name for column in table.primary_key}
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in keys)
    result = connection.exec_driver_sql(merge.format(staged=staged, columns=_listed(columns), updates=updates))
    _drop(connection, staged)
    return int(result.rowcount)


def _staged(connection: Connection, table: Table, columns: tuple[str, ...], csv: BinaryIO) -> tuple[str, int]:
    """Copy the CSV into a temporary table; returns its name and its number of rows."""
    staged = f"{table.name}_staged"
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {staged} (LIKE {table.name}) ON COMMIT DROP")
    return staged, _copy(connection, staged, columns, csv)


def _drop(connection: Connection, staged: str) -> None:
    connection.exec_driver_sql(f"DROP TABLE {staged}")  # a second merge of the same transaction creates it again


def _copy(connection: Connection, table: str, columns: tuple[str, ...], csv: BinaryIO) -> int:
    statement = f"COPY {table} ({_listed(columns)}) FROM STDIN (FORMAT csv, ENCODING 'UTF8')"
    driver, dialect = connection.connection, connection.dialect
    errors = dialect.loaded_dbapi.Error
    with closing(driver.cursor()) as cursor:
        try:
            cursor.copy_expert(statement, csv, _READ_AT_ONCE)
        except errors as error:  # SQLAlchemy knows no COPY: do with its errors as it does elsewhere
            lost = dialect.is_disconnect(error, driver, cursor)
            wrapped = DBAPIError.instance(statement, None, error, errors, connection_invalidated=lost, dialect=dialect)
            if lost:
                connection.invalidate(error)
            raise wrapped from error
        return int(cursor.rowcount)


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
