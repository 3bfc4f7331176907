import itertools
import json
from calendar import timegm
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import feedparser
import pytest
import trafilatura

from adapters.simulator.market import Market
from adapters.simulator.moment import rfc3339, to_ns
from adapters.simulator.news import SOURCES, Newsroom
from adapters.simulator.session import Session
from adapters.simulator.site import Response, Site

NOW = to_ns(datetime(2026, 3, 1, 12, 0, 31, 500_000, tzinfo=UTC))
BASE = "http://127.0.0.1:1"
MARKET = Market(7)
NEWSROOM = Newsroom(7, MARKET)
SITE = Site(MARKET, NEWSROOM, BASE)


def get(path: str, query: str = "", now: int = NOW, headers: dict[str, str] | None = None) -> Response:
    return SITE.get(path, query, headers or {}, now)


def rest(method: str, query: str = "", now: int = NOW) -> Any:
    response = get(f"/0/public/{method}", query, now)
    assert response.status == 200
    return json.loads(response.body, parse_float=Decimal)


@pytest.mark.parametrize("name", ["BTC/USD", "BTC%2FUSD", "XBTUSD", "XXBTZUSD", "xbtusd", "XBT/USD"])
def test_a_pair_is_known_by_its_names(name: str) -> None:
    answer = rest("Trades", f"pair={name}&count=3")
    assert answer["error"] == []
    assert set(answer["result"]) == {"XXBTZUSD", "last"}


@pytest.mark.parametrize(
    ("method", "query", "error"),
    [
        ("Trades", "pair=NOPEUSD", "EQuery:Unknown asset pair"),
        ("Trades", "", "EGeneral:Invalid arguments"),
        ("Trades", "pair=XBTUSD&count=0", "EGeneral:Invalid arguments:count"),
        ("Trades", "pair=XBTUSD&count=1001", "EGeneral:Invalid arguments:count"),
        ("Trades", "pair=XBTUSD&count=x", "EGeneral:Invalid arguments:count"),
        ("Trades", "pair=XBTUSD&since=1e99", "EGeneral:Invalid arguments:since"),
        ("Trades", "pair=XBTUSD&since=-1", "EGeneral:Invalid arguments:since"),
        ("OHLC", "pair=XBTUSD&interval=7", "EGeneral:Invalid arguments:interval"),
        ("Depth", "pair=XBTUSD", "EGeneral:Unknown method"),
    ],
)
def test_errors_are_kraken_s(method: str, query: str, error: str) -> None:
    assert rest(method, query) == {"error": [error]}


def test_rest_and_the_websocket_tell_the_same_trades() -> None:
    session = Session(MARKET)
    for symbol in ("BTC/USD", "ADA/USD", "DOGE/USD"):
        request = {"method": "subscribe", "params": {"channel": "trade", "symbol": [symbol], "snapshot": True}}
        _ack, snapshot = session.answer(json.dumps(request), NOW)
        stream = json.loads(snapshot, parse_float=Decimal)["data"]
        result = rest("Trades", f"pair={symbol}&count=50")["result"]
        last = result.pop("last")
        [rows] = result.values()
        assert len(rows) == len(stream) == 50
        for row, trade in zip(rows, stream, strict=True):
            price, qty, seconds, side, order, misc, trade_id = row
            assert (Decimal(price), Decimal(qty), trade_id, misc) == (
                trade["price"],
                trade["qty"],
                trade["trade_id"],
                "",
            )
            assert {"b": "buy", "s": "sell"}[side] == trade["side"]
            assert {"m": "market", "l": "limit"}[order] == trade["ord_type"]
            assert rfc3339(int(seconds * 10**9)) == trade["timestamp"]
        assert int(last) // 100 == int(rows[-1][2] * 10**7)


def test_paging_by_last_finds_every_trade_once() -> None:
    start = NOW - 20 * 60 * 10**9
    expected = [trade.trade_id for trade in MARKET.trades("BTC/USD", start + 1, NOW + 1)]
    found: list[int] = []
    since = str(start)
    while rows := (result := rest("Trades", f"pair=BTC/USD&since={since}&count=97")["result"])["XXBTZUSD"]:
        found += [row[6] for row in rows]
        since = result["last"]
    assert found == expected
    assert result["last"] == since


def test_since_may_be_in_seconds() -> None:
    seconds = NOW // 10**9 - 30
    by_seconds, by_ns = (rest("Trades", f"pair=ETHUSD&since={since}") for since in (seconds, seconds * 10**9))
    assert by_seconds == by_ns
    assert rest("Trades", "pair=ETHUSD&since=0&count=1")["result"]["XETHZUSD"][0][6] == 1


def test_the_latest_thousand_trades_without_since() -> None:
    rows = rest("Trades", "pair=DOTUSD")["result"]["DOTUSD"]
    assert len(rows) == 1000
    assert rows[-1][6] == MARKET.last_trades("DOT/USD", 1, NOW)[0].trade_id


def test_a_minute_candle_equals_the_recount_of_its_trades_by_rest() -> None:
    result = rest("OHLC", "pair=SOLUSD&interval=1")["result"]
    candles = result["SOLUSD"]
    assert len(candles) == 720
    assert [row[0] for row in candles] == list(range(candles[0][0], candles[0][0] + 720 * 60, 60))
    assert result["last"] == candles[-2][0]
    for start, *ohlc, vwap, volume, count in (candles[-1], candles[-2], candles[0]):
        trades = rest("Trades", f"pair=SOLUSD&since={start * 10**9 - 1}")["result"]["SOLUSD"]
        rows = [row for row in trades if row[2] < start + 60]
        prices = [Decimal(row[0]) for row in rows]
        assert [Decimal(text) for text in ohlc] == [prices[0], max(prices), min(prices), prices[-1]]
        assert Decimal(volume) == sum(Decimal(row[1]) for row in rows)
        assert count == len(rows)
        assert abs(Decimal(vwap) - sum(Decimal(r[0]) * Decimal(r[1]) for r in rows) / Decimal(volume)) <= Decimal(
            "0.005"
        )


@pytest.mark.parametrize("interval", [5, 15, 30, 60, 240, 1440])
def test_longer_candles_reach_back_720(interval: int) -> None:
    result = rest("OHLC", f"pair=ADAUSD&interval={interval}")["result"]
    assert len(result["ADAUSD"]) == 720
    assert len(rest("OHLC", f"pair=ADAUSD&interval={interval}&since={result['last']}")["result"]["ADAUSD"]) == 1


def test_time_and_status() -> None:
    assert rest("Time")["result"]["unixtime"] == NOW // 10**9
    assert rest("SystemStatus")["result"] == {"status": "online", "timestamp": "2026-03-01T12:00:31Z"}


def feed(slug: str, now: int = NOW) -> Any:
    return feedparser.parse(get(f"/news/{slug}.xml", now=now).body)


def test_the_feeds_are_well_formed_and_say_that_they_are_simulated() -> None:
    for slug, name in SOURCES.items():
        parsed = feed(slug)
        assert not parsed.bozo
        assert parsed.feed.title == name
        assert "Simulated" in name
        assert len(parsed.entries) == 30
        for entry in parsed.entries:
            assert entry.link.startswith(f"{BASE}/news/{slug}/")
            assert entry.author and entry.summary and entry.tags
            assert timegm(entry.published_parsed) <= NOW / 10**9


def test_a_story_keeps_its_guid_when_the_server_moves() -> None:
    moved = Site(MARKET, NEWSROOM, "http://127.0.0.1:2").get("/news/simulated-wire.xml", "", {}, NOW)
    here, there = feed("simulated-wire").entries, feedparser.parse(moved.body).entries
    assert [entry.id for entry in here] == [entry.id for entry in there]
    assert here[0].link != there[0].link


def test_stories_appear_one_to_three_minutes_apart_and_never_change() -> None:
    def times(now: int) -> dict[tuple[str, int], int]:
        return {
            (slug, story.story_id): story.published_s
            for slug in SOURCES
            for story in NEWSROOM.latest(slug, now // 10**9, 30)
        }

    before, after = times(NOW), times(NOW + 600 * 10**9)
    published = sorted(before.values())[-50:]
    assert all(60 < later - earlier < 180 for earlier, later in itertools.pairwise(published))
    assert all(after.get(key, when) == when for key, when in before.items())
    assert 3 <= len(set(after) - set(before)) <= 10


def test_an_article_can_be_extracted_from_its_page() -> None:
    slug = "simulated-wire"
    [story] = NEWSROOM.latest(slug, NOW // 10**9, 1)
    response = get(f"/news/{slug}/{story.story_id}.html")
    text = trafilatura.extract(response.body.decode())
    assert text is not None
    assert response.headers["content-type"].startswith("text/html")
    assert all(paragraph in text for paragraph in story.paragraphs)
    assert "This article is simulated." in text
    assert "Cookie settings" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/news/none.xml",
        "/news/simulated-wire/x.html",
        "/news/simulated-wire/99999999999.html",
        "/news/simulated-wire",
        "/0/public",
        "/news/%00.xml",
        "/news/simulated-wire/²³.html",
    ],
)
def test_what_is_not_there_is_404_with_a_reason(path: str) -> None:
    response = get(path)
    assert response.status == 404
    assert response.body


def test_a_story_is_not_there_before_it_is_published() -> None:
    [story] = NEWSROOM.latest("simulated-ledger", NOW // 10**9, 1)
    path = f"/news/simulated-ledger/{story.story_id}.html"
    assert get(path, now=story.published_s * 10**9).status == 200
    assert get(path, now=story.published_s * 10**9 - 1).status == 404
    assert get(path.replace("ledger", "wire")).status == 404


def test_conditional_requests() -> None:
    path = "/news/simulated-wire.xml"
    first = get(path)
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"if-none-match": etag},
        {"if-none-match": f'"other", W/{etag}'},
        {"if-none-match": "*"},
        {"if-modified-since": modified},
        {"if-none-match": etag, "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        again = get(path, headers=headers)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    for headers in (
        {"if-none-match": '"other"'},
        {"if-none-match": '"other"', "if-modified-since": modified},
        {"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"if-modified-since": "yesterday"},
    ):
        assert get(path, headers=headers).status == 200
    later = get(path, now=NOW + 3600 * 10**9, headers={"if-none-match": etag})
    assert later.status == 200
    assert later.headers["etag"] != etag
