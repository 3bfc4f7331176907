"""A database URL without its password: that goes to a file in libpq's form, which psql and our engine read alike."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from entrypoints.supervise.places import write_private


def with_passfile(url: str, file: Path) -> str:
    """The same URL; a password in it moves to `file` (https://www.postgresql.org/docs/17/libpq-pgpass.html)."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    escaped = re.sub(r"([\\:])", r"\\\1", unquote(parts.password))
    write_private(file, f"*:*:*:*:{escaped}\n")  # the file is for this URL alone
    who, where = parts.netloc.rsplit("@", 1)
    query = urlencode(
        [*parse_qsl(parts.query, keep_blank_values=True), ("passfile", str(file))], quote_via=quote, safe="/"
    )
    return urlunsplit(parts._replace(netloc=f"{who.split(':', 1)[0]}@{where}", query=query))
