import gzip
from collections.abc import Iterator

import pytest
from litestar.testing import TestClient
from litestar.types import ASGIApp

from adapters.metrics.prometheus import PrometheusTelemetry
from entrypoints.api.app import create_app
from entrypoints.api.edge.representation import accepts_gzip
from entrypoints.api.server import as_served
from tests.unit.api.world import World, trade

TRADES = "/api/v1/trades/"


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.happens(*[trade(number) for number in range(1, 51)])
    return world


@pytest.fixture(scope="module")
def api(world: World) -> Iterator[TestClient[ASGIApp]]:
    meter = PrometheusTelemetry()
    app = create_app(world.services, meter, world.house, bound_to_loopback=True)
    with TestClient(as_served(app, meter), base_url="http://127.0.0.1") as client:
        yield client


def _sent(api: TestClient[ASGIApp], path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    with api.stream("GET", path, headers=headers) as answer:
        return answer.status_code, dict(answer.headers), b"".join(answer.iter_raw())


def test_an_answer_is_compressed_for_those_who_take_it(api: TestClient[ASGIApp]) -> None:
    _, plain_headers, plain = _sent(api, TRADES, **{"accept-encoding": "identity"})
    _, headers, packed = _sent(api, TRADES, **{"accept-encoding": "br;q=1, gzip;q=0.5"})
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 4
    assert (headers["content-encoding"], headers["content-length"]) == ("gzip", str(len(packed)))
    assert headers["vary"] == plain_headers["vary"] == "Accept-Encoding"
    assert headers["etag"] == plain_headers["etag"]
    assert "content-encoding" not in plain_headers


@pytest.mark.parametrize("path", ["/api/v1/health/live", "/api/v1/trades/?limit=1", "/api/v1/admin/nothing"])
def test_small_answers_and_those_with_secrets_are_not_compressed(api: TestClient[ASGIApp], path: str) -> None:
    assert "content-encoding" not in _sent(api, path, **{"accept-encoding": "gzip"})[1]


def test_a_page_that_the_client_has_is_not_sent_again_until_it_changes(world: World, api: TestClient[ASGIApp]) -> None:
    path = "/api/v1/candles/?pair=ETH-USD"
    etag = _sent(api, path)[1]["etag"]
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        status, headers, body = _sent(api, path, **{"if-none-match": known, "accept-encoding": "gzip"})
        assert (status, body, headers["etag"]) == (304, b"", etag)
        assert headers["cache-control"] == "private, no-cache"
    assert _sent(api, path, **{"if-none-match": '"other"'})[0] == 200
    assert _sent(api, TRADES, **{"if-none-match": etag})[0] == 200
    before = _sent(api, TRADES)[1]["etag"]
    world.happens(trade(51))
    assert _sent(api, TRADES, **{"if-none-match": before})[0] == 200
    assert _sent(api, path, **{"if-none-match": etag})[0] == 304, "the other page is as it was"


def test_errors_and_what_is_no_market_data_have_no_etag(api: TestClient[ASGIApp]) -> None:
    for path in (f"{TRADES}?limit=0", "/api/v1/health/", "/api/v1/nothing"):
        headers = _sent(api, path)[1]
        assert "etag" not in headers
        assert headers["cache-control"] == "no-store"


def test_a_parameter_that_is_given_twice_is_refused_by_its_name(api: TestClient[ASGIApp]) -> None:
    for query in ("limit=1&limit=2", "limit=1&limit=1", "pair=BTC-USD&pair=ETH-USD", "limit=5&%6Cimit=6"):
        answer = api.get(f"{TRADES}?{query}")
        told = answer.json()
        assert answer.status_code == 422
        assert told["field"] == told["params"]["field"] == ("pair" if "pair" in query else "limit")
        assert told["code"] == "invalid-value"


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (b"gzip", True), (b"GZIP", True), (b"*", True), (b"gzip;q=0", False), (b"gzip; q=0.000", False), (b"*;q=0", False),
        (b"gzip;q=0, *", False), (b"br", False), (b"", False), (b"gzip;q=x", False), (b"xgzip", False), (b"br, gzip ;q=0.1", True),
        (b"\xff;q=\xff", False),
    ],
)  # fmt: skip
def test_who_takes_gzip(header: bytes, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted
