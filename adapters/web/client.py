"""Fetching what strangers serve: public addresses only, limits on time and size, errors in words."""

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version

import httpcore
import httpx

from adapters.web.decoding import read_limited
from adapters.web.errors import Unreachable, WebError
from adapters.web.network import Deadline, GuardedBackend
from adapters.web.transport import GuardedTransport
from domain.address import without_secrets

USER_AGENT = f"CryptoViz/{version('cryptoviz')}"
SECONDS = 10.0
_REDIRECTS = 5
_LONGEST_REST_S = 86_400.0

_IN_WORDS = {
    401: "wants a sign-in",
    403: "refused the request",
    404: "has nothing at that address",
    410: "has nothing at that address any more",
    429: "asks us to come less often",
    451: "may not serve that for legal reasons",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: its name for people, the Accept header, and the media types that will do (none given: any)."""

    name: str
    accept: str
    media_types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer: status 2xx or 304. `url` is where the redirects led; header names are in any case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def charset(self) -> str | None:
        """The character encoding that the Content-Type header names."""
        return httpx.Response(200, headers={"content-type": self.headers.get("content-type", "")}).charset_encoding


class WebClient:
    """Fetches over http and https. `allow_private_hosts` (`host:port`) are the only private addresses it goes to.

    Proxies named in the environment are not used: behind one, nobody could check the address that is really reached.
    Safe for several threads.
    """

    def __init__(self, *, allow_private_hosts: Collection[str] = (), seconds: float = SECONDS) -> None:
        self._allowed = frozenset(host.lower() for host in allow_private_hosts)
        self._seconds = seconds

    def get(
        self,
        url: str,
        wanted: Wanted,
        *,
        limit: int,
        stop: threading.Event,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """Fetch `url`, following at most 5 redirects, each checked as the first address was.

        The body is at most `limit` bytes after decompression, and complete within `seconds`, or the client's. Raises
        WebError for everything that is not a complete answer with status 2xx or 304, and as soon as `stop` is set.
        """
        asked = {"accept": wanted.accept, "accept-encoding": "gzip", **(headers or {})}
        with self._client(url, stop, asked, seconds) as client:
            return self._follow(client, client.build_request("GET", url), wanted, limit)

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str], stop: threading.Event) -> None:
        """Send `body` to `url`, and look at the answer's status alone. A redirect is not followed.

        Raises WebError for everything but a status 2xx within the client's seconds, and as soon as `stop` is set.
        """
        with self._client(url, stop, headers) as client:
            request = client.build_request("POST", url, content=body)
            _check(request.url)
            response = client.send(request, stream=True)
            response.close()
            if not response.is_success:
                raise _refusal(response)

    @contextmanager
    def _client(
        self, url: str, stop: threading.Event, headers: Mapping[str, str], seconds: float | None = None
    ) -> Iterator[httpx.Client]:
        backend = GuardedBackend(self._allowed, Deadline(seconds or self._seconds, stop))
        said = {"user-agent": USER_AGENT, **headers}
        try:
            with httpx.Client(transport=GuardedTransport(backend), trust_env=False, headers=said) as client:
                yield client
        except (httpcore.ProtocolError, httpx.HTTPError, httpx.StreamError) as error:
            raise Unreachable(f"{_host(url)} did not answer as HTTP asks: {error}") from error
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise WebError(f"'{_shown(url)}' is not an address that can be fetched") from error

    def _follow(self, client: httpx.Client, request: httpx.Request, wanted: Wanted, limit: int) -> Answer:
        for _ in range(_REDIRECTS + 1):
            _check(request.url)
            response = client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return _complete(response, wanted, limit)
                request = response.next_request
            finally:
                response.close()
        raise WebError(f"{request.url.host} redirects more than {_REDIRECTS} times")


def _check(url: httpx.URL) -> None:
    if url.scheme not in {"http", "https"} or not url.host:
        raise WebError(f"'{_shown(str(url))}' is refused: only http and https addresses are fetched")
    if not 0 < (url.port or 80) < 65_536:
        raise WebError(f"'{_shown(str(url))}' is not an address that can be fetched: its port is not one of 1 to 65535")
    if url.userinfo:
        raise WebError(f"the address on {url.host} is refused: it holds a user name or password")


def _complete(response: httpx.Response, wanted: Wanted, limit: int) -> Answer:
    host, status = response.url.host, response.status_code
    if status == httpx.codes.NOT_MODIFIED:
        return Answer(url=str(response.url), status=status, headers=response.headers, body=b"")
    if not response.is_success:
        raise _refusal(response)
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if wanted.media_types and media_type and media_type not in wanted.media_types:
        raise WebError(f"{host} sent '{media_type[:60]}' where {wanted.name} was expected")
    body = read_limited(response.iter_raw(), response.headers.get("content-encoding", ""), limit, host)
    return Answer(url=str(response.url), status=status, headers=response.headers, body=body)


def _refusal(response: httpx.Response) -> WebError:
    status = response.status_code
    trouble = "has trouble of its own" if response.is_server_error else "answered with an unexpected status"
    return WebError(
        f"{response.url.host} {_IN_WORDS.get(status, trouble)} ({status})",
        status=status,
        retry_after_s=_retry_after(response),
    )


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, from seconds or a date (RFC 9110, 10.2.3); at most a day. None where it is neither."""
    value = response.headers.get("retry-after", "").strip()
    try:
        if value.isascii() and value.isdigit():
            seconds = float(value[:12])
        else:
            at = parsedate_to_datetime(value)
            seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_REST_S)


def _host(url: str) -> str:
    return httpx.URL(url).host or _shown(url)


def _shown(url: str) -> str:
    return without_secrets(url)[:200]
