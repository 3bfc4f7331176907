"""Answers of Kraken's REST interface -> domain events. Pure. Source: docs.kraken.com/api/docs/rest-api and recordings.

Every answer is HTTP 200 with an `error` array; the key of `result` beside `last` varies with the pair's age.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import Raw, Struct, field

from adapters.kraken.messages import TradeId
from adapters.kraken.moment import from_seconds
from adapters.kraken.names import VENUE, canonical
from adapters.kraken.numbers import check_numbers
from adapters.kraken.v1 import ORDER_TYPES
from application.ports.trade_history import HistoryUnavailable, TradePage
from domain.admission import Admission
from domain.dead_letter import DeadLettered
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.turns import Concern
from domain.values import Origin, Pair, Side

KIND = "kraken-rest"
PAGE = 1000
_RATE_LIMIT_WAIT_S = 15.0  # second-hand: a full counter empties by one every 3 s
_UNANSWERED_WAIT_S = 5.0
_REFUSED_WAIT_S = 600.0  # asking again will not help soon
_LONGEST_WAIT_S = 600.0


class _Answer(Struct):
    error: list[str] = field(default_factory=list)
    result: dict[str, Raw] | None = None


class _Trade(Struct, array_like=True):
    price: Decimal
    volume: Decimal
    time: Decimal
    side: Literal["b", "s"]
    order_type: str
    misc: str
    trade_id: TradeId | None = None


class _Candle(Struct, array_like=True):
    start: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    vwap: Decimal
    volume: Decimal
    trades: int


class _Listed(Struct):
    wsname: str | None = None
    altname: str | None = None


_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_rows = msgspec.json.Decoder(list[Raw]).decode
_decode_trade = msgspec.json.Decoder(_Trade).decode
_decode_candle = msgspec.json.Decoder(_Candle).decode
_decode_listed = msgspec.json.Decoder(_Listed).decode
_decode_last = msgspec.json.Decoder(str | int).decode
_UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)


def trade_page(raw: bytes, *, pair: Pair, since: str, received_at: datetime, origin: Origin, place: str) -> TradePage:
    """A page of trades. A row that cannot be read, or has no id, is a dead letter among `refused`.

    `next_since` is the venue's `last`, kept as text (as a float it would page for ever); None on the last page, which is
    one whose `last` is no newer than `since`: pages in the middle of a long history may be short.
    Raises HistoryUnavailable.
    """
    rows, last, warnings = _read(raw, received_at)
    admission = Admission(received_at)
    trades: list[TradeExecuted] = []
    refused: list[Event] = []
    for row in rows:
        try:
            check_numbers(row)
            trade = _trade(_decode_trade(row), pair, received_at, origin)
            admission.admit(trade)
            trades.append(trade)
        except _UNREADABLE as error:
            letter = DeadLettered(
                occurred_at=received_at,
                recorded_at=received_at,
                origin=origin,
                kind=KIND,
                place=place,
                reason=f"a trade of {pair}: {str(error)[:300]}",
                raw=bytes(row),
            )
            refused.append(letter)
    return TradePage(trades, refused, last if last is not None and _is_newer(last, since) else None, warnings)


def closed_candles(
    raw: bytes, *, pair: Pair, interval: Interval, received_at: datetime, origin: Origin
) -> tuple[list[CandleImported], list[str], tuple[str, ...]]:
    """The closed candles of an answer, oldest first, why others could not be read, and the venue's warnings.

    The last row is unfinished: `last` names the last closed one. Buckets without trades are left out, as in Kraken's
    files and in candles of our own. Raises HistoryUnavailable.
    """
    rows, last, warnings = _read(raw, received_at)
    if last is None or not last.isdecimal():
        rows = rows[:-1]
    admission = Admission(received_at)
    candles: list[CandleImported] = []
    refused: list[str] = []
    for row in rows:
        try:
            check_numbers(row)
            read = _decode_candle(row)
            if read.trades and (last is None or not last.isdecimal() or read.start <= int(last)):
                candle = _candle(read, pair, interval, received_at, origin)
                admission.admit(candle)
                candles.append(candle)
        except _UNREADABLE as error:
            refused.append(f"a candle of {pair}: {str(error)[:300]}")
    return candles, refused, warnings


def listed_pairs(raw: bytes, received_at: datetime) -> tuple[list[Pair], tuple[str, ...]]:
    """The pairs of an AssetPairs answer under their present names, and the venue's warnings. Raises HistoryUnavailable.

    Entries whose name cannot be read are left out: nobody could follow them.
    """
    result, warnings = result_of(raw, received_at)
    pairs: list[Pair] = []
    for key, entry in result.items():
        try:
            listed = _decode_listed(entry)
            pairs.append(canonical(listed.wsname or listed.altname or key))
        except _UNREADABLE:
            continue
    return pairs, warnings


def result_of(raw: bytes, received_at: datetime) -> tuple[dict[str, Raw], tuple[str, ...]]:
    """The result of an answer, and the warnings beside it: codes begin with E (error) or W (warning).

    Raises HistoryUnavailable.
    """
    try:
        answer = _decode_answer(raw)
    except _UNREADABLE as error:
        raise _unreadable(error) from error
    errors = [text for text in answer.error if not text.startswith("W")]
    if errors:
        raise _refusal(errors, received_at)
    warnings = tuple(text[:300] for text in answer.error)
    if answer.result is None:
        said = f", but said: {'; '.join(warnings)}" if warnings else ""
        raise HistoryUnavailable(f"Kraken's answer has no result{said}"[:300], _UNANSWERED_WAIT_S, Concern.OWN)
    return answer.result, warnings


def _read(raw: bytes, received_at: datetime) -> tuple[list[Raw], str | None, tuple[str, ...]]:
    """The rows of the one pair in an answer, its `last`, and the warnings."""
    result, warnings = result_of(raw, received_at)
    try:
        last = str(_decode_last(result["last"])) if "last" in result else None
        keys = [key for key in result if key != "last"]
        if len(keys) == 1:
            return _decode_rows(result[keys[0]]), last, warnings
    except _UNREADABLE as error:
        raise _unreadable(error) from error
    raise HistoryUnavailable("Kraken's answer has no rows, or those of several pairs", _UNANSWERED_WAIT_S, Concern.OWN)


def _unreadable(error: Exception) -> HistoryUnavailable:
    return HistoryUnavailable(f"Kraken's answer cannot be read: {str(error)[:200]}", _UNANSWERED_WAIT_S, Concern.OWN)


def _is_newer(last: str, since: str) -> bool:
    if last.isdecimal() and since.isdecimal():
        return int(last) > int(since)
    return last not in {"", since}


def _refusal(errors: list[str], now: datetime) -> HistoryUnavailable:
    """`EAPI:Rate limit exceeded`, `EService:Throttled: 1790401300` (when to come back), `EQuery:Unknown asset pair`.

    What is not known to be the venue's trouble concerns the pair that was asked for alone.
    """
    text = "; ".join(errors)[:300]
    lower = text.lower()
    wait, concern = _REFUSED_WAIT_S, Concern.ALL
    if "rate limit" in lower or "too many" in lower:
        wait = _RATE_LIMIT_WAIT_S
    elif "throttled" in lower:
        until = lower.rpartition(":")[2].strip()
        left = int(until) - now.timestamp() if until.isdecimal() and len(until) < 12 else 0.0
        wait = min(max(left, _UNANSWERED_WAIT_S), _LONGEST_WAIT_S)
    elif lower.startswith(("eservice", "egeneral:internal", "egeneral:temporary")):
        wait = _RATE_LIMIT_WAIT_S
    else:
        concern = Concern.OWN
    return HistoryUnavailable(f"Kraken refused: {text}", wait, concern)


def _trade(row: _Trade, pair: Pair, received_at: datetime, origin: Origin) -> TradeExecuted:
    if row.trade_id is None:
        raise InvalidValue("trade_id", "the row has no trade id")
    return TradeExecuted(
        occurred_at=from_seconds(row.time),
        recorded_at=received_at,
        origin=origin,
        venue=VENUE,
        pair=pair,
        trade_id=row.trade_id,
        price=row.price,
        volume=row.volume,
        side=Side(row.side),
        order_type=ORDER_TYPES.get(row.order_type),
    )


def _candle(row: _Candle, pair: Pair, interval: Interval, received_at: datetime, origin: Origin) -> CandleImported:
    start = from_seconds(Decimal(row.start))
    return CandleImported(
        occurred_at=start + timedelta(seconds=interval.seconds),
        recorded_at=received_at,
        origin=origin,
        venue=VENUE,
        pair=pair,
        interval=interval,
        start=start,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        vwap=row.vwap,
        trades=row.trades,
    )
