"""Frames of Kraken's WebSocket v1 -> domain events. A decoder only: the live feed speaks v2.

v1 is maintained but frozen. It says XBT for BTC and XDG for DOGE, gives trades no id (they get one from their content)
and tickers no time. Source: docs.kraken.com/api/docs/websocket-v1 and recorded frames. Pure; it never raises.
"""

from datetime import datetime
from decimal import Decimal, DecimalException
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct, field

from adapters.kraken.messages import (
    Answer,
    Broken,
    Error,
    Frame,
    Heartbeat,
    Pong,
    StatusFrame,
    Subscribed,
    SystemState,
    TickerFrame,
    TradeFrame,
    Unknown,
)
from adapters.kraken.moment import from_seconds
from adapters.kraken.names import VENUE, canonical
from adapters.kraken.numbers import check_numbers
from adapters.kraken.parse import KIND, Parsed, frame_hash
from adapters.kraken.trade_ids import Occurrences, content_id
from domain.admission import Admission
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import EXACT, Origin, Side, percent_change, positive

KIND_V1 = f"{KIND}-v1"
ORDER_TYPES = {"l": "limit", "m": "market"}
TodayAnd24h = Annotated[list[Decimal], Meta(min_length=2, max_length=2)]


class _Trade(Struct, array_like=True):
    price: Decimal
    volume: Decimal
    time: Decimal
    side: Literal["b", "s"]
    order_type: str
    misc: str = ""


class _Quote(Struct, array_like=True):
    price: Decimal
    whole_lots: Any
    quantity: Decimal


class _Close(Struct, array_like=True):
    price: Decimal
    quantity: Decimal


class _Ticker(Struct):
    a: _Quote
    b: _Quote
    c: _Close
    v: TodayAnd24h
    p: TodayAnd24h
    l: TodayAnd24h  # noqa: E741 - the venue's name: lows
    h: TodayAnd24h
    o: TodayAnd24h


class _Message(Struct):
    event: str | None = None
    status: str | None = None
    pair: str | None = None
    channel_name: str | None = field(default=None, name="channelName")
    error_message: str | None = field(default=None, name="errorMessage")
    reqid: int | None = None
    subscription: dict[str, Any] | None = None
    error_text: str | None = field(default=None, name="Error")


_decode_array = msgspec.json.Decoder(list[Raw]).decode
_decode_message = msgspec.json.Decoder(_Message).decode
_decode_trade = msgspec.json.Decoder(_Trade).decode
_decode_ticker = msgspec.json.Decoder(_Ticker).decode
_decode_text = msgspec.json.Decoder(str).decode
_REFUSED = (msgspec.MsgspecError, ValueError, OverflowError, DecimalException, RecursionError)


def parse_v1(raw: bytes, *, received_at: datetime, origin: Origin, place: str, now: datetime | None = None) -> Parsed:
    """Read one v1 frame, as `adapters.kraken.parse.parse` reads one of v2. v1 marks no snapshots."""
    admission = Admission(now or received_at)
    events: list[Event] = []
    refused: list[str] = []
    frame: Frame = Broken()
    try:
        if raw.lstrip()[:1] == b"[":
            parts = _decode_array(raw)
            frame = _channel(parts)
            if isinstance(frame, TradeFrame):
                events += _trades(parts, received_at, origin, refused, admission)
            elif isinstance(frame, TickerFrame):
                check_numbers(parts[1])
                ticker = _ticker(_decode_ticker(parts[1]), _decode_text(parts[-1]), raw, received_at, origin)
                admission.admit(ticker)
                events.append(ticker)
        else:
            frame = _told(_decode_message(raw))
    except _REFUSED as error:
        refused.append(str(error))
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        events.append(
            DeadLettered(
                occurred_at=received_at,
                recorded_at=received_at,
                origin=origin,
                kind=KIND_V1,
                place=place,
                reason=refused[0][:300] + more,
                raw=raw,
            )
        )
    return events, frame


def _channel(parts: list[Raw]) -> Frame:
    """`[channel id, payload, channel name, pair]`; a book update may have two payloads. Names and rows stay in `parts`."""
    if len(parts) < 4:
        return Unknown("an array of another form")
    name = _decode_text(parts[-2])
    if name == "trade":
        return TradeFrame("update", [])
    return TickerFrame("update", []) if name == "ticker" else Unknown(name[:40])


def _trades(
    parts: list[Raw], received_at: datetime, origin: Origin, refused: list[str], admission: Admission
) -> list[Event]:
    events: list[Event] = []
    pair, occurrences = _decode_text(parts[-1]), Occurrences()
    for number, row in enumerate(_decode_array(parts[1]), 1):
        try:
            check_numbers(row)
            trade = _trade(_decode_trade(row), pair, received_at, origin, occurrences)
            admission.admit(trade)
            events.append(trade)
        except _REFUSED as error:
            refused.append(f"trade {number} of {pair[:40]}: {error}")
    return events


def _trade(row: _Trade, name: str, received_at: datetime, origin: Origin, occurrences: Occurrences) -> TradeExecuted:
    pair, at = canonical(name), from_seconds(row.time)
    positive(row.price, "price")
    positive(row.volume, "volume")
    occurrence = occurrences.next(pair, at, row.price, row.volume)
    return TradeExecuted(
        occurred_at=at,
        recorded_at=received_at,
        origin=origin,
        venue=VENUE,
        pair=pair,
        trade_id=content_id(pair, at, row.price, row.volume, occurrence),
        price=row.price,
        volume=row.volume,
        side=Side(row.side),
        order_type=ORDER_TYPES.get(row.order_type),
    )


def _ticker(row: _Ticker, name: str, raw: bytes, received_at: datetime, origin: Origin) -> TickerUpdated:
    last, day = row.c.price, 1  # each list is [today, the last 24 hours]
    return TickerUpdated(
        occurred_at=received_at,
        recorded_at=received_at,
        origin=origin,
        venue=VENUE,
        pair=canonical(name),
        last=last,
        bid=row.b.price,
        bid_qty=row.b.quantity,
        ask=row.a.price,
        ask_qty=row.a.quantity,
        volume_24h=row.v[day],
        vwap_24h=row.p[day],
        low_24h=row.l[day],
        high_24h=row.h[day],
        change_24h=EXACT.subtract(last, row.o[day]),
        pct_change=percent_change(row.o[day], last) if row.o[day] else Decimal(0),
        frame_hash=frame_hash(raw, received_at, 0),
    )


def _told(message: _Message) -> Frame:
    match message.event:
        case "heartbeat":
            return Heartbeat()
        case "pong":
            return Pong()
        case "systemStatus":
            return StatusFrame([SystemState(message.status or "unknown")])
        case "subscriptionStatus":
            return _answer(message)
        case "error":
            return Error(message.error_message or "no reason given")
    return (
        Unknown((message.event or "an object without event")[:40])
        if message.error_text is None
        else Error(message.error_text)
    )


def _answer(message: _Message) -> Answer:
    name = (message.subscription or {}).get("name")
    channel = name if isinstance(name, str) else (message.channel_name or "")
    return Answer(
        method="unsubscribe" if message.status == "unsubscribed" else "subscribe",
        success=message.status != "error",
        result=None if message.status == "error" else Subscribed(channel, message.pair),
        error=message.error_message if message.status == "error" else None,
        symbol=message.pair,
        req_id=message.reqid,
    )
