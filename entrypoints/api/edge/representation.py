"""How answers go over the wire: compressed, and with an ETag by which an unchanged page is not sent again.

Litestar's own compression is not used: it encodes files again that are encoded already, takes `gzip;q=0` for gzip, and
knows no ETag, which must be that of the answer before it is encoded.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send

_SMALLEST = 1_000  # bytes: below that the headers are most of an answer
_LEVEL = 5
_LARGE = 256 * 1024  # bytes: from here on another thread does it, as the event loop would stand still for milliseconds
_COMPRESSIBLE = (b"application/json", b"text/", b"application/problem+json", b"application/vnd.oai.openapi+json")

# What holds tokens is not compressed: the length would tell about them where part of the answer can be chosen (BREACH).
_WITH_SECRETS = "/api/v1/admin/"


def represented(app: ASGIApp) -> ASGIApp:
    """Compress answers, and answer 304 where the client has the page already. Both only for answers in one piece."""

    async def representing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] not in ("GET", "HEAD", "POST"):
            await app(scope, receive, send)
            return
        request, start = scope, list[HTTPResponseStartEvent]()

        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append(message)
                return
            if start and message["type"] == "http.response.body":
                begun = start.pop()
                if not message.get("more_body"):
                    begun, body = await _represented(request, begun, message["body"])
                    message = {**message, "body": body}
                await send(begun)
            await send(message)

        await app(scope, receive, held)

    return representing


async def _represented(
    request: HTTPScope, start: HTTPResponseStartEvent, body: bytes
) -> tuple[HTTPResponseStartEvent, bytes]:
    headers = dict(start["headers"])
    asked = dict(request["headers"])
    if start["status"] == 200 and _is_public_read(request) and b"etag" not in headers:
        etag = b'W/"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'  # of any encoding: weak
        headers |= {b"etag": etag, b"cache-control": b"private, no-cache", b"vary": b"Accept-Encoding"}
        if _matches(asked.get(b"if-none-match", b""), etag):
            kept = [
                (name, value) for name, value in headers.items() if name not in (b"content-length", b"content-type")
            ]
            return {**start, "status": 304, "headers": kept}, b""
    if not _may_be_compressed(request, headers, body):
        return {**start, "headers": _with(start["headers"], headers)}, body
    headers[b"vary"] = b"Accept-Encoding"
    if accepts_gzip(asked.get(b"accept-encoding", b"")):
        large = len(body) >= _LARGE
        body = await asyncio.to_thread(_gzipped, body) if large else _gzipped(body)
        headers |= {b"content-encoding": b"gzip", b"content-length": str(len(body)).encode()}
    return {**start, "headers": _with(start["headers"], headers)}, body


def _with(before: Iterable[tuple[bytes, bytes]], changed: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The headers with those that changed; one that comes several times (Set-Cookie) stays as it is."""
    rest = dict(changed)
    kept = []
    for name, value in before:
        if name == b"set-cookie":
            rest.pop(name, None)
            kept.append((name, value))
        elif name in rest:
            kept.append((name, rest.pop(name)))
    return kept + list(rest.items())


def _is_public_read(request: HTTPScope) -> bool:
    handler = request.get("route_handler")
    return request["method"] in ("GET", "HEAD") and bool(getattr(handler, "cache", False))


def _may_be_compressed(request: HTTPScope, headers: dict[bytes, bytes], body: bytes) -> bool:
    return (
        len(body) >= _SMALLEST
        and b"content-encoding" not in headers
        and b"set-cookie" not in headers
        and not request["path"].startswith(_WITH_SECRETS)
        and headers.get(b"content-type", b"").startswith(_COMPRESSIBLE)
    )


def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)


def accepts_gzip(header: bytes) -> bool:
    """Whether Accept-Encoding names gzip, or anything, with a quality above 0 (RFC 9110, 12.5.3)."""
    qualities: dict[bytes, float] = {}
    for one in header.lower().split(b","):
        name, _, parameters = one.partition(b";")
        key, _, value = parameters.strip().partition(b"=")
        try:
            qualities[name.strip()] = float(value) if key.strip() == b"q" else 1.0
        except ValueError:
            qualities[name.strip()] = 0.0
    return qualities.get(b"gzip", qualities.get(b"*", 0.0)) > 0


def _matches(header: bytes, etag: bytes) -> bool:
    tags = [tag.strip() for tag in header.split(b",")]
    return tags == [b"*"] or etag.removeprefix(b"W/") in [tag.removeprefix(b"W/") for tag in tags]
