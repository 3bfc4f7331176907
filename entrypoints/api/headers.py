"""Security headers of every answer."""

from litestar.types import HTTPResponseStartEvent

# https://owasp.org/www-project-secure-headers/: what a browser must not do with our answers.
UNLESS_SAID = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",  # but pages bring their own
    b"cache-control": b"no-store",  # what the market says is stale at once; the page's files are not
}


def secure(answer: HTTPResponseStartEvent) -> None:
    """Add the headers that an answer, also an error's, does not bring itself."""
    present = {name.lower() for name, _ in answer["headers"]}
    added = [(name, value) for name, value in UNLESS_SAID.items() if name not in present]
    answer["headers"] = [*answer["headers"], *added]
