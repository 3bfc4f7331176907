"""How a webhook's requests are signed: the symmetric scheme of Standard Webhooks, for which there are libraries.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: HMAC-SHA256 over
`id.timestamp.body`, in base64 after `v1,`; the key is 24 to 64 bytes in base64 after `whsec_`.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

from domain.errors import InvalidValue

_PREFIX = "whsec_"


def key_bytes(signing_key: str) -> bytes:
    """The key itself. Raises InvalidValue for what has not its form, without repeating it."""
    try:
        key = base64.b64decode(signing_key.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not signing_key.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise InvalidValue("signing_key", f"signing_key must be {_PREFIX} and the base64 of 24 to 64 bytes")
    return key


def signed_headers(signing_key: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that sign a request. Raises InvalidValue."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    code = hmac.new(key_bytes(signing_key), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(code).decode()}",
    }
