"""Decoded trades and tickers, checked many at once.

What passes here would pass the codec, the domain and the admission too, and becomes a row as it is. What does not pass
is doubtful, no more: it gets a second look, record by record, which finds the exact reason or that it is good after all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.avro.values import micros, origin_of, pair_of, side_of
from adapters.spark.decimals import Decimals, Mask, decimals_of
from adapters.spark.decoding import END
from domain.admission import AHEAD_AT_MOST, EARLIEST, refused_name

_MINUTE = 60_000_000  # microseconds
_TIME = pa.timestamp("us", tz="UTC")
_NOT_NEGATIVE = ("bid", "bid_qty", "ask", "ask_qty", "volume_24h", "vwap_24h", "low_24h", "high_24h")
_SIGNED = ("change_24h", "pct_change")

Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sifted:
    """`rows` has the table's columns, of the good records alone; `doubtful` marks the others by place in the batch."""

    rows: Any  # pyarrow.RecordBatch
    doubtful: Mask


def sift_trades(records: Any, *, end: bytes, now: datetime) -> Sifted:
    """Check a struct array of trades, as `decoding.decoded` makes it, at `now` (UTC)."""
    columns = _columns(records)
    price, volume = decimals_of(columns["price"]), decimals_of(columns["volume"])
    texts = {"venue": _name, "pair": _pair, "origin": _origin, "side": _side, "order_type": _name_or_none}
    good = _good(columns, ("trade_id",), texts, end, now)
    good &= price.positive & volume.positive
    number = columns["trade_id"].cast(pa.string())
    made = {
        "price": price.values,
        "volume": volume.values,
        "event_id": pc.binary_join_element_wise(columns["venue"], columns["pair"], number, ":"),
    }
    return _sifted(good, {**_plain(columns, "trade_id", "side", "order_type"), **made})


def sift_tickers(records: Any, *, end: bytes, now: datetime) -> Sifted:
    """Check a struct array of tickers, as `decoding.decoded` makes it, at `now` (UTC)."""
    columns = _columns(records)
    numbers: dict[str, Decimals] = {name: decimals_of(columns[name]) for name in ("last", *_NOT_NEGATIVE, *_SIGNED)}
    good = _good(columns, (), {"venue": _name, "pair": _pair, "origin": _origin, "frame_hash": _name_or_none}, end, now)
    good &= numbers["last"].positive
    for name in _NOT_NEGATIVE:
        good &= numbers[name].not_negative
    for name in _SIGNED:
        good &= numbers[name].exact
    untimed = pc.fill_null(pc.not_equal(columns["frame_hash"], ""), False)
    moment = pc.if_else(untimed, columns["frame_hash"], _rfc3339(columns["timestamp"], good))
    made = {name: column.values for name, column in numbers.items()}
    made["event_id"] = pc.binary_join_element_wise(columns["venue"], columns["pair"], moment, ":")
    return _sifted(good, {**_plain(columns, "frame_hash"), **made})


@dataclass(frozen=True, slots=True)
class SiftedMoments:
    """`pairs` and `minutes` (micros since 1970 of their starts), of the records that may be good; the rest as Sifted."""

    pairs: Any  # pyarrow.Array
    minutes: Any  # pyarrow.Array
    doubtful: Mask


def sift_moments(records: Any, *, end: bytes, now: datetime) -> SiftedMoments:
    """Check a struct array of trades' pairs and times alone, at `now` (UTC): what else is wrong with them, others find.

    A pair or time that cannot be is never good, so only what could not be decoded is doubtful.
    """
    columns = _columns(records)
    decoded = _whole(columns, end)
    at = columns["timestamp"]
    good = decoded & _within(at, now) & _each(columns["pair"], _pair)
    kept = pa.array(good)
    minutes = pc.multiply(pc.divide(at.filter(kept), _MINUTE), _MINUTE)
    return SiftedMoments(columns["pair"].filter(kept), minutes, ~decoded)


def _columns(records: Any) -> Columns:
    return dict(zip((field.name for field in records.type), records.flatten(), strict=True))


def _plain(columns: Columns, *names: str) -> dict[str, Any]:
    times = {name: columns[name].view(_TIME) for name in ("timestamp", "recorded_at")}
    return {**{name: columns[name] for name in ("pair", "venue", "origin", *names)}, **times}


def _sifted(good: Mask, columns: dict[str, Any]) -> Sifted:
    rows = pa.RecordBatch.from_pydict(columns)
    return Sifted(rows if good.all() else rows.filter(pa.array(good)), ~good)


def _good(
    columns: Columns,
    numbers: tuple[str, ...],
    texts: Mapping[str, Callable[[str | None], object]],
    end: bytes,
    now: datetime,
) -> Mask:
    good = _whole(columns, end)
    for name in numbers:
        good &= np.asarray(columns[name].is_valid())
    for name in ("timestamp", "recorded_at"):
        good &= _within(columns[name], now)
    for name, check in texts.items():
        good &= _each(columns[name], check)
    return good


def _whole(columns: Columns, end: bytes) -> Mask:
    whole: Mask = np.array(pc.fill_null(pc.equal(columns[END], end), False))
    return whole


def _within(times: Any, now: datetime) -> Mask:
    since = np.asarray(pc.fill_null(times, 0))  # 1970 is too early
    within: Mask = (since >= micros(EARLIEST)) & (since <= micros(now + AHEAD_AT_MOST))
    return within


def _each(column: Any, check: Callable[[str | None], object]) -> Mask:
    """Which texts a check of single values lets pass; it is asked once for each that differs."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:  # not UTF-8, some of them: the second look finds which
        return np.zeros(len(column), np.bool_)
    encoded = column.dictionary_encode()
    passes = np.array([_passes(check, value) for value in [*encoded.dictionary.to_pylist(), None]])
    passing: Mask = passes[np.asarray(pc.fill_null(encoded.indices, len(passes) - 1))]
    return passing


def _passes(check: Callable[[str | None], object], value: str | None) -> bool:
    try:
        return check(value) is not False
    except (ValueError, TypeError, AttributeError):
        return False


def _pair(value: str | None) -> bool:
    return value is not None and bool(pair_of(value))


def _origin(value: str | None) -> bool:
    return value is not None and bool(origin_of(value))


def _side(value: str | None) -> bool:
    side_of(value)
    return True


def _name(value: str | None) -> bool:
    return value is not None and _name_or_none(value)


def _name_or_none(value: str | None) -> bool:
    return refused_name(value) is None


def _rfc3339(micros_since: Any, good: Mask) -> Any:
    """As domain.values.rfc3339 writes it; years beyond the calendar, doubtful anyway, must not stop the others."""
    times = pc.if_else(pa.array(good), micros_since, 0).view(_TIME)
    return pc.replace_substring_regex(pc.strftime(times, "%Y-%m-%dT%H:%M:%SZ"), r"\.000000Z$", "Z")
