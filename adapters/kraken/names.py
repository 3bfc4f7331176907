"""Kraken's spellings of pairs: WebSocket v2 says `BTC/USD`, v1 `XBT/USD`, REST and files `XBTUSD` or `XXBTZUSD`."""

import re

from domain.errors import InvalidValue
from domain.values import Pair

VENUE = "kraken"
TOKENIZED = "tokenized_asset"

_OLD = {"BTC": "XBT", "DOGE": "XDG"}
_NEW = {old: new for new, old in _OLD.items()}
# Longest first: USDT and USDC end a name before USD could.
_QUOTES = (
    "PYUSD",
    "RLUSD",
    "USDT",
    "USDC",
    "USDQ",
    "USDR",
    "EURT",
    "EURQ",
    "EURR",
    "USD",
    "EUR",
    "GBP",
    "CAD",
    "AUD",
    "CHF",
    "JPY",
    "DAI",
    "XBT",
    "BTC",
    "ETH",
    "SOL",
    "DOT",
)
_PREFIXED = re.compile(r"[XZ]([A-Z]{3})[XZ]([A-Z]{3})")


def v1_name(pair: str) -> str:
    """`BTC/USD` -> `XBT/USD`, as WebSocket v1 and REST's `wsname` have it."""
    base, _, quote = pair.partition("/")
    return f"{_OLD.get(base, base)}/{_OLD.get(quote, quote)}"


def rest_name(pair: str) -> str:
    """`BTC/USD` -> `XBTUSD`, which REST takes as a pair's name and Kraken's files are called by."""
    return v1_name(pair).replace("/", "")


def asset_class(pair: str) -> dict[str, str]:
    """Return what REST wants to be told of a pair beside its name: small letters mark a tokenized stock (`AAPLx`)."""
    base = pair.partition("/")[0]
    return {} if base == base.upper() else {"asset_class": TOKENIZED}


def canonical(name: str) -> Pair:
    """Any of the spellings -> `BTC/USD`; `AAPLxUSD` -> `AAPLx/USD`. Raises InvalidValue for what is none of them."""
    text = name.strip().replace("-", "/")
    base, slash, quote = text.partition("/")
    base, quote = (base, quote) if slash else _split(text)
    try:
        return Pair.parse(f"{_NEW.get(base.upper(), base)}/{_NEW.get(quote.upper(), quote)}")
    except InvalidValue as error:
        expected = "expected a name such as BTC/USD or XBTUSD"
        raise InvalidValue("pair", f"'{name[:40]}' is not a pair: {expected}") from error


def _split(text: str) -> tuple[str, str]:
    """`XBTUSD` -> `XBT`, `USD`; the second is empty where no quote is known."""
    if prefixed := _PREFIXED.fullmatch(text.upper()):
        return prefixed[1], prefixed[2]
    for quote in _QUOTES:
        if text.upper().endswith(quote) and len(text) > len(quote):
            return text[: -len(quote)], text[-len(quote) :]
    return text, ""
