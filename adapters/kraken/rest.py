"""Kraken's REST interface as TradeHistory: trades that we missed, candles of before our time."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime

import httpx
import structlog

from adapters.kraken.connection import is_loopback
from adapters.kraken.moment import nanoseconds
from adapters.kraken.names import TOKENIZED, asset_class, rest_name
from adapters.kraken.rest_parse import PAGE, closed_candles, listed_pairs, trade_page
from application.ports.clock import Clock
from application.ports.pair_listing import ListingUnavailable
from application.ports.telemetry import Telemetry
from application.ports.trade_history import HistoryUnavailable, TradePage
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.turns import Concern
from domain.values import Origin, Pair

log = structlog.get_logger(__name__)

LONGEST_ANSWER = 8 * 1024 * 1024
_TIMEOUT_S = 10.0
_TOTAL_S = 30.0
_RETRY_S = 5.0
_LONGEST_RETRY_S = 600.0
_OF_THE_VENUE = {401, 403, 407, 418, 429}  # 418: some gateways say so to an address that they have banned
_SERVER_ERROR = 500


class KrakenHistory:
    """Asks `base_url`, such as `https://api.kraken.com`. Safe for several threads, which share its pace.

    `origin` is that of what it fetches: `backfill`, or `simulated` for the simulator's. Kraken counts about one request
    a second per IP; 0 asks without pause. Counts: `refusals{reason}`. Use as a context manager, or `close` it.
    """

    def __init__(
        self,
        base_url: str,
        *,
        origin: Origin,
        clock: Clock,
        telemetry: Telemetry,
        requests_per_s: float = 1.0,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._origin, self._clock, self._telemetry = origin, clock, telemetry
        self._pace = _Pace(1 / requests_per_s if requests_per_s else 0.0)
        self._client = httpx.Client(
            timeout=timeout_s,
            headers={"User-Agent": "cryptoviz", "Accept": "application/json"},
            follow_redirects=False,
            trust_env=not is_loopback(base_url),  # no proxy of the environment between us and this machine
        )

    def trades(self, pair: Pair, *, since: datetime | str) -> TradePage:
        """Up to 1,000 trades at or after a time, or after a token of an earlier page. Raises HistoryUnavailable."""
        token = since if isinstance(since, str) else str(nanoseconds(since) - 1)  # the venue's `since` is exclusive
        raw, place = self._get(
            "Trades", {"pair": rest_name(pair), "since": token, "count": str(PAGE), **asset_class(pair)}
        )
        page = trade_page(raw, pair=pair, since=token, received_at=self._clock.now(), origin=self._origin, place=place)
        self._warned(page.warnings, place)
        for letter in page.refused:
            self._refused("bad-row", getattr(letter, "reason", ""), place)
        return page

    def candles(self, pair: Pair, interval: Interval) -> list[CandleImported]:
        """The latest 720 buckets' closed candles, oldest first; none for buckets without trades. Raises HistoryUnavailable."""
        raw, place = self._get(
            "OHLC", {"pair": rest_name(pair), "interval": str(interval.seconds // 60), **asset_class(pair)}
        )
        candles, refused, warnings = closed_candles(
            raw, pair=pair, interval=interval, received_at=self._clock.now(), origin=self._origin
        )
        self._warned(warnings, place)
        for reason in refused:
            self._refused("bad-row", reason, place)
        return candles

    def pairs(self) -> list[Pair]:
        """All pairs that Kraken lists, tokenized stocks included. Raises ListingUnavailable."""
        listed: dict[Pair, None] = {}
        for query in ({}, {"aclass_base": TOKENIZED}):
            try:
                raw, place = self._get("AssetPairs", query)
                found, warnings = listed_pairs(raw, self._clock.now())
            except HistoryUnavailable as unavailable:
                if listed and unavailable.concern is Concern.OWN:
                    break  # a server without that class of assets
                raise ListingUnavailable(str(unavailable)) from unavailable
            self._warned(warnings, place)
            listed |= dict.fromkeys(found)
        return list(listed)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> "KrakenHistory":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _get(self, method: str, query: dict[str, str]) -> tuple[bytes, str]:
        place = f"{self._base_url}/0/public/{method}" + (f"?pair={query['pair']}" if "pair" in query else "")
        self._pace.wait()
        try:
            with self._client.stream("GET", f"{self._base_url}/0/public/{method}", params=query) as response:
                if response.status_code != httpx.codes.OK:
                    raise _refused_by_status(self._base_url, response)
                return _read(response), place
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"{self._base_url} cannot be asked: {str(error)[:200] or type(error).__name__}"
            raise HistoryUnavailable(reason, _RETRY_S) from error

    def _warned(self, warnings: Sequence[str], place: str) -> None:
        for warning in warnings:
            self._telemetry.count("refusals", reason="venue-warning")
            log.warning("the venue warns beside its answer", warning=warning, place=place)

    def _refused(self, code: str, reason: str, place: str) -> None:
        self._telemetry.count("refusals", reason=code)
        log.warning("refused", code=code, reason=reason, place=place)


def _read(response: httpx.Response) -> bytes:
    until = time.monotonic() + _TOTAL_S
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LONGEST_ANSWER:
            reason = f"an answer longer than {LONGEST_ANSWER // 1024**2} MiB"
            raise HistoryUnavailable(reason, _LONGEST_RETRY_S, Concern.OWN)
        if time.monotonic() > until:
            raise HistoryUnavailable(f"an answer that takes longer than {_TOTAL_S:g} s", _RETRY_S, Concern.OWN)
    return bytes(body)


def _refused_by_status(base_url: str, response: httpx.Response) -> HistoryUnavailable:
    """Too many requests and a server in trouble are the venue's; any other status may be about this one request."""
    status = response.status_code
    concern = Concern.ALL if status in _OF_THE_VENUE or status >= _SERVER_ERROR else Concern.OWN
    return HistoryUnavailable(f"{base_url} answered with HTTP {status}", _retry_after(response), concern)


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return min(float(text), _LONGEST_RETRY_S) if text.isdecimal() and len(text) < 6 else _RETRY_S


class _Pace:
    """Lets one request through every `interval_s`, whichever thread it comes from."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s, self._next, self._lock = interval_s, 0.0, threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._interval_s
        time.sleep(turn - now)
