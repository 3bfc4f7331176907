"""Reading a body that may be compressed, without trusting how large it becomes, or what its header says."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from adapters.web.errors import WebError

_EITHER = 47  # zlib.decompressobj: 32 recognises gzip and zlib headers, 15 is the largest window
_BARE = -15  # deflate without a header, as some servers send it
_GZIP = b"\x1f\x8b"
_TEXT = (b"<", b"{", b"[", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # XML, HTML and JSON, byte order marks
_LAYERS = 2  # a compressed file that the server compresses again
# RFC 9110, 8.4.1, and the registry of HTTP content codings, without what we can read. Other names mean nothing.
_UNREADABLE = frozenset({"aes128gcm", "br", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip", "zstd"})


def read_limited(chunks: Iterable[bytes], encoding: str, limit: int, host: str) -> bytes:
    """The whole body, decoded, at most `limit` bytes. `encoding` is the Content-Encoding header: the content goes before it.

    Raises WebError for a body that is larger, or compressed in a way that cannot be read.
    """
    named = [name.strip().lower() for name in encoding.split(",")]
    return b"".join(_bounded(_decoded(chunks, named, limit, host, _LAYERS), limit, host))


def _bounded(pieces: Iterable[bytes], limit: int, host: str) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise WebError(f"the answer of {host} is too large: more than {limit:,} bytes")
        yield piece


def _decoded(chunks: Iterable[bytes], named: list[str], limit: int, host: str, layers: int) -> Iterable[bytes]:
    rest = iter(chunks)
    head = b""
    while len(head) < len(_GZIP) and (chunk := next(rest, None)) is not None:
        head += chunk
    body = chain([head], rest)
    if layers and head.startswith(_GZIP):
        inflated = _bounded(_inflated(body, _EITHER, limit, host), limit, host)
        return _decoded(inflated, [], limit, host, layers - 1)
    if not head or head.lstrip().startswith(_TEXT):
        return body
    if "deflate" in named:
        has_header = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0  # RFC 1950, 2.2
        return _inflated(body, _EITHER if has_header else _BARE, limit, host)
    if {"gzip", "x-gzip"} & set(named):
        raise WebError(f"the answer of {host} is not properly compressed: it is said to be gzip and is not")
    if unreadable := _UNREADABLE & set(named):
        raise WebError(f"{host} sent an encoding that we did not ask for: '{min(unreadable)}'")
    return body


def _inflated(chunks: Iterable[bytes], window: int, limit: int, host: str) -> Iterable[bytes]:
    inflate = zlib.decompressobj(window)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if inflate.eof:  # gzip files may be several, one after the other
                    inflate = zlib.decompressobj(window)
                yield inflate.decompress(rest, limit + 1)
                rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    except zlib.error as error:
        raise WebError(f"the answer of {host} is not properly compressed: {error}") from error
    if not inflate.eof:
        raise WebError(f"the answer of {host} ended early")
