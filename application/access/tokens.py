"""Random tokens: given out once, kept as their SHA-256. They hold 256 random bits, so a slow hash would add nothing."""

import hashlib
import hmac
import secrets

KEY_PREFIX = "cvk_"


def new_token() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def new_key_id() -> str:
    """What an API key is found by; no secret."""
    return secrets.token_hex(6)


def hashed(token: str) -> str:
    """As it is kept."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def csrf_token(session_token: str) -> str:
    """What a page must send beside its session's cookie: made from it, and only who may read our answers has it."""
    return hmac.new(session_token.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compared in a time that does not tell how much of them is the same."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def api_key_text(key_id: str, secret: str) -> str:
    """`cvk_ID_SECRET`."""
    return f"{KEY_PREFIX}{key_id}_{secret}"


def key_id_of(text: str) -> str | None:
    """The id in an API key; None where it is none."""
    key_id, mark, secret = text.removeprefix(KEY_PREFIX).partition("_")
    return key_id if text.startswith(KEY_PREFIX) and mark and secret else None
