"""One client's WebSocket v2 session, without the socket: requests and moments in, frames out."""

import secrets

import msgspec

from adapters.simulator import frames
from adapters.simulator.market import Market
from adapters.simulator.pairs import LISTINGS

_SNAPSHOT_TRADES = 50
_PRIVATE = frozenset({"executions", "balances"})


class _Params(msgspec.Struct):
    channel: str
    symbol: list[str] = []
    snapshot: bool | None = None
    event_trigger: str = "trades"


class _Request(msgspec.Struct):
    method: str
    params: _Params | None = None
    req_id: int | None = None


class Session:
    """What a client has subscribed to, and the last trade each subscription has been told about."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._cursors: dict[tuple[str, str], int] = {}
        self.beating = False  # heartbeats start with the first subscription, and go on after the last has ended

    def greeting(self) -> str:
        """The status frame every connection starts with."""
        return frames.status(secrets.randbits(64) | 1 << 63)  # the venue's ids exceed 2**53: clients must cope

    def answer(self, text: str | bytes, now_ns: int) -> list[str]:
        """The frames a request is answered with: acknowledgements, one a pair, then snapshots."""
        try:
            request = msgspec.json.decode(text, type=_Request)
        except (msgspec.DecodeError, UnicodeDecodeError) as malformed:
            return [frames.encode({"error": f"Malformed request: {malformed}", "success": False})]
        if request.method == "ping":
            return [frames.pong(request.req_id, now_ns)]
        if request.method not in {"subscribe", "unsubscribe"}:
            return [frames.ack(request.method, request.req_id, now_ns, error="Method not supported")]
        if request.params is None or not request.params.symbol:
            return [
                frames.ack(request.method, request.req_id, now_ns, error="Malformed request: no channel and symbol")
            ]
        if (error := _channel_error(request.params)) is not None:
            return [frames.ack(request.method, request.req_id, now_ns, error=error)]
        acks, snapshots = [], []
        for symbol in request.params.symbol:
            if (error := self._pair_error(request.method, request.params.channel, symbol)) is not None:
                acks.append(frames.ack(request.method, request.req_id, now_ns, error=error, symbol=symbol))
                continue
            change = self._subscribe if request.method == "subscribe" else self._unsubscribe
            result, snapshot = change(request.params, symbol, now_ns)
            acks.append(frames.ack(request.method, request.req_id, now_ns, result=dict(sorted(result.items()))))
            snapshots += snapshot
        return acks + snapshots

    def _pair_error(self, method: str, channel: str, symbol: str) -> str | None:
        if symbol not in LISTINGS:
            return f"Currency pair not supported {symbol}"
        subscribed = (channel, symbol) in self._cursors
        if method == "subscribe" and subscribed:
            return "Already subscribed"
        if method == "unsubscribe" and not subscribed:
            return "Subscription Not Found"
        return None

    def _subscribe(self, params: _Params, symbol: str, now_ns: int) -> tuple[dict[str, object], list[str]]:
        ticker = params.channel == "ticker"
        snapshot = params.snapshot if params.snapshot is not None else ticker
        rows = self._market.last_trades(symbol, _SNAPSHOT_TRADES, now_ns)
        self._cursors[params.channel, symbol] = rows[-1].trade_id
        self.beating = True
        result = _result(params, symbol) | {"snapshot": snapshot}
        if not snapshot:
            return result, []
        if ticker:
            return result, [frames.ticker("snapshot", symbol, self._market.ticker_after(symbol, rows[-1]))]
        return result, [frames.trades("snapshot", symbol, rows)]

    def _unsubscribe(self, params: _Params, symbol: str, _now_ns: int) -> tuple[dict[str, object], list[str]]:
        del self._cursors[params.channel, symbol]
        return _result(params, symbol), []

    def updates(self, now_ns: int) -> list[str]:
        """What happened in the subscribed channels since the last call (or the snapshot)."""
        out = []
        for (channel, symbol), cursor in self._cursors.items():
            rows = self._market.trades_after(symbol, cursor, now_ns)
            if not rows:
                continue
            self._cursors[channel, symbol] = rows[-1].trade_id
            if channel == "trade":
                out.append(frames.trades("update", symbol, rows))
            else:
                tickers = (self._market.ticker_after(symbol, trade) for trade in frames.taker_orders(rows))
                out += [frames.ticker("update", symbol, ticker) for ticker in tickers]
        return out


def _result(params: _Params, symbol: str) -> dict[str, object]:
    result: dict[str, object] = {"channel": params.channel, "symbol": symbol}
    if params.channel == "ticker":
        result["event_trigger"] = params.event_trigger
    return result


def _channel_error(params: _Params) -> str | None:
    if params.channel in _PRIVATE:
        return "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com"
    if params.channel not in {"ticker", "trade"}:
        return f"Channel not supported {params.channel}"
    if params.event_trigger not in {"trades", "bbo"}:
        return f"Event trigger not supported {params.event_trigger}"
    return None
