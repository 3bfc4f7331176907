"""Requests whose target or Host cannot be read are refused before anything else looks at them."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.api.problems import MEDIA_TYPE, answer, problem

_HOST = re.compile(r"(\[(?P<v6>[0-9A-Fa-f:.]{2,45})\]|[A-Za-z0-9._~-]{1,255})(:(?P<port>[0-9]{0,5}))?", re.ASCII)
_LAST_PORT = 65_535
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def well_formed(app: ASGIApp) -> ASGIApp:
    """Answer 400 where the Host is none, or the path or query is not percent-encoded UTF-8; for HTTP."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            path, _, _ = scope["raw_path"].partition(b"?")  # some servers leave the query in it
            fault = fault_of(path, scope["query_string"], scope["headers"])
            if fault is not None:
                await _refuse(send, fault)
                return
        await app(scope, receive, send)

    return checked


def fault_of(path: bytes, query: bytes, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """What is wrong with a request's target or Host; None where nothing is. All as it was sent."""
    hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
    if len(hosts) > 1:
        return "the header Host comes more than once: expected it once"
    if hosts and not is_host(hosts[0]):
        return f"the Host {_shown(hosts[0])} is none: expected a name or an address, and a port from 0 to {_LAST_PORT}"
    if not path.startswith(b"/"):
        return "the target of the request is no path: expected one that begins with /"
    return _fault_of_text(path, "path") or _fault_of_text(query, "query")


def is_host(text: str) -> bool:
    """Whether a text is `name`, `address` or `[IPv6 address]`, with or without `:port` (RFC 9110, section 7.2)."""
    found = _HOST.fullmatch(text)
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        return False
    if found["v6"] is None:
        return True
    try:
        ipaddress.IPv6Address(found["v6"])
    except ValueError:
        return False
    return True


def _fault_of_text(raw: bytes, what: str) -> str | None:
    if b"%" not in raw:
        return None  # all else that is not printable ASCII is refused by the server
    if _BROKEN_ESCAPE.search(raw):
        return f"the {what} has a % that two hexadecimal digits do not follow: write %25 for the character itself"
    decoded = unquote_to_bytes(raw)
    if what == "path" and b"\0" in decoded:  # a parameter that has one is refused by its name
        return "the path has a NUL character: expected text"
    try:
        decoded.decode()
    except UnicodeDecodeError:
        return f"the {what} is not UTF-8: expected percent-encoded UTF-8"
    return None


def _shown(host: str) -> str:
    return ascii(host[:80])


async def _refuse(send: Send, fault: str) -> None:
    body: bytes = answer(problem(400, fault)).content
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
