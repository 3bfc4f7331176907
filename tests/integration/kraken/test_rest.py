"""KrakenHistory against a local HTTP server that answers as Kraken does, errors included."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.kraken.rest import KrakenHistory
from application.ports.pair_listing import ListingUnavailable
from application.ports.trade_history import HistoryUnavailable
from domain.dead_letter import DeadLettered
from domain.market.candle import Interval
from domain.turns import Concern
from domain.values import Origin, Pair, Side
from tests.integration.kraken.running import WallClock
from tests.real_data import path, real_data
from tests.telemetry import Remembered

BTC = Pair("BTC/USD")


class Rest:
    """Answers with `body` (text, sent as it is) and `status`; remembers the queries, and what its reader counts."""

    def __init__(self) -> None:
        self.body, self.status = "", 200
        self.headers: dict[str, str] = {}
        self.telemetry = Remembered()
        self.queries: list[tuple[str, dict[str, str]]] = []
        rest = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                rest.queries.append((parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}))
                body = rest.body.encode()
                self.send_response(rest.status)
                for name, value in {"Content-Length": str(len(body)), **rest.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def rows(self, *rows: str, last: str = '"1790401261643178900"', key: str = "XXBTZUSD") -> None:
        self.body = f'{{"error":[],"result":{{"{key}":[{",".join(rows)}],"last":{last}}}}}'


@pytest.fixture
def rest() -> Iterator[Rest]:
    rest = Rest()
    thread = threading.Thread(target=rest.server.serve_forever)
    thread.start()
    yield rest
    rest.server.shutdown()
    thread.join(5)
    rest.server.server_close()


def history(rest: Rest, origin: Origin = Origin.BACKFILL, requests_per_s: float = 0) -> KrakenHistory:
    return KrakenHistory(
        rest.url, origin=origin, clock=WallClock(), telemetry=rest.telemetry, requests_per_s=requests_per_s
    )


def row(trade_id: int | str, time: str = "1790401261.6431789") -> str:
    return f'["83942.80000","0.00044674",{time},"s","l","",{trade_id}]'


def test_trades_are_read_digit_for_digit(rest: Rest) -> None:
    rest.rows(row(17), row(18, "1790401262.1"))
    with history(rest) as kraken:
        page = kraken.trades(BTC, since=datetime(2026, 9, 26, 5, 41, 1, 643178, tzinfo=UTC))
    assert rest.queries == [("/0/public/Trades", {"pair": "XBTUSD", "since": "1790401261643177999", "count": "1000"})]
    first, second = page.trades
    assert (str(first.price), str(first.volume)) == ("83942.80000", "0.00044674")
    assert first.occurred_at == datetime(2026, 9, 26, 5, 41, 1, 643178, tzinfo=UTC), "truncated as the WebSocket's is"
    assert (first.trade_id, first.side, first.order_type, first.origin) == (17, Side.SELL, "limit", Origin.BACKFILL)
    assert second.occurred_at.microsecond == 100_000
    assert page.next_since == "1790401261643178900"
    assert page.refused == []


def test_a_full_page_leads_on_with_the_venues_own_token_digit_for_digit(rest: Rest) -> None:
    rest.rows(*(row(number) for number in range(1000)), last='"1790401261643178912"')
    with history(rest) as kraken:
        token = kraken.trades(BTC, since="1790401260000000001").next_since
        assert token == "1790401261643178912"
        assert kraken.trades(BTC, since=token).next_since is None, "a page that does not get on is the last"
    assert [query["since"] for _, query in rest.queries] == ["1790401260000000001", token]


@pytest.mark.parametrize(
    ("count", "last", "leads_on"),
    [
        (3, "1790401261643178912", True),
        (0, "1790401261643178912", True),
        (3, "1790401260000000001", False),
        (1000, "1790401260000000001", False),
        (1000, "1790401259999999999", False),
        (0, "1790401260000000001", False),
    ],
)
def test_a_page_is_the_last_when_it_says_so_not_when_it_is_short(
    rest: Rest, count: int, last: str, leads_on: bool
) -> None:
    rest.rows(*(row(number) for number in range(count)), last=f'"{last}"')
    with history(rest) as kraken:
        assert kraken.trades(BTC, since="1790401260000000001").next_since == (last if leads_on else None)


def test_a_warning_beside_good_rows_is_logged_and_the_rows_are_taken(rest: Rest) -> None:
    rest.rows(row(1), row(2))
    rest.body = rest.body.replace('"error":[]', '"error":["WGeneral:Deprecated: soon gone"]')
    with history(rest) as kraken:
        page = kraken.trades(BTC, since="0")
        assert [trade.trade_id for trade in page.trades] == [1, 2]
        assert page.warnings == ("WGeneral:Deprecated: soon gone",)
        assert rest.telemetry.counts["refusals"] == 1
        rest.rows('[1790398800,"1","3","0.5","2","1.75","4.00000000",7]', last="1790398800")
        rest.body = rest.body.replace('"error":[]', '"error":["WDatabase:Slow"]')
        assert len(kraken.candles(BTC, Interval.H1)) == 1
        assert rest.telemetry.counts["refusals"] == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error":["WDatabase:Slow","EQuery:Unknown asset pair"],"result":{"A":[],"last":"1"}}', "Unknown asset pair"),
        ('{"error":["WDatabase:Slow"]}', "no result, but said: WDatabase:Slow"),
    ],
)
def test_a_warning_makes_no_error_good_and_no_rows(rest: Rest, body: str, words: str) -> None:
    rest.body = body
    with history(rest) as kraken, pytest.raises(HistoryUnavailable, match=words) as caught:
        kraken.trades(BTC, since="0")
    assert caught.value.concern is Concern.OWN


def test_a_row_that_cannot_be_read_or_has_no_id_is_a_dead_letter(rest: Rest) -> None:
    rest.rows(row(1), '["1","1",1790401261.1,"s","l",""]', row(2, "1E+999999999"), row('"x"'), '{"a":1}', row(3))
    with history(rest) as kraken:
        page = kraken.trades(BTC, since="0")
    assert [trade.trade_id for trade in page.trades] == [1, 3]
    letters = [letter for letter in page.refused if isinstance(letter, DeadLettered)]
    assert len(letters) == len(page.refused)
    assert {letter.kind for letter in letters} == {"kraken-rest"}
    assert [letter.raw[:4] for letter in letters] == [b'["1"', b'["83', b'["83', b'{"a"']
    assert "has no trade id" in letters[0].reason
    assert letters[0].place == f"{rest.url}/0/public/Trades?pair=XBTUSD"


@pytest.mark.parametrize(
    ("body", "status", "words", "wait", "concern"),
    [
        ('{"error":["EAPI:Rate limit exceeded"]}', 200, "EAPI:Rate limit exceeded", 15, Concern.ALL),
        ('{"error":["EService:Throttled: 99"]}', 200, "Throttled", 5, Concern.ALL),
        ('{"error":["EService:Unavailable"]}', 200, "EService:Unavailable", 15, Concern.ALL),
        ('{"error":["EQuery:Unknown asset pair"]}', 200, "Unknown asset pair", 600, Concern.OWN),
        ("<html>", 200, "cannot be read", 5, Concern.OWN),
        ('{"error":[],"result":{}}', 200, "no rows", 5, Concern.OWN),
        ('{"error":[],"result":{"A":[],"B":[]}}', 200, "several pairs", 5, Concern.OWN),
        ("[" * 100_000, 200, "cannot be read", 5, Concern.OWN),
        ("", 503, "HTTP 503", 5, Concern.ALL),
        ("", 429, "HTTP 429", 5, Concern.ALL),
        ("", 302, "HTTP 302", 5, Concern.OWN),
        ("", 404, "HTTP 404", 5, Concern.OWN),
    ],
)
def test_refusals_are_said_in_words_with_when_to_come_back(
    rest: Rest, body: str, status: int, words: str, wait: float, concern: Concern
) -> None:
    rest.body, rest.status = body, status
    with history(rest) as kraken:
        for ask in (lambda: kraken.trades(BTC, since="0"), lambda: kraken.candles(BTC, Interval.H1)):
            with pytest.raises(HistoryUnavailable, match=words) as caught:
                ask()
            assert (caught.value.retry_after_s, caught.value.concern) == (wait, concern)


def test_throttled_until_a_time_is_waited_for(rest: Rest) -> None:
    rest.body = f'{{"error":["EService:Throttled: {int(time.time()) + 60}"]}}'
    with history(rest) as kraken, pytest.raises(HistoryUnavailable) as caught:
        kraken.trades(BTC, since="0")
    assert 50 < caught.value.retry_after_s <= 60


def test_the_servers_own_wish_when_to_come_back_is_kept(rest: Rest) -> None:
    rest.status, rest.headers = 429, {"Retry-After": "42"}
    with history(rest) as kraken, pytest.raises(HistoryUnavailable) as caught:
        kraken.trades(BTC, since="0")
    assert caught.value.retry_after_s == 42


def test_an_endless_answer_is_cut_off(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.kraken.rest.LONGEST_ANSWER", 1000)
    rest.rows(*(row(number) for number in range(100)))
    with history(rest) as kraken, pytest.raises(HistoryUnavailable, match="longer than"):
        kraken.trades(BTC, since="0")


def test_nobody_there(rest: Rest) -> None:
    with (
        KrakenHistory(
            "http://127.0.0.1:9", origin=Origin.BACKFILL, clock=WallClock(), telemetry=Remembered()
        ) as kraken,
        pytest.raises(HistoryUnavailable, match="cannot be asked") as caught,
    ):
        kraken.trades(BTC, since="0")
    assert caught.value.retry_after_s == 5


def test_requests_keep_their_pace(rest: Rest) -> None:
    rest.rows()
    with history(rest, requests_per_s=5) as kraken:
        start = time.monotonic()
        for _ in range(3):
            kraken.trades(BTC, since="0")
        assert time.monotonic() - start >= 0.4


def test_no_proxy_stands_between_us_and_this_machine(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    rest.rows(row(1))
    with history(rest) as kraken:
        assert len(kraken.trades(BTC, since="0").trades) == 1


def test_closed_candles_oldest_first(rest: Rest) -> None:
    rest.rows(
        '[1790398800,"1","3","0.5","2","1.75","4.00000000",7]',
        '[1790402400,"2","2","2","2","0","0.00000000",0]',
        '[1790406000,"2","1","2","2","2","1",1]',
        '[1790409600,"2","5","2","4","3","1.50000000",2]',
        '[1790413200,"4","4","4","4","4","0.10000000",1]',
        last="1790409600",
    )
    with history(rest) as kraken:
        candles = kraken.candles(BTC, Interval.H1)
        assert rest.telemetry.counts["refusals"] == 1, "a high below its low"
    assert rest.queries == [("/0/public/OHLC", {"pair": "XBTUSD", "interval": "60"})]
    assert [(c.start.hour, c.close, c.vwap, c.trades) for c in candles] == [
        (5, Decimal(2), Decimal("1.75"), 7),
        (8, Decimal(4), Decimal(3), 2),
    ], "without the unfinished one, and without an hour that had no trades"
    assert candles[0].occurred_at == datetime(2026, 9, 26, 6, tzinfo=UTC)


def test_the_venues_list_of_pairs_has_their_present_names(rest: Rest) -> None:
    rest.body = (
        '{"error":["WGeneral:soon"],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD"},'
        '"AAPLxUSD":{"altname":"AAPLxUSD","wsname":"AAPLx/USD","aclass_base":"tokenized_asset"},'
        '"ADAEUR":{"altname":"ADAEUR"},"odd":{"altname":7},"?":{}}}'
    )
    with history(rest) as kraken:
        assert kraken.pairs() == ["BTC/USD", "AAPLx/USD", "ADA/EUR"]
        assert [query for _, query in rest.queries] == [{}, {"aclass_base": "tokenized_asset"}]
        rest.body = '{"error":["EService:Unavailable"]}'
        with pytest.raises(ListingUnavailable, match="EService:Unavailable"):
            kraken.pairs()


def test_a_tokenized_stock_is_asked_for_by_its_class(rest: Rest) -> None:
    rest.rows(row(1))
    with history(rest) as kraken:
        kraken.trades(Pair("AAPLx/USD"), since="0")
    assert rest.queries[0][1] == {"pair": "AAPLxUSD", "since": "0", "count": "1000", "asset_class": "tokenized_asset"}


@real_data("kraken/xchange/rest_ohlc.json", "kraken/xchange/rest_trades.json")
def test_real_answers(rest: Rest) -> None:
    rest.body = path("kraken/xchange/rest_ohlc.json").read_text()
    with history(rest) as kraken:
        candles = kraken.candles(BTC, Interval.M1)
        rows = json.loads(rest.body)["result"]["XXBTZUSD"]
        assert len(candles) == sum(1 for each in rows if each[7]) - 1
        assert str(candles[0].volume) == "1.01200000"
        rest.body = path("kraken/xchange/rest_trades.json").read_text()
        page = kraken.trades(BTC, since="0")
    assert page.trades == []
    assert {letter.reason for letter in page.refused if isinstance(letter, DeadLettered)} == {
        "a trade of BTC/USD: the row has no trade id"
    }
