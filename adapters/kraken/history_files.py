"""Kraken's downloadable history, and JSON Lines of trades: files -> domain events, line by line.

Trades CSV is `time,price,volume`; OHLCVT CSV `unix seconds,open,high,low,close,volume,trades`; neither has a header, and
intervals without trades are absent. JSON Lines hold `asset, currency, timestamp, side, price, amount` (and `exchange`).
None has trade ids: they are made from the content (`trade_ids.py`). The form is told by the first line that has one, the
pair and the interval by the file's name: `XBTUSD.csv`, `XBTUSD_60.csv`, `ETHUSD_60.csv.gz`.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, DecimalException
from itertools import chain, islice
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from adapters.kraken.errors import HistoryFileError
from adapters.kraken.history_lines import LONGEST_LINE, HistoryLine, history_lines
from adapters.kraken.moment import from_seconds
from adapters.kraken.names import VENUE, canonical
from adapters.kraken.numbers import check_numbers
from adapters.kraken.trade_ids import Occurrences, content_id
from domain.admission import Admission
from domain.construction import maker
from domain.dead_letter import DeadLettered
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side, number, parse_time, positive

KIND = "history-line"
_TRADE_FIELDS, _CANDLE_FIELDS = 3, 7
_NAMES = {3: ("time", "price", "volume"), 7: ("time", "open", "high", "low", "close", "volume", "trades")}
_LINES_TO_TELL_THE_FORM = 1_000  # a header, or lines of no form, may come first
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


class _JsonTime(msgspec.Struct):
    timestamp: str


_decode_json = msgspec.json.Decoder(_JsonTrade).decode
_decode_time = msgspec.json.Decoder(_JsonTime).decode


def read_history(
    path: Path, *, now: datetime, pair: Pair | None = None, interval: Interval | None = None
) -> Iterator[Event]:
    """TradeExecuted or CandleImported for each line, in order, and DeadLettered (`offset` = line number) for bad ones.

    `pair` and `interval` override the file's name. `now` becomes `recorded_at`; the origin is `backfill`.
    Raises HistoryFileError, before the first event where it can: for a file that is of no known form, or cannot be read
    (any more: one that was cut off gives what stands before the cut).
    """
    lines = history_lines(path)
    first, rest = _looked_at(lines)
    texts = [line.text for line in first if line.text]
    if not texts:
        raise HistoryFileError(f"{path} is empty: expected trades or candles of Kraken's")
    file = _File(path, now, pair, interval)
    makers = (maker for text in texts if (maker := _reader_for(text, file)) is not None)
    make = next(makers, None)
    if make is None:
        raise HistoryFileError(
            f"{file.path} is of no form that we know: expected lines of time,price,volume (trades), of "
            "time,open,high,low,close,volume,trades (candles), or JSON Lines of trades"
        )
    return _events(path, chain(first, rest), make, now)


def _looked_at(lines: Iterator[HistoryLine]) -> tuple[list[HistoryLine], Iterator[HistoryLine]]:
    """The first lines, and those after them. A file that is cut off within the first ones gives what stands before."""
    first: list[HistoryLine] = []
    try:
        for line in islice(lines, _LINES_TO_TELL_THE_FORM):
            first.append(line)  # noqa: PERF402 - those before an error are kept
    except HistoryFileError as error:
        if not first:
            raise
        return first, _cut_off(error)
    return first, lines


def _cut_off(error: HistoryFileError) -> Iterator[HistoryLine]:
    yield from ()
    raise error


def _events(path: Path, lines: Iterable[HistoryLine], read: Reader, now: datetime) -> Iterator[Event]:
    admission = Admission(now)
    for line in lines:
        if not line.text:
            continue
        try:
            if line.too_long:
                raise InvalidValue("line", f"longer than {LONGEST_LINE} bytes: expected a trade or a candle")
            event = read(line.text)
            admission.admit(event)
        except (ValueError, OverflowError, DecimalException, msgspec.MsgspecError) as error:
            yield DeadLettered(
                occurred_at=now,
                recorded_at=now,
                origin=Origin.BACKFILL,
                kind=KIND,
                place=path.name,
                reason=f"line {line.number}: {str(error)[:300] or 'not a number'}",
                raw=line.raw,
                offset=line.number,
            )
        else:
            yield event


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


def _reader_for(line: bytes, file: _File) -> Reader | None:
    """The reader of the form that a line has; None where it has none."""
    if line[:1] == b"{":
        if b'"raw"' in line and b'"received_at"' in line:
            raise HistoryFileError(
                f"{file.path} is a recording of frames: play it with `cryptoviz run --source recording:{file.path}`"
            )
        return _json_reader(file)
    fields = line.count(b",") + 1
    if fields == _TRADE_FIELDS:
        return _trade_reader(file)
    return _candle_reader(file) if fields == _CANDLE_FIELDS else None


def _trade_reader(file: _File) -> Reader:
    pair = file.pair()
    occurrences = Occurrences(in_order_of_time=_ascends(file.path, lambda line: float(line.partition(b",")[0])))

    def read(line: bytes) -> Event:
        at, price, volume = _numbers(line, _TRADE_FIELDS)
        return _made(_Row(pair, from_seconds(at), price, volume, None), occurrences, file.now)

    return read


def _json_reader(file: _File) -> Reader:
    occurrences = Occurrences(in_order_of_time=_ascends(file.path, _json_time))

    def read(line: bytes) -> Event:
        check_numbers(line)
        row = _decode_json(line)
        if row.exchange != VENUE:
            raise InvalidValue("exchange", f"a trade of '{row.exchange[:40]}': expected Kraken's")
        pair = canonical(f"{row.asset}/{row.currency}")
        if file.given_pair not in {None, pair}:
            raise InvalidValue("pair", f"a trade of {pair}: expected {file.given_pair}")
        at = parse_time(row.timestamp, "timestamp")
        return _made(_Row(pair, at, row.price, row.amount, _SIDES[row.side]), occurrences, file.now)

    return read


def _json_time(line: bytes) -> float:
    return parse_time(_decode_time(line).timestamp, "timestamp").timestamp()


def _ascends(path: Path, time_of: Callable[[bytes], float]) -> bool:
    """Whether no line is of an earlier time than the one before it; then only equal trades of a moment are remembered.

    Files of Kraken's are in this order. Lines that cannot be read do not count.
    """
    before = -math.inf
    try:
        for line in history_lines(path):
            try:
                at = time_of(line.text)
            except (ValueError, OverflowError, msgspec.MsgspecError):
                continue
            if at < before:
                return False
            before = at
    except HistoryFileError:
        pass  # told when it is read for its trades
    return True


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
    length, admission = interval.length, Admission(now)

    def read(line: bytes) -> Event:
        seconds, opened, high, low, close, volume, trades = _numbers(line, _CANDLE_FIELDS)
        start = from_seconds(seconds)
        admission.admit_time("time", start)
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
    if not line.isascii():
        raise InvalidValue("line", "it has other characters than ASCII: expected digits, points, commas")
    texts = line.decode("ascii").split(",")
    if len(texts) != count:
        raise InvalidValue("line", f"{len(texts)} fields: expected {count}")
    return [number(text.strip(), name) for text, name in zip(texts, _NAMES[count], strict=True)]
