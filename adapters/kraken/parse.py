"""Frames of Kraken's WebSocket v2 -> domain events. Pure: the same frame, time and origin give the same events.

It never raises: what cannot be read becomes a dead letter, and the good rows beside a bad one go on. A dead letter
holds its frame as received, so it is redriven by calling `parse` again; rows that were good are known by their ids.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TypeVar

import msgspec

from adapters.kraken.messages import (
    Answer,
    Broken,
    Envelope,
    Error,
    Frame,
    Heartbeat,
    Pong,
    StatusFrame,
    TickerFrame,
    TickerRow,
    TradeFrame,
    TradeRow,
    Unknown,
)
from adapters.kraken.names import VENUE
from adapters.kraken.numbers import check_numbers
from domain.admission import AHEAD_AT_MOST, EARLIEST, Admission
from domain.construction import maker
from domain.dead_letter import DeadLettered
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side, rfc3339, utc

KIND = "kraken-frame"
Row = TypeVar("Row")

_decode_typed = msgspec.json.Decoder(TradeFrame | TickerFrame | StatusFrame | Heartbeat).decode
_decode_envelope = msgspec.json.Decoder(Envelope).decode
_decode_answer = msgspec.json.Decoder(Answer).decode
_decode_text = msgspec.json.Decoder(str).decode
_decode_trade = msgspec.json.Decoder(TradeRow).decode
_decode_ticker = msgspec.json.Decoder(TickerRow).decode
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
_trade, _ticker = maker(TradeExecuted), maker(TickerUpdated)
# In the names of a row's fields. A frame with more, or with other than plain ASCII, may hold numbers such as "1_000".
_UNDERSCORES = {TradeFrame: "trade_id ord_type".count("_"), TickerFrame: "bid_qty ask_qty change_pct".count("_")}
_BACKSLASH = 0x5C  # looked for as a number, in a fifth of the time
_ORDER_TYPES = frozenset({"limit", "market", None})
_MOST_PAIRS = 4096
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_REFUSED = (ValueError, OverflowError)  # InvalidValue is a ValueError; the other is a zone past the year 1
_from_iso = datetime.fromisoformat  # truncates what is beyond microseconds, as we do; quicker than our own parse_time
_MADE = frozenset({Origin.SIMULATED, Origin.RECORDING})


Parsed = tuple[list[Event], Frame]
"""What a frame says: its events in order (a dead letter last), and the frame itself for who keeps the session."""


def parse(raw: bytes, *, received_at: datetime, origin: Origin, place: str, now: datetime | None = None) -> Parsed:
    """Read one frame. `received_at` becomes `recorded_at`; `place` is the endpoint, for dead letters.

    Rows are admitted at `now`, which for a live frame is `received_at`; a recording's may lag behind its rows.
    `origin` is that of the session; a snapshot's rows get `snapshot` unless the data is simulated or a recording.
    """
    try:
        frame = _decode_typed(raw)
    except _UNREADABLE as error:
        return _Rest(raw, received_at, origin, place, now).parse(str(error))
    refused: list[str] = []
    if type(frame) is TradeFrame:
        if raw.count(b"_") != _UNDERSCORES[TradeFrame] * len(frame.data) or not raw.isascii() or _BACKSLASH in raw:
            return _Rest(raw, received_at, origin, place, now).parse("")
        events = _trades(frame, received_at, origin, refused, now)
    elif type(frame) is TickerFrame:
        if raw.count(b"_") != _UNDERSCORES[TickerFrame] * len(frame.data) or not raw.isascii() or _BACKSLASH in raw:
            return _Rest(raw, received_at, origin, place, now).parse("")
        events = _tickers(frame, raw, received_at, origin, refused, now)
    else:
        return [], frame
    if refused:
        events.append(_letter(refused, raw, received_at, origin, place))
    return events, frame


def _trades(
    frame: TradeFrame, received_at: datetime, origin: Origin, refused: list[str], now: datetime | None
) -> list[Event]:
    if frame.type == "snapshot" and origin not in _MADE:
        origin = Origin.SNAPSHOT
    events: list[Event] = []
    now = now or received_at
    latest = now + AHEAD_AT_MOST
    for row in frame.data:
        try:
            at = _from_iso(row.timestamp)
            if at.tzinfo is not UTC:
                at = utc(at, "timestamp")
            trade = _trade(
                occurred_at=at,
                recorded_at=received_at,
                origin=origin,
                venue=VENUE,
                pair=_PAIRS[row.symbol],
                trade_id=row.trade_id,
                price=row.price,
                volume=row.qty,
                side=_SIDES[row.side],
                order_type=row.ord_type,
            )
            if not EARLIEST <= at <= latest or row.ord_type not in _ORDER_TYPES:  # else nothing is left to refuse
                Admission(now).admit(trade)
        except _REFUSED as error:
            refused.append(f"trade {row.trade_id} of {row.symbol[:40]}: {error}")
        else:
            events.append(trade)
    return events


def _tickers(
    frame: TickerFrame, raw: bytes, received_at: datetime, origin: Origin, refused: list[str], now: datetime | None
) -> list[Event]:
    if frame.type == "snapshot" and origin not in _MADE:
        origin = Origin.SNAPSHOT
    events: list[Event] = []
    now = now or received_at
    latest = now + AHEAD_AT_MOST
    for number, row in enumerate(frame.data):
        try:
            at = received_at if row.timestamp is None else _from_iso(row.timestamp)
            if at.tzinfo is not UTC:
                at = utc(at, "timestamp")
            ticker = _ticker(
                occurred_at=at,
                recorded_at=received_at,
                origin=origin,
                venue=VENUE,
                pair=_PAIRS[row.symbol],
                last=row.last,
                bid=row.bid,
                bid_qty=row.bid_qty,
                ask=row.ask,
                ask_qty=row.ask_qty,
                volume_24h=row.volume,
                vwap_24h=row.vwap,
                low_24h=row.low,
                high_24h=row.high,
                change_24h=row.change,
                pct_change=row.change_pct,
                frame_hash=frame_hash(raw, received_at, number) if row.timestamp is None else None,
            )
            if not EARLIEST <= at <= latest:
                Admission(now).admit(ticker)
        except _REFUSED as error:
            refused.append(f"ticker of {row.symbol[:40]}: {error}")
        else:
            events.append(ticker)
    return events


class _Rest:
    """Frames that are none of the typed ones, or hold a row that cannot be read: rare, so read with patience."""

    def __init__(self, raw: bytes, received_at: datetime, origin: Origin, place: str, now: datetime | None) -> None:
        self._raw, self._received_at, self._origin, self._place, self._now = raw, received_at, origin, place, now

    def parse(self, first_error: str) -> Parsed:
        try:
            return self._by_kind(_decode_envelope(self._raw), first_error)
        except msgspec.ValidationError as error:
            return self._shapeless(str(error))
        except _UNREADABLE as error:
            return self._broken(f"not JSON: {error}")

    def _by_kind(self, envelope: Envelope, first_error: str) -> Parsed:
        channel = _text(envelope.channel)
        if channel in {"trade", "ticker"}:
            return self._rows(channel, envelope)
        if channel in {"status", "heartbeat"}:
            return self._broken(f"a {channel} frame that cannot be read: {first_error}")
        return [], self._told(envelope, channel)

    def _told(self, envelope: Envelope, channel: str | None) -> Frame:
        method = _text(envelope.method)
        if method in {"subscribe", "unsubscribe"}:
            return _decode_answer(self._raw)
        if method == "pong":
            return Pong()
        if method is not None:
            error = _decode_answer(self._raw).error  # `{"error": "Malformed request", "method": "error"}`
            return Error(error) if error is not None else Unknown(f"method {method[:40]}")
        if envelope.error_text is not None:
            return Error(envelope.error_text)
        return Unknown(channel[:40] if channel is not None else "an object without channel or method")

    def _rows(self, channel: str, envelope: Envelope) -> Parsed:
        if envelope.data is None or envelope.type is None:
            return self._broken(f"a {channel} frame without type or data")
        refused: list[str] = []
        frame: Frame
        if channel == "trade":
            frame = TradeFrame(envelope.type, self._readable(envelope.data, _decode_trade, refused))
            events = _trades(frame, self._received_at, self._origin, refused, self._now)
        else:
            frame = TickerFrame(envelope.type, self._readable(envelope.data, _decode_ticker, refused))
            events = _tickers(frame, self._raw, self._received_at, self._origin, refused, self._now)
        if refused:
            events.append(_letter(refused, self._raw, self._received_at, self._origin, self._place))
        return events, frame

    @staticmethod
    def _readable(rows: list[msgspec.Raw], decode: Callable[[msgspec.Raw], Row], refused: list[str]) -> list[Row]:
        readable = []
        for number, row in enumerate(rows, 1):
            try:
                check_numbers(row)
                readable.append(decode(row))
            except (*_UNREADABLE, InvalidValue) as error:
                refused.append(f"row {number} of {len(rows)}: {error}")
        return readable

    def _shapeless(self, error: str) -> Parsed:
        """JSON of another shape: of a data channel it is a loss and kept, otherwise it is nothing that we asked for."""
        try:
            msgspec.json.decode(self._raw)  # typed decoding stops at the first surprise: is the rest JSON at all?
        except _UNREADABLE as broken:
            return self._broken(f"not JSON: {broken}")
        if b'"trade"' in self._raw or b'"ticker"' in self._raw:
            return self._broken(f"a frame of another form: {error}")
        return [], Unknown(f"another form: {error}"[:80])

    def _broken(self, reason: str) -> Parsed:
        return [_letter([reason], self._raw, self._received_at, self._origin, self._place)], Broken()


def _text(value: msgspec.Raw) -> str | None:
    return _decode_text(value) if bytes(value) else None


def _letter(reasons: list[str], raw: bytes, received_at: datetime, origin: Origin, place: str) -> DeadLettered:
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return DeadLettered(
        occurred_at=received_at,
        recorded_at=received_at,
        origin=origin,
        kind=KIND,
        place=place,
        reason=reasons[0][:300] + more,
        raw=raw,
    )


def frame_hash(raw: bytes, received_at: datetime, row: int) -> str:
    """20 hex digits that identify a row of a frame which carries no time of the venue's."""
    return blake2b(f"{rfc3339(received_at)}|{row}|".encode() + raw, digest_size=10).hexdigest()


class _Pairs(dict[str, Pair]):
    """Pairs by symbol, read once: a look-up in a dictionary takes half the time of a call. Hostile names do not pile up."""

    def __missing__(self, symbol: str) -> Pair:
        if len(self) >= _MOST_PAIRS:
            self.clear()
        pair = self[symbol] = Pair.exact(symbol)
        return pair


_PAIRS = _Pairs()
