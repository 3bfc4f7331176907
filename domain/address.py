"""Addresses of feeds as they may be shown and logged: some hold a password, or a key in their query."""

from urllib.parse import urlsplit

HIDDEN = "…"


def without_secrets(url: str) -> str:
    """Without user name and password, without what the query's names stand for, and without a fragment.

    `https://ann:word@example.org/rss?key=1&new` becomes `https://example.org/rss?key=…&…`. Of what is no address at all
    only the scheme is left.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what would be a password with a slash in it
    except ValueError:
        return f"{url.partition('://')[0]}://{HIDDEN}" if "://" in url else HIDDEN
    query = "&".join(_name_of(part) for part in parts.query.split("&")) if parts.query else ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query, fragment="").geturl()


def _name_of(part: str) -> str:
    name, mark, _ = part.partition("=")
    return f"{name}={HIDDEN}" if mark else HIDDEN
