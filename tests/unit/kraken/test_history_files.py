import gzip
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kraken import trade_ids
from adapters.kraken.errors import HistoryFileError
from adapters.kraken.history_files import read_history
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.candle import Interval, candles_of
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side
from tests.real_data import path, real_data

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TRADES = "1561939203.1720,10749.40000,0.00400000\n1561939205.2240,10749.70000,0.03869709\n"
JSON = (
    '{"exchange": "kraken", "asset": "BTC", "currency": "USD", "timestamp": "2019-07-01T00:00:03.172Z", '
    '"side": "sell", "price": "10749.4", "amount": "0.004"}\n'
)
CANDLES = "1561939200,10749.4,11041.8,10600.0,11014.3,903.65604099,2671\n1561942800,11014.3,11100,11000,11050,1.5,2\n"


def read(
    tmp_path: Path, name: str, text: str, pair: Pair | None = None, interval: Interval | None = None
) -> list[Event]:
    file = tmp_path / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return list(read_history(file, now=NOW, pair=pair, interval=interval))


@pytest.mark.parametrize("name", ["XBTUSD.csv", "XBTUSD.csv.gz", "XXBTZUSD.csv"])
def test_trades_csv(tmp_path: Path, name: str) -> None:
    first, second = read(tmp_path, name, TRADES)
    assert isinstance(first, TradeExecuted)
    assert isinstance(second, TradeExecuted)
    assert (first.pair, str(first.price), str(first.volume)) == ("BTC/USD", "10749.40000", "0.00400000")
    assert first.occurred_at == datetime(2019, 7, 1, 0, 0, 3, 172000, tzinfo=UTC)
    assert (first.side, first.order_type, first.origin, first.recorded_at) == (None, None, Origin.BACKFILL, NOW)
    assert first.trade_id < 0
    assert second.trade_id != first.trade_id


def test_json_lines_of_trades_and_the_same_trade_has_one_id_in_both_forms(tmp_path: Path) -> None:
    (trade,) = read(tmp_path, "anything.jsonl", JSON)
    same = read(tmp_path, "XBTUSD.csv", TRADES)[0]
    assert isinstance(trade, TradeExecuted)
    assert isinstance(same, TradeExecuted)
    assert (trade.pair, trade.price, trade.side) == ("BTC/USD", Decimal("10749.4"), Side.SELL)
    assert trade.trade_id == same.trade_id


def test_equal_trades_are_told_apart_by_how_often_they_occurred(tmp_path: Path) -> None:
    once = read(tmp_path, "XBTUSD.csv", TRADES)
    twice = read(tmp_path, "XBTUSD.csv", TRADES.splitlines(keepends=True)[0] + TRADES)
    assert len({trade.event_id for trade in twice}) == 3
    assert {trade.event_id for trade in once} < {trade.event_id for trade in twice}


def test_candles_csv(tmp_path: Path) -> None:
    first, second = read(tmp_path, "XBTUSD_60.csv", CANDLES)
    assert isinstance(first, CandleImported)
    assert isinstance(second, CandleImported)
    assert (first.interval, first.start.hour, first.trades, first.vwap) == (Interval.H1, 0, 2671, None)
    assert (str(first.volume), first.close) == ("903.65604099", Decimal("11014.3"))
    assert first.occurred_at == second.start
    given = read(tmp_path, "export.csv", CANDLES, Pair("ETH/USD"), Interval.H1)
    assert given[0].key == "ETH/USD"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("time,price,volume", "'time' is not a number"),
        ("1561939203,10749.4", "2 fields: expected 3"),
        ("1561939203,0,1", "price is 0"),
        ("1561939203,NaN,1", "price 'NaN' is not a number"),
        ("1561939203,1_0749,1", "price '1_0749' is not a number"),
        ("1561939203,10749.4,1e22", "volume is 1"),
        ("0,1,1", "occurred_at is 1970-01-01T00:00:00Z: expected a time since 2009-01-03"),
        ("-1,1,1", "expected a time since 2009-01-03"),
        ("-62135596800,1,1", "expected a time since 2009-01-03"),
        ("253402300799.999999,1,1", "more than 5 minutes ahead of"),
        ("1561939203,1E+999999999,1", "price is 1E+999999999"),
        ("1E+999999999,1,1", "is not a time"),
        ("NaN,1,1", "time 'NaN' is not a number"),
        ("1561939203," + "1" * 70_000 + ",1", "longer than 65536 bytes"),
        ("\x00\xff,1,1", "ASCII"),
    ],
)
def test_a_bad_line_is_refused_by_number_and_the_rest_goes_on(tmp_path: Path, line: str, reason: str) -> None:
    first, bad, last = read(tmp_path, "XBTUSD.csv", TRADES.replace("\n", f"\n{line}\n\n", 1))
    assert isinstance(first, TradeExecuted)
    assert isinstance(last, TradeExecuted)
    assert isinstance(bad, DeadLettered)
    assert bad.reason.startswith("line 2: ")
    assert reason in bad.reason
    assert (bad.kind, bad.place, bad.offset, bad.raw) == ("history-line", "XBTUSD.csv", 2, f"{line}\n".encode()[:65536])


def test_bad_candles_and_bad_json(tmp_path: Path) -> None:
    bad = [
        "253402214400,1,1,1,1,1,1",
        "-86400,1,1,1,1,1,1",
        "1561939200,1,1,2,1,1,1",
        "1561939201,1,1,1,1,1,1",
        "1561939200,1,1,1,1,1,1.5",
        "1561939200,1,1,1,1,1,1E+99",
    ]
    events = read(tmp_path, "XBTUSD_60.csv", CANDLES + "\n".join(bad))
    assert [type(event) for event in events] == [CandleImported] * 2 + [DeadLettered] * 6
    events = read(
        tmp_path,
        "x.jsonl",
        JSON + "{}\n" + JSON.replace("kraken", "bitfinex") + JSON.replace("USD", "EUR"),
        Pair("BTC/USD"),
    )
    assert [type(event) for event in events] == [TradeExecuted] + [DeadLettered] * 3
    reasons = [event.reason for event in events if isinstance(event, DeadLettered)]
    assert "a trade of 'bitfinex'" in reasons[1]
    assert "a trade of BTC/EUR: expected BTC/USD" in reasons[2]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("XBTUSD.csv", "", "is empty"),
        ("XBTUSD.csv", "1,2\n", "of no form that we know"),
        ("export.csv", TRADES, "does not say which pair"),
        ("XBTUSD.csv", CANDLES, "does not say which interval"),
        ("XBTUSD_30.csv", CANDLES, "minutes of 1, 5, 15, 60, 240, 1440"),
        ("x.jsonl", '{"received_at":"2026-09-25T17:48:27Z","raw":"{}"}\n', "is a recording of frames: play it with"),
    ],
)
def test_a_file_of_another_form_is_refused_in_words(tmp_path: Path, name: str, text: str, reason: str) -> None:
    with pytest.raises(HistoryFileError, match=reason):
        read(tmp_path, name, text)


def test_a_file_that_is_not_there_or_is_cut_off(tmp_path: Path) -> None:
    with pytest.raises(HistoryFileError, match="cannot be read"):
        list(read_history(tmp_path / "XBTUSD.csv", now=NOW))
    cut = tmp_path / "XBTUSD.csv.gz"
    cut.write_bytes(gzip.compress(TRADES.encode() * 1000)[:200])
    with pytest.raises(HistoryFileError, match="cannot be read"):
        list(read_history(cut, now=NOW))


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)), min_size=1, max_size=12))
def test_reading_a_file_again_gives_the_same_ids_and_no_two_trades_share_one(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, int]]
) -> None:
    text = "".join(f"{1561939200 + at},{price},{volume}\n" for at, price, volume in sorted(rows))
    folder = tmp_path_factory.mktemp("history")
    ids = [event.event_id for event in read(folder, "XBTUSD.csv", text)]
    assert len(set(ids)) == len(rows)
    assert ids == [event.event_id for event in read(folder, "XBTUSD.csv", text)]


CRYPTUOSO, HOURLY = "kraken/cryptuoso/kraken_btcusd_trades.jsonl", "kraken/candles_1h/XBTUSD_60.csv.gz"


@real_data(CRYPTUOSO, HOURLY)
def test_real_trades_and_the_venues_own_candle_of_them() -> None:
    trades = [event for event in read_history(path(CRYPTUOSO), now=NOW) if isinstance(event, TradeExecuted)]
    assert len({trade.trade_id for trade in trades}) == 2672, "an exact duplicate cannot be told from an equal trade"
    start = datetime(2019, 7, 1, tzinfo=UTC)
    candles = {e.start: e for e in read_history(path(HOURLY), now=NOW) if isinstance(e, CandleImported)}
    assert len(candles) == 70253
    ours, theirs = candles_of(trades, Interval.H1)[0], candles[start]
    assert (ours.open, ours.high, ours.low, ours.close) == (theirs.open, theirs.high, theirs.low, theirs.close)
    assert ours.volume - theirs.volume == Decimal("0.04641442"), "the duplicate's volume"
    assert theirs.occurred_at == start + timedelta(hours=1)


def test_a_byte_order_mark_blank_lines_and_a_header_take_nothing_away(tmp_path: Path) -> None:
    plain = [event.event_id for event in read(tmp_path, "XBTUSD.csv", TRADES)]
    for before in ("\ufeff", "\n\r\n  \n", "\ufeff\n"):
        assert [event.event_id for event in read(tmp_path, "XBTUSD.csv", before + TRADES)] == plain
    head, *rest = read(tmp_path, "XBTUSD.csv", "\ufeff# Kraken\ntime,price,volume\n" + TRADES)
    assert isinstance(head, DeadLettered)
    assert [event.event_id for event in rest[1:]] == plain
    assert isinstance(read(tmp_path, "x.jsonl", "\ufeff\n" + JSON)[0], TradeExecuted)
    with pytest.raises(HistoryFileError, match="UTF-16"):
        (tmp_path / "XBTUSD.csv").write_text(TRADES, encoding="utf-16")
        read_history(tmp_path / "XBTUSD.csv", now=NOW)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2)), min_size=1, max_size=12), st.randoms())
def test_equal_trades_keep_their_count_in_whatever_order_they_stand(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int]], chance: random.Random
) -> None:
    path = tmp_path_factory.mktemp("history")
    lines = [f"1561939203.{second},{price},1\n" for second, price in rows]
    chance.shuffle(lines)
    shuffled = [event.event_id for event in read(path, "XBTUSD.csv", "".join(lines))]
    assert len(set(shuffled)) == len(rows)
    assert set(shuffled) == {event.event_id for event in read(path, "XBTUSD.csv", "".join(sorted(lines)))}


def test_what_is_remembered_of_equal_trades_may_be_more_than_memory_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trade_ids, "_REMEMBERED", 3)
    occurrences = trade_ids.Occurrences()
    prices = [Decimal(n % 7 + 1) for n in range(70)]
    assert [occurrences.next(Pair("BTC/USD"), NOW, price, Decimal(1)) for price in prices] == [
        n // 7 for n in range(70)
    ]


def test_a_file_that_was_cut_off_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    lines = b"".join(b"1561939203,%d,1\n" % price for price in range(1, 20_000))
    cut = tmp_path / "XBTUSD.csv.gz"
    for end, least in ((-200, 15_000), (3_000, 200)):
        cut.write_bytes(gzip.compress(lines)[:end])
        got: list[Event] = []
        with pytest.raises(HistoryFileError, match=r"cannot be read beyond line \d+"):
            for event in read_history(cut, now=NOW):
                got.append(event)  # noqa: PERF402 - those before the error count
        assert len(got) > least
        assert {type(event) for event in got[:-1]} == {TradeExecuted}
