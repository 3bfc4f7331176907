from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kraken.messages import Answer, Broken, Error, Heartbeat, Pong, StatusFrame, TradeFrame, Unknown
from adapters.kraken.parse import Parsed, parse
from domain.dead_letter import DeadLettered
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side
from tests.servers.kraken import frame, status, ticker_row, trade_row

NOW = datetime(2026, 9, 25, 17, 48, 27, tzinfo=UTC)
PLACE = "wss://ws.kraken.com/v2"


def read(raw: str | bytes, origin: Origin = Origin.LIVE) -> Parsed:
    data = raw.encode() if isinstance(raw, str) else raw
    return parse(data, received_at=NOW, origin=origin, place=PLACE)


def one_letter(raw: str | bytes) -> DeadLettered:
    events, _ = read(raw)
    (letter,) = events
    assert isinstance(letter, DeadLettered)
    assert letter.raw == (raw.encode() if isinstance(raw, str) else raw)
    return letter


def test_a_trade() -> None:
    (trade,), seen = read(frame("trade", trade_row(109116693, price="83744.30", qty="0.00044780")))
    assert trade == TradeExecuted(
        occurred_at=datetime(2026, 9, 25, 17, 48, 26, 844359, tzinfo=UTC),
        recorded_at=NOW,
        origin=Origin.LIVE,
        venue="kraken",
        pair=Pair("BTC/USD"),
        trade_id=109116693,
        price=Decimal("83744.30"),
        volume=Decimal("0.00044780"),
        side=Side.BUY,
        order_type="limit",
    )
    assert isinstance(seen, TradeFrame)
    assert isinstance(trade, TradeExecuted)
    assert str(trade.price) == "83744.30"
    assert trade.event_id == "kraken:BTC/USD:109116693"


def test_a_ticker() -> None:
    ((ticker,), _) = read(frame("ticker", ticker_row()))
    assert isinstance(ticker, TickerUpdated)
    assert (ticker.bid, ticker.bid_qty) == (Decimal("83744.2"), Decimal("0.56251979"))
    assert (ticker.ask, ticker.ask_qty) == (Decimal("83744.3"), Decimal("0.00044780"))
    assert (ticker.volume_24h, ticker.vwap_24h) == (Decimal("3156.84782110"), Decimal("84174.6"))
    assert (ticker.low_24h, ticker.high_24h) == (Decimal("83163.6"), Decimal("85247.4"))
    assert (ticker.change_24h, ticker.pct_change) == (Decimal("-429.3"), Decimal("-0.51"))
    assert ticker.event_id == "kraken:BTC/USD:2026-09-25T17:48:24.745996Z"


def test_a_ticker_without_a_time_is_known_by_its_frame_its_row_and_when_it_came() -> None:
    raw = frame("ticker", ticker_row(timestamp=None), ticker_row(timestamp=None)).encode()
    first, second = read(raw)[0]
    (again, _), _ = parse(raw, received_at=NOW, origin=Origin.LIVE, place=PLACE)
    later = parse(raw, received_at=NOW.replace(microsecond=1), origin=Origin.LIVE, place=PLACE)[0][0]
    assert first.occurred_at == NOW
    assert first.event_id == again.event_id
    assert len({first.event_id, second.event_id, later.event_id}) == 3


@pytest.mark.parametrize(
    ("session", "seen"),
    [
        (Origin.LIVE, Origin.SNAPSHOT),
        (Origin.SIMULATED, Origin.SIMULATED),
        (Origin.RECORDING, Origin.RECORDING),
    ],
)
def test_whose_data_it_is_comes_before_the_path_it_took(session: Origin, seen: Origin) -> None:
    for channel, row in (("trade", trade_row(1)), ("ticker", ticker_row())):
        assert [event.origin for event in read(frame(channel, row, kind="snapshot"), session)[0]] == [seen]


@pytest.mark.parametrize(
    ("written", "micros"), [("26.8443599Z", 844359), ("26Z", 0), ("26.8443599991+00:00", 844359), ("26.8Z", 800000)]
)
def test_times_are_truncated_never_rounded(written: str, micros: int) -> None:
    ((trade,), _) = read(frame("trade", trade_row(1).replace("26.844359Z", written)))
    assert trade.occurred_at == datetime(2026, 9, 25, 17, 48, 26, micros, tzinfo=UTC)
    assert trade.occurred_at.tzinfo is UTC


def test_a_time_of_another_zone_is_brought_to_utc() -> None:
    ((trade,), _) = read(frame("trade", trade_row(1).replace("26.844359Z", "26.844359+02:00")))
    assert trade.occurred_at == datetime(2026, 9, 25, 15, 48, 26, 844359, tzinfo=UTC)
    assert trade.occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (trade_row(2, price="0"), "trade 2 of BTC/USD: price is 0: expected a number above zero"),
        (trade_row(2, price="1e999999999"), "price is 1E+999999999"),
        (trade_row(2, qty="0.0000000000000000001"), "volume is 1E-19"),
        (trade_row(2, price='"NaN"'), "price is NaN"),
        (trade_row(2, price='"a lot"'), "row 2 of 3: Invalid decimal string"),
        (trade_row(2, price="null"), "row 2 of 3"),
        (trade_row(-2), "row 2 of 3: Expected `int` >= 0"),
        (trade_row(2**63), "row 2 of 3: Expected `int` <= "),
        (trade_row(2).replace("buy", "bought"), "row 2 of 3: Invalid enum value 'bought'"),
        (trade_row(2, "btc/usd"), "'btc/usd' is not a pair"),
        (trade_row(2, "BTC/USD/EUR"), "'BTC/USD/EUR' is not a pair"),
        (trade_row(2).replace("26.844359Z", "26.844359"), "has no time zone"),
        (trade_row(2).replace("2026-09-25", "2026-02-31"), "day is out of range"),
        (trade_row(2).replace("2026-09-25T17:48:26.844359Z", "0001-01-01T00:00:00+23:00"), "trade 2"),
        ("5", "row 2 of 3: Expected `object`, got `int`"),
        ("{}", "row 2 of 3: Object missing required field"),
    ],
)
def test_a_bad_trade_is_a_dead_letter_and_the_good_ones_beside_it_go_on(row: str, reason: str) -> None:
    raw = frame("trade", trade_row(1), row, trade_row(3))
    events, seen = read(raw)
    assert [event.trade_id for event in events if isinstance(event, TradeExecuted)] == [1, 3]
    letter = events[-1]
    assert isinstance(letter, DeadLettered)
    assert reason in letter.reason
    assert (letter.kind, letter.place, letter.raw, letter.recorded_at) == ("kraken-frame", PLACE, raw.encode(), NOW)
    assert isinstance(seen, TradeFrame)


def test_bad_tickers_too_and_several_reasons_make_one_letter() -> None:
    raw = frame("ticker", ticker_row(last="-1"), ticker_row("ETH/USD"), ticker_row(last='"x"'), ticker_row(last="0"))
    ticker, letter = read(raw)[0]
    assert isinstance(ticker, TickerUpdated)
    assert isinstance(letter, DeadLettered)
    assert ticker.pair == "ETH/USD"
    assert letter.reason.endswith("(and 2 more)")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ('{"broken', "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"channel":"trade","type":"update"}', "a trade frame without type or data"),
        ('{"channel":"ticker","type":"update","data":7}', "a frame of another form"),
        ('{"channel":"status","data":[5]}', "a status frame that cannot be read"),
    ],
)
def test_what_cannot_be_read_at_all_is_kept_with_the_reason(raw: str | bytes, reason: str) -> None:
    assert reason in one_letter(raw).reason
    assert isinstance(read(raw)[1], Broken)


@pytest.mark.parametrize(
    "raw", ['{"channel":"level3","data":[]}', '{"channel":5}', "null", "7", '"trade"', "{}", "[1,2]", '{"method":[]}']
)
def test_what_we_did_not_ask_for_is_unknown_and_no_letter(raw: str) -> None:
    if raw == '"trade"':
        assert one_letter(raw).reason.startswith("a frame of another form")
    else:
        assert read(raw)[0] == []
        assert isinstance(read(raw)[1], Unknown)


def test_what_is_told_beside_the_data() -> None:
    assert isinstance(read('{"channel":"heartbeat"}')[1], Heartbeat)
    assert isinstance(read('{"method":"pong","req_id":101}')[1], Pong)
    assert read('{"Error":"Exceeded msg rate"}')[1] == Error("Exceeded msg rate")
    assert read('{"error":"Malformed request","method":"error","success":false}')[1] == Error("Malformed request")
    seen = read(status("maintenance"))[1]
    assert isinstance(seen, StatusFrame)
    assert seen.data[0].system == "maintenance"
    answer = read(
        '{"method":"subscribe","result":{"channel":"trade","snapshot":true,"symbol":"BTC/USD","warnings":["old"]},'
        '"success":true,"req_id":4,"connection_id":18125794168470749634}'
    )[1]
    assert isinstance(answer, Answer)
    assert answer.result is not None
    assert (answer.success, answer.result.symbol, answer.req_id) == (True, "BTC/USD", 4)
    assert answer.result.warnings == ["old"]


def test_redriving_a_letter_reads_its_frame_as_it_was_read() -> None:
    events, _ = read(frame("trade", trade_row(1), trade_row(2, price="-1")))
    letter = events[-1]
    assert isinstance(letter, DeadLettered)
    again, _ = parse(letter.raw, received_at=letter.recorded_at, origin=letter.origin, place=letter.place)
    assert again == events


numbers = st.decimals(min_value="0.000000000000000001", max_value="99999999999999999999", places=18)


@given(price=numbers, volume=numbers, zeros=st.integers(0, 3))
def test_a_price_is_what_the_frame_says_to_the_last_digit(price: Decimal, volume: Decimal, zeros: int) -> None:
    text = f"{price:f}".rstrip("0").rstrip(".")
    text = text + ("0" * zeros if "." in text and len(text.partition(".")[2]) + zeros <= 18 else "")
    ((trade,), _) = read(frame("trade", trade_row(1, price=text, qty=f"{volume:f}")))
    assert isinstance(trade, TradeExecuted)
    assert f"{trade.price:f}" == text
    assert f"{trade.volume:f}" == f"{volume:f}"


def understood_or_kept(raw: bytes) -> bool:
    """No market data was made of it, and what could not be read is in a dead letter, byte for byte."""
    events, seen = read(raw)
    letters = [event for event in events if isinstance(event, DeadLettered) and event.raw == raw]
    return events == letters and len(letters) <= 1 and (bool(letters) or not isinstance(seen, Broken))


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    assert understood_or_kept(raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
words = st.sampled_from(
    ["channel", "type", "data", "method", "success", "result", "error", "Error", "symbol", "price", "trade_id"]
)


@given(st.dictionaries(words, json_values | st.sampled_from(["trade", "ticker", "status", "subscribe", "snapshot"])))
def test_no_json_makes_it_raise(value: dict[str, object]) -> None:
    assert understood_or_kept(msgspec.json.encode(value))


def test_times_more_than_five_minutes_ahead_of_the_clock_handed_in_are_refused() -> None:
    received_at = datetime(2026, 9, 25, 17, 43, 26, tzinfo=UTC)  # the rows say 17:48:26.844
    raw = frame("trade", trade_row(1)).encode()
    for now, names in ((None, ["dead-lettered"]), (received_at + timedelta(days=1), ["trade-executed"])):
        events, _ = parse(raw, received_at=received_at, origin=Origin.RECORDING, place="here", now=now)
        assert [event.name for event in events] == names
    events, _ = parse(raw, received_at=received_at + timedelta(seconds=1), origin=Origin.LIVE, place="here")
    assert [event.name for event in events] == ["trade-executed"]


def test_a_time_without_a_zone_and_an_id_beyond_64_bits_are_refused_and_the_others_go_on() -> None:
    raw = frame("trade", trade_row(1), trade_row(2**63), trade_row(3).replace("359Z", "359")).encode()
    events, _ = parse(raw, received_at=datetime(2026, 9, 25, 18, tzinfo=UTC), origin=Origin.LIVE, place="here")
    assert [event.name for event in events] == ["trade-executed", "dead-lettered"]
