"""Tags: which assets and themes a text is about, by the words the field uses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_QUOTES = "USD|USDT|USDC|EUR|GBP|BTC|ETH"
_LONG_ENOUGH = 4  # letters: a shorter symbol that we know nothing of is too often a word in a headline set in capitals


@dataclass(frozen=True, slots=True)
class Asset:
    """What an asset is called: `names` in any case, `forms` as they are written (regular expressions).

    `$SYMBOL` and `SYMBOL/USD` always stand for it. Its bare symbol does only where it is one of the forms, as many symbols
    are English words.
    """

    symbol: str
    names: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()

    @classmethod
    def unnamed(cls, symbol: str) -> "Asset":
        """An asset of which only the symbol is known."""
        return cls(symbol, forms=(re.escape(symbol),) if len(symbol) >= _LONG_ENOUGH else ())


# Any case, except within (?-i:…): "sec" is also a second, "tether" also a rope.
_THEMES: dict[str, tuple[str, ...]] = {
    "ETF": (r"etfs?", r"exchange[- ]traded (?:fund|product)s?", r"etps?"),
    "Regulation": (
        r"regulat(?:or|ors|ory|ion|ions|e|es|ed)", r"(?-i:SEC)", r"cftc", r"(?-i:MiCA|MICA)", r"lawsuits?", r"sues?",
        r"sued", r"lawmakers?", r"legislat(?:ion|ors?)", r"congress", r"senate", r"sanctions?", r"courts?", r"fincen", r"esma",
    ),
    "DeFi": (r"defi", r"decentrali[sz]ed finance", r"liquidity pools?", r"yield farming", r"uniswap", r"aave"),
    "Stablecoin": (r"stablecoins?", r"(?-i:Tether|TETHER)", r"usdt", r"usdc", r"circle internet"),
    "NFT": (r"nfts?", r"non-fungible"),
    "Mining": (r"miners?", r"(?<!data[ -])mining", r"hash ?rate", r"halving"),
    "Security": (
        r"hack(?:s|ed|er|ers|ing)?", r"exploit(?:s|ed)?", r"phishing", r"rug[- ]?pulls?", r"stolen", r"thefts?", r"heists?",
        r"(?:data|security) breach(?:es)?",
    ),
    "Exchange": (
        r"binance(?![ -](?:smart|chain|usd|labs))", r"coinbase", r"kraken", r"bybit", r"okx", r"bitfinex", r"bitget",
        r"kucoin", r"(?:crypto|cryptocurrency|bitcoin|digital[- ]asset) exchanges?", r"exchange outage",
        r"delist(?:s|ed|ing)?",
    ),
    "Macro": (
        r"federal reserve", r"(?-i:Fed)", r"fomc", r"inflation", r"interest rates?", r"rate (?:cut|hike)s?",
        r"treasury yields?", r"(?-i:CPI)", r"tariffs?",
    ),
    # Not "stake": shares in companies are more often meant.
    "Staking": (r"staking", r"staked (?:eth|ether|sol|tokens?|coins?)", r"restaking", r"stakers?", r"validators?", r"proof[- ]of[- ]stake"),
}  # fmt: skip


_THEME_PATTERNS: dict[str, re.Pattern[str]] = {
    tag: re.compile(rf"(?i:\b(?:{'|'.join(words)})\b)") for tag, words in _THEMES.items()
}

_READ_AT_MOST = 20_000  # characters: an article's subject is named early, and a hostile one may be megabytes long


class Tags:
    """Tags of texts: these assets in their order, then themes."""

    def __init__(self, assets: Iterable[Asset]) -> None:
        self._patterns = {asset.symbol: _asset_pattern(asset) for asset in assets} | _THEME_PATTERNS

    def of(self, *texts: str) -> tuple[str, ...]:
        """Tags of the given texts (title, summary, content), each once."""
        read = [text[:_READ_AT_MOST] for text in texts]
        return tuple(tag for tag, pattern in self._patterns.items() if any(pattern.search(text) for text in read))


def _asset_pattern(asset: Asset) -> re.Pattern[str]:
    symbol = re.escape(asset.symbol)
    parts = [rf"(?i:\b{re.escape(name)}\b)" for name in asset.names]
    parts += [rf"\b{form}\b" for form in asset.forms]
    parts += [rf"(?i:\${symbol}\b)", rf"\b{symbol}(?=[/-](?:{_QUOTES})\b)"]
    return re.compile("|".join(parts))
