"""Kraken's downloadable history, and JSON Lines of trades: files -> domain events, line by line.

Trades CSV is `time,price,volume`; OHLCVT CSV `unix seconds,open,high,low,close,volume,trades`; neither has a header, and
intervals without trades are absent. JSON Lines hold `asset, currency, timestamp, side, price, amount` (and `exchange`).
None has trade ids: they are made from the content (`trade_ids.py`). The form is told by the first line, the pair and the
interval by the file's name: `XBTUSD.csv`, `XBTUSD_60.csv`, `ETHUSD_60.csv.gz`.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import msgspec

from adapters.kraken.errors import HistoryFileError
from adapters.kraken.moment import from_seconds
from adapters.kraken.names import VENUE, canonical
from adapters.kraken.trade_ids import Occurrences, content_id
from domain.construction import maker
from domain.dead_letter import DeadLettered
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side, parse_time, positive

KIND = "history-line"
LONGEST_LINE = 64 * 1024
_TRADE_FIELDS, _CANDLE_FIELDS = 3, 7
_MOST_DIGITS = 12  # of a candle's number of trades
_NAME = re.compile(r"([A-Za-z0-9]+)(?:_(\d+))?")
_INTERVALS = {interval.seconds // 60: interval for interval in Interval}
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_trade = maker(TradeExecuted)

Reader = Callable[[bytes], Event]


class _JsonTrade(msgspec.Struct):
    asset: str
    currency: str
    timestamp: str
    side: Literal["buy", "sell"]
    price: Decimal
    amount: Decimal
    exchange: str = VENUE


class _Row(NamedTuple):
    pair: Pair
    at: datetime
    price: Decimal
    volume: Decimal
    side: Side | None


_decode_json = msgspec.json.Decoder(_JsonTrade).decode


def read_history(
    path: Path, *, now: datetime, pair: Pair | None = None, interval: Interval | None = None
) -> Iterator[Event]:
    """TradeExecuted or CandleImported for each line, in order, and DeadLettered (`offset` = line number) for bad ones.

    `pair` and `interval` override the file's name. `now` becomes `recorded_at`; the origin is `backfill`.
    Raises HistoryFileError, before the first event where it can: for a file that cannot be read or is of no known form.
    """
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise HistoryFileError(f"{path} is empty: expected trades or candles of Kraken's")
    reader = _reader_for(first, _File(path, now, pair, interval))
    return _events(path, first, lines, reader, now)


def _events(path: Path, first: bytes, lines: Iterator[bytes], read: Reader, now: datetime) -> Iterator[Event]:
    for number, line in enumerate(_chain(first, lines), 1):
        text = line.strip()
        if not text:
            continue
        try:
            yield read(text)
        except (ValueError, DecimalException, msgspec.MsgspecError) as error:
            yield DeadLettered(
                occurred_at=now,
                recorded_at=now,
                origin=Origin.BACKFILL,
                kind=KIND,
                place=path.name,
                reason=f"line {number}: {str(error)[:300] or 'not a number'}",
                raw=line,
                offset=number,
            )


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with _open(path) as file:
            while line := file.readline(LONGEST_LINE):
                yield line
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise HistoryFileError(
            f"{path} cannot be read ({reason}): expected Kraken's CSV or JSON Lines of trades"
        ) from error


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_gzip else path.open("rb")  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    now: datetime
    given_pair: Pair | None
    given_interval: Interval | None

    def pair(self) -> Pair:
        if self.given_pair is not None:
            return self.given_pair
        try:
            return canonical(self._name()[0])
        except InvalidValue as error:
            raise HistoryFileError(
                f"{self.path.name} does not say which pair it holds: name it as Kraken does (XBTUSD.csv), or give the pair"
            ) from error

    def interval(self) -> Interval:
        if self.given_interval is not None:
            return self.given_interval
        minutes = self._name()[1]
        if minutes in _INTERVALS:
            return _INTERVALS[minutes]
        known = ", ".join(str(minutes) for minutes in _INTERVALS)
        raise HistoryFileError(
            f"{self.path.name} does not say which interval its candles have: name it as Kraken does (XBTUSD_60.csv, "
            f"minutes of {known}), or give the interval"
        )

    def _name(self) -> tuple[str, int]:
        match = _NAME.fullmatch(self.path.name.partition(".")[0])
        return (match[1], int(match[2] or 0)) if match else (self.path.name, 0)


def _reader_for(first: bytes, file: _File) -> Reader:
    if first.lstrip()[:1] == b"{":
        if b'"raw"' in first and b'"received_at"' in first:
            raise HistoryFileError(
                f"{file.path} is a recording of frames: play it with `cryptoviz run --source recording:{file.path}`"
            )
        return _json_reader(file)
    fields = first.count(b",") + 1
    if fields == _TRADE_FIELDS:
        return _trade_reader(file)
    if fields == _CANDLE_FIELDS:
        return _candle_reader(file)
    raise HistoryFileError(
        f"{file.path} is of no form that we know: expected lines of time,price,volume (trades), of "
        "time,open,high,low,close,volume,trades (candles), or JSON Lines of trades"
    )


def _trade_reader(file: _File) -> Reader:
    pair, now, occurrences = file.pair(), file.now, Occurrences()

    def read(line: bytes) -> Event:
        at, price, volume = _numbers(line, _TRADE_FIELDS)
        return _made(_Row(pair, from_seconds(at), price, volume, None), occurrences, now)

    return read


def _json_reader(file: _File) -> Reader:
    now, occurrences = file.now, Occurrences()

    def read(line: bytes) -> Event:
        row = _decode_json(line)
        if row.exchange != VENUE:
            raise InvalidValue("exchange", f"a trade of '{row.exchange[:40]}': expected Kraken's")
        pair = canonical(f"{row.asset}/{row.currency}")
        if file.given_pair not in {None, pair}:
            raise InvalidValue("pair", f"a trade of {pair}: expected {file.given_pair}")
        at = parse_time(row.timestamp, "timestamp")
        return _made(_Row(pair, at, row.price, row.amount, _SIDES[row.side]), occurrences, now)

    return read


def _made(row: _Row, occurrences: Occurrences, now: datetime) -> TradeExecuted:
    positive(row.price, "price")
    positive(row.volume, "volume")
    occurrence = occurrences.next(row.pair, row.at, row.price, row.volume)
    return _trade(
        occurred_at=row.at,
        recorded_at=now,
        origin=Origin.BACKFILL,
        venue=VENUE,
        pair=row.pair,
        trade_id=content_id(row.pair, row.at, row.price, row.volume, occurrence),
        price=row.price,
        volume=row.volume,
        side=row.side,
        order_type=None,
    )


def _candle_reader(file: _File) -> Reader:
    pair, interval, now = file.pair(), file.interval(), file.now
    length = timedelta(seconds=interval.seconds)

    def read(line: bytes) -> Event:
        seconds, opened, high, low, close, volume, trades = _numbers(line, _CANDLE_FIELDS)
        start = from_seconds(seconds)
        if trades.adjusted() > _MOST_DIGITS or trades != trades.to_integral_value():
            raise InvalidValue("trades", f"{str(trades)[:40]} trades: expected a whole number")
        return CandleImported(
            occurred_at=start + length,
            recorded_at=now,
            origin=Origin.BACKFILL,
            venue=VENUE,
            pair=pair,
            interval=interval,
            start=start,
            open=opened,
            high=high,
            low=low,
            close=close,
            volume=volume,
            vwap=None,
            trades=int(trades),
        )

    return read


def _numbers(line: bytes, count: int) -> list[Decimal]:
    fields = line.decode("ascii").split(",")
    if len(fields) != count:
        raise InvalidValue("line", f"{len(fields)} fields: expected {count}")
    numbers = []
    for field in fields:
        try:
            numbers.append(Decimal(field))
        except DecimalException:
            raise InvalidValue("line", f"'{field[:40]}' is not a number") from None
    return numbers
