"""Reading a compressed body without trusting how large it becomes."""

import zlib
from collections.abc import Iterable

from adapters.web.errors import WebError

_EITHER = 47  # zlib.decompressobj: 32 recognises gzip and zlib headers, 15 is the largest window


def read_limited(chunks: Iterable[bytes], encoding: str, limit: int, host: str) -> bytes:
    """The whole body, decoded, at most `limit` bytes. Raises WebError when it is larger or not what `encoding` says."""
    match encoding.strip().lower():
        case "" | "identity":
            pieces = chunks
        case "gzip" | "x-gzip" | "deflate":
            pieces = _inflated(chunks, limit, host)
        case _:
            raise WebError(f"{host} sent an encoding that we did not ask for: '{encoding[:40]}'")
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit:
            raise WebError(f"the answer of {host} is too large: more than {limit:,} bytes")
    return bytes(body)


def _inflated(chunks: Iterable[bytes], limit: int, host: str) -> Iterable[bytes]:
    inflate = zlib.decompressobj(_EITHER)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if inflate.eof:  # gzip files may be several, one after the other
                    inflate = zlib.decompressobj(_EITHER)
                yield inflate.decompress(rest, limit + 1)
                rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    except zlib.error as error:
        raise WebError(f"the answer of {host} is not properly compressed: {error}") from error
    if not inflate.eof:
        raise WebError(f"the answer of {host} ended early")
