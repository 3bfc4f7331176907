"""Kraken's WebSocket v2 frames as typed structs. Source: docs.kraken.com/api/docs/websocket-v2 and recorded frames.

Numbers are JSON numbers at the engine's precision: a Decimal field is read from the text, so `0.00100000` keeps its
zeros. Times stay text here: msgspec rounds what is beyond microseconds, and ours are truncated.
"""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct, field

Method = Literal["subscribe", "unsubscribe"]
TradeId = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class TradeRow(Struct, gc=False):
    """One trade of a `trade` frame. `ord_type` is `limit` or `market`."""

    symbol: str
    side: Literal["buy", "sell"]
    price: Decimal
    qty: Decimal
    trade_id: TradeId
    timestamp: str
    ord_type: str | None = None


class TickerRow(Struct, gc=False):
    """One pair's state in a `ticker` frame. Frames of before 2026 carry no `timestamp`."""

    symbol: str
    bid: Decimal
    bid_qty: Decimal
    ask: Decimal
    ask_qty: Decimal
    last: Decimal
    volume: Decimal
    vwap: Decimal
    low: Decimal
    high: Decimal
    change: Decimal
    change_pct: Decimal
    timestamp: str | None = None


class SystemState(Struct, gc=False):
    """The venue's own state: `online`, `cancel_only`, `post_only` or `maintenance`."""

    system: str
    upcoming_maintenance: list[Raw] = field(default_factory=list)
    emergency: list[Raw] = field(default_factory=list)


class TradeFrame(Struct, tag_field="channel", tag="trade", gc=False):
    """Trades, of one pair or of several. `type` is `snapshot` or `update`."""

    type: str
    data: list[TradeRow]


class TickerFrame(Struct, tag_field="channel", tag="ticker", gc=False):
    """Tickers, of one pair or of several. `type` is `snapshot` or `update`."""

    type: str
    data: list[TickerRow]


class StatusFrame(Struct, tag_field="channel", tag="status", gc=False):
    """Sent on connection and when the venue's state changes."""

    data: list[SystemState]


class Heartbeat(Struct, tag_field="channel", tag="heartbeat", gc=False):
    """Sent once a second from the first subscription on."""


class Subscribed(Struct, gc=False):
    """What an acknowledgement confirms."""

    channel: str
    symbol: str | None = None
    warnings: list[str] | None = None


class Answer(Struct, gc=False):
    """An answer to a request, one a pair. Some errors name no symbol; `req_id` is echoed when we sent one."""

    method: str
    success: bool | None = None
    result: Subscribed | None = None
    error: str | None = None
    symbol: str | None = None
    req_id: int | None = None
    warnings: list[str] | None = None


class Pong(Struct, gc=False):
    """The answer to a ping. It says that a process listens, not that data flows."""


class Error(Struct, gc=False):
    """`{"Error": "Exceeded msg rate"}`: an answer with neither `method` nor `channel`."""

    text: str


class Unknown(Struct, gc=False):
    """A frame that we asked for nothing in, such as a channel that is new to us. `kind` says what it called itself."""

    kind: str


class Broken(Struct, gc=False):
    """A frame that could not be read at all; its dead letter is among the events."""


Frame = TradeFrame | TickerFrame | StatusFrame | Heartbeat | Answer | Pong | Error | Unknown | Broken


class Envelope(Struct, gc=False):
    """Any JSON object, read loosely: for frames that are none of the typed ones, or hold a row that cannot be read."""

    channel: Raw = Raw()
    method: Raw = Raw()
    type: str | None = None
    data: list[Raw] | None = None
    error_text: str | None = field(default=None, name="Error")


class Request(Struct, omit_defaults=True):
    """A request to subscribe or unsubscribe."""

    method: Method
    params: "RequestParams"
    req_id: int


class RequestParams(Struct):
    """What a request is for. `snapshot` is always said: the documentation's versions differ on its default."""

    channel: str
    symbol: list[str]
    snapshot: bool
