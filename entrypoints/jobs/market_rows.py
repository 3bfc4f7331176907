"""Trades and tickers as Arrow rows -> their tables, by COPY."""

from collections.abc import Collection
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Connection

from adapters.avro.values import micros
from adapters.sql.copy import (
    TICKER_COLUMNS,
    TRADE_COLUMNS,
    copy_new_tickers,
    copy_new_trades,
    latest_ticker_times,
    max_trade_ids,
    merge_tickers,
    merge_trades,
)

_CSV = pyarrow.csv.WriteOptions(include_header=False)
_NONE = -(2**63)


def add_trades(connection: Connection, rows: Any, pairs: Collection[str]) -> int:
    """Add a table of trades, in the log's order; returns how many were new. Locks `pairs`, at least the rows' own.

    Raises InvalidValue for a trade whose id is that of a different one, stored or earlier in `rows`.
    """
    rows = rows.select(TRADE_COLUMNS).combine_chunks()
    highest = max_trade_ids(connection, {*pairs, *rows["pair"].unique().to_pylist()})
    ids = _integers(rows["trade_id"])
    above = _above(rows["pair"], ids, highest)
    fresh = above & _first(_codes(rows["pair"]), ids)
    # The merge compares every row that is not new with what is stored, repeated ones of these rows as well.
    return _add(connection, rows, fresh, ~fresh, copy_new_trades, merge_trades)


def add_tickers(connection: Connection, rows: Any, pairs: Collection[str]) -> int:
    """Add a table of tickers; as `add_trades`."""
    rows = rows.select(TICKER_COLUMNS).combine_chunks()
    times = latest_ticker_times(connection, {*pairs, *rows["pair"].unique().to_pylist()})
    at = _integers(rows["timestamp"].cast(pa.int64()))
    above = _above(rows["pair"], at, {pair: micros(latest) for pair, latest in times.items()})
    fresh = above & _first(_codes(rows["event_id"]), at)  # the event's id has the pair in it
    return _add(connection, rows, fresh, ~above, copy_new_tickers, merge_tickers)


def _add(connection: Connection, rows: Any, fresh: Any, others: Any, copy: Any, merge: Any) -> int:
    added = 0
    if fresh.any():
        added += copy(connection, _csv(rows if fresh.all() else rows.filter(pa.array(fresh))))
    if others.any():
        added += merge(connection, _csv(rows.filter(pa.array(others))))
    return added


def _csv(rows: Any) -> BinaryIO:
    file = BytesIO()
    pyarrow.csv.write_csv(rows, file, _CSV)
    file.seek(0)
    return file


def _integers(column: Any) -> npt.NDArray[np.int64]:
    return np.asarray(column, dtype=np.int64)


def _codes(column: Any) -> npt.NDArray[np.int64]:
    return np.asarray(column.combine_chunks().dictionary_encode().indices, dtype=np.int64)


def _above(pairs: Any, numbers: npt.NDArray[np.int64], highest: dict[str, int]) -> npt.NDArray[np.bool_]:
    """Which numbers lie above the highest stored of their pair, or have none to lie above."""
    encoded = pairs.combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    codes = np.asarray(encoded.indices)
    limits = np.array([highest.get(name, _NONE) for name in names], dtype=np.int64)
    unknown = np.array([name not in highest for name in names], dtype=np.bool_)
    above: npt.NDArray[np.bool_] = (numbers > limits[codes]) | unknown[codes]
    return above


def _first(codes: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which rows are the first with their code and number."""
    order = np.lexsort((numbers, codes))  # stable: equal ones stay as they came
    again = (codes[order[1:]] == codes[order[:-1]]) & (numbers[order[1:]] == numbers[order[:-1]])
    first = np.ones(len(codes), np.bool_)
    first[order[1:][again]] = False
    return first
