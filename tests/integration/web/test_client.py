import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.web import network
from adapters.web.client import Answer, Wanted, WebClient
from adapters.web.errors import WebError
from tests.servers.http import Exchange, HttpServer, http_server

PAGE = Wanted("a web page", "text/html", frozenset({"text/html"}))
LIMIT = 100_000

Get = Callable[[str], Answer]


@pytest.fixture
def get(web: WebClient, stop: threading.Event) -> Get:
    return lambda url: web.get(url, PAGE, limit=LIMIT, stop=stop)


def _unknown(host: str, port: int) -> list[str]:
    raise socket.gaierror("unknown")


def refusal(get: Get, url: str) -> WebError:
    with pytest.raises(WebError) as error:
        get(url)
    return error.value


def test_a_page_comes_with_its_headers_and_knows_who_asked(server: HttpServer, get: Get) -> None:
    server.serve("/a", "<p>hi</p>", media_type="text/html; charset=iso-8859-1", etag='"1"')
    answer = get(server.url("/a"))
    assert (answer.status, answer.body, answer.charset, answer.headers["ETag"]) == (
        200,
        b"<p>hi</p>",
        "iso-8859-1",
        '"1"',
    )
    assert server.requests[0].headers["user-agent"].startswith("CryptoViz/")


def test_private_addresses_are_refused_unless_they_are_named(server: HttpServer, stop: threading.Event) -> None:
    server.serve("/a", "hi")
    stranger = WebClient(seconds=2)
    for url in (server.url("/a"), f"http://localhost:{server.port}/a", f"http://[::ffff:127.0.0.1]:{server.port}/a",
                f"http://2130706433:{server.port}/a", f"http://0:{server.port}/a"):  # fmt: skip
        with pytest.raises(WebError, match=r"is refused: .* CRYPTOVIZ_ALLOW_PRIVATE_HOSTS"):
            stranger.get(url, PAGE, limit=LIMIT, stop=stop)
    assert server.requests == []


def test_the_name_is_allowed_as_it_is_written_with_its_port(server: HttpServer, stop: threading.Event) -> None:
    server.serve("/a", "hi")
    other_port = WebClient(allow_private_hosts=["127.0.0.1:1"], seconds=2)
    with pytest.raises(WebError, match="is refused"):
        other_port.get(server.url("/a"), PAGE, limit=LIMIT, stop=stop)
    by_name = WebClient(allow_private_hosts=[f"LOCALHOST:{server.port}"], seconds=2)
    assert by_name.get(f"http://localhost:{server.port}/a", PAGE, limit=LIMIT, stop=stop).body == b"hi"


def test_a_name_that_turns_private_after_it_was_checked_gains_nothing(
    monkeypatch: pytest.MonkeyPatch, server: HttpServer, stop: threading.Event
) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(network, "resolve", rebinding)
    with pytest.raises(WebError, match=r"rebind\.example:\d+ is refused: 127\.0\.0\.1 is a loopback address"):
        WebClient(seconds=2).get(f"http://rebind.example:{server.port}/", PAGE, limit=LIMIT, stop=stop)
    assert asked == ["rebind.example"], "resolved once: what was checked is what is connected to"
    assert server.requests == []


def test_a_redirect_to_a_private_address_is_refused(server: HttpServer, get: Get) -> None:
    with http_server() as inner:
        inner.serve("/secret", "secret")
        server.redirect("/a", inner.url("/secret"))
        assert "is a loopback address" in str(refusal(get, server.url("/a")))
        assert inner.requests == []


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "gopher://x/", "http://user:pass@127.0.0.1/", "http://[bad/", "//"]
)
def test_redirects_lead_to_web_addresses_only(server: HttpServer, get: Get, to: str) -> None:
    server.redirect("/a", to)
    refusal(get, server.url("/a"))


def test_redirects_are_followed_five_times(server: HttpServer, get: Get) -> None:
    for number in range(6):
        server.redirect(f"/{number}", f"/{number + 1}")
    server.serve("/6", "there")
    assert get(server.url("/1")).url == server.url("/6")
    assert "more than 5 times" in str(refusal(get, server.url("/0")))
    server.redirect("/loop", "/loop")
    assert "more than 5 times" in str(refusal(get, server.url("/loop")))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("http://name:word@example.com/", "user name or password"),
        ("http:///nowhere", "only http and https"),
        ("http://exa mple.com/", "not an address|could not be resolved"),
        ("http://example.com:99999/", "not an address"),
        (f"http://{'a' * 70}.invalid/", "could not be resolved|not an address"),
        ("no address at all", "only http and https"),
    ],
)
def test_what_is_no_web_address_is_refused(monkeypatch: pytest.MonkeyPatch, get: Get, url: str, reason: str) -> None:
    monkeypatch.setattr(network, "resolve", _unknown)
    error = refusal(get, url)
    assert any(part in str(error) for part in reason.split("|")), str(error)
    assert "word" not in str(error).replace("password", "")


@pytest.mark.parametrize("address", ["ftp://example.com/rss", "http://example.com:99999/", "http://example.com:word/"])
def test_a_refusal_does_not_repeat_a_key(get: Get, address: str) -> None:
    error = refusal(get, f"{address}?key=word")
    assert "word" not in str(error)


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch, get: Get) -> None:
    monkeypatch.setattr(network, "resolve", _unknown)
    assert str(refusal(get, "http://nobody.example/")) == "the name nobody.example could not be resolved"


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, server: HttpServer, get: Get) -> None:
    monkeypatch.setattr(network, "resolve", lambda host, port: server.stopping.wait(30) and [])
    began = time.monotonic()
    assert "timed out" in str(refusal(get, "http://slow.example/"))
    assert time.monotonic() - began < 4


def test_a_closed_port(stop: threading.Event) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{sock.getsockname()[1]}"
        with pytest.raises(WebError, match="cannot be reached: connection refused"):
            WebClient(allow_private_hosts=[address], seconds=2).get(f"http://{address}/", PAGE, limit=LIMIT, stop=stop)


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nx: ", b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n"],
    ids=["before the status", "within the headers", "within the body"],
)
def test_a_server_that_drips_is_cut_off(server: HttpServer, stop: threading.Event, head: bytes) -> None:
    server.routes["/slow"] = lambda exchange: exchange.drip(head)
    web = WebClient(allow_private_hosts=[server.address], seconds=0.5)
    began = time.monotonic()
    with pytest.raises(WebError, match=r"timed out: the answer was not complete after 0\.5 s"):
        web.get(server.url("/slow"), PAGE, limit=LIMIT, stop=stop)
    assert time.monotonic() - began < 2


def test_stopping_breaks_off_a_fetch(server: HttpServer, stop: threading.Event) -> None:
    server.routes["/slow"] = lambda exchange: exchange.drip()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(WebError, match="broken off"):
        WebClient(allow_private_hosts=[server.address], seconds=60).get(
            server.url("/slow"), PAGE, limit=10**9, stop=stop
        )
    assert time.monotonic() - began < 3


def test_a_body_without_end_is_cut_off(server: HttpServer, get: Get) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        while not server.stopping.is_set():
            exchange.wfile.write(b"x" * 65536)

    server.routes["/huge"] = endless
    assert "too large: more than 100,000 bytes" in str(refusal(get, server.url("/huge")))


def test_a_gzip_bomb_is_cut_off(server: HttpServer, get: Get) -> None:
    server.serve("/fine", gzip.compress(b"hello") + gzip.compress(b" there"), content_encoding="gzip")
    assert get(server.url("/fine")).body == b"hello there"
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < LIMIT
    server.serve("/bomb", bomb, content_encoding="gzip")
    assert "too large" in str(refusal(get, server.url("/bomb")))
    server.serve("/cut", gzip.compress(b"hello" * 100)[:-9], content_encoding="gzip")
    assert "ended early" in str(refusal(get, server.url("/cut")))
    server.serve("/lie", b"hello", content_encoding="gzip")
    assert "not properly compressed" in str(refusal(get, server.url("/lie")))
    server.serve("/br", b"hello", content_encoding="br")
    assert "did not ask for: 'br'" in str(refusal(get, server.url("/br")))


def test_a_picture_is_no_page(server: HttpServer, get: Get) -> None:
    server.serve("/a", b"\x89PNG", media_type="image/png")
    assert "sent 'image/png' where a web page was expected" in str(refusal(get, server.url("/a")))


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "refused the request"), (404, "nothing at that address"), (429, "less often"), (500, "trouble of its own"),
     (418, "unexpected status"), (300, "unexpected status")],
)  # fmt: skip
def test_statuses_in_words(server: HttpServer, get: Get, status: int, words: str) -> None:
    server.serve("/a", "no", status=status)
    error = refusal(get, server.url("/a"))
    assert words in str(error) and f"({status})" in str(error)
    assert error.status == status


def test_retry_after_in_seconds_and_as_a_date(server: HttpServer, get: Get) -> None:
    server.serve("/s", "", status=429, retry_after="120")
    assert refusal(get, server.url("/s")).retry_after_s == 120
    server.serve(
        "/d", "", status=503, retry_after=format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    )
    seconds = refusal(get, server.url("/d")).retry_after_s
    assert seconds is not None and 50 < seconds <= 60
    for nonsense in ("soon", "-5", "9" * 400, "²"):
        server.serve("/n", "", status=429, retry_after=nonsense.encode().decode("latin-1"))
        assert (refusal(get, server.url("/n")).retry_after_s or 0) <= 86_400


def test_not_modified_is_an_answer(server: HttpServer, get: Get) -> None:
    server.serve("/a", "", status=304)
    assert get(server.url("/a")).status == 304


def test_a_connection_that_breaks_off(server: HttpServer, get: Get) -> None:
    def reset(exchange: Exchange) -> None:
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1000\r\n\r\nhello")
        exchange.reset()

    def short(exchange: Exchange) -> None:
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1000\r\n\r\nhello")

    def nonsense(exchange: Exchange) -> None:
        exchange.wfile.write(b"\x00\x01 hello\r\n\r\n")

    server.routes |= {"/nonsense": nonsense, "/reset": reset, "/short": short, "/nothing": lambda _: None}
    for path in ("/reset", "/short", "/nothing", "/nonsense"):
        assert "127.0.0.1" in str(refusal(get, server.url(path)))


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, server: HttpServer, get: Get) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.serve("/a", "hi")
    assert get(server.url("/a")).body == b"hi"


def test_a_server_without_tls_is_said_to_be_one(server: HttpServer, get: Get) -> None:
    server.serve("/a", "hi")
    assert "127.0.0.1" in str(refusal(get, f"https://{server.address}/a"))


def test_deflate_comes_with_a_header_and_without(server: HttpServer, get: Get) -> None:
    bare = zlib.compressobj(wbits=-15)
    for path, body in (("/zlib", zlib.compress(b"hello")), ("/bare", bare.compress(b"hello") + bare.flush())):
        server.serve(path, body, content_encoding="deflate")
        assert get(server.url(path)).body == b"hello"
    server.serve("/twice", gzip.compress(gzip.compress(bytes(50_000_000))), content_encoding="gzip")
    assert "too large" in str(refusal(get, server.url("/twice")))
