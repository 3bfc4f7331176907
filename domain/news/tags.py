"""Crypto tags: which assets and themes a text is about, by the words the field uses."""

import re

# Symbols that are also English words, or too short to mean one thing, count only where the text writes them in
# capitals, with a dollar sign, or before "/USD" and the like; names count in any case.
_ASSETS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # tag: (names in any case, symbols as they are written)
    "BTC": (("bitcoin", "bitcoins"), ("BTC", "XBT")),
    "ETH": (("ethereum", "ether"), ("ETH(?! Z[uü]rich)",)),
    "SOL": (("solana",), ("SOL",)),
    "ADA": (("cardano",), ("ADA",)),
    "XRP": ((), ("XRP", "Ripple(?! [Ee]ffect)", "RIPPLE")),  # a ripple in lower case is one
    "DOGE": (("dogecoin",), ("DOGE", "XDG")),
    "DOT": (("polkadot",), ()),
    "LINK": (("chainlink",), ()),
}
_DOLLAR_ONLY = ("DOT", "LINK")  # "the dot", "this link" in a headline set in capitals

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


def _asset_pattern(tag: str, names: tuple[str, ...], symbols: tuple[str, ...]) -> re.Pattern[str]:
    parts = [rf"(?i:\b{re.escape(name)}\b)" for name in names]
    parts += [rf"\b{symbol}\b" for symbol in symbols]
    parts.append(rf"(?i:\${re.escape(tag)}\b)")
    if tag in _DOLLAR_ONLY:
        parts.append(rf"\b{tag}(?=[/-](?:USD|USDT|EUR|BTC)\b)")
    return re.compile("|".join(parts))


_PATTERNS: dict[str, re.Pattern[str]] = {
    tag: _asset_pattern(tag, names, symbols) for tag, (names, symbols) in _ASSETS.items()
} | {tag: re.compile(rf"(?i:\b(?:{'|'.join(words)})\b)") for tag, words in _THEMES.items()}

_READ_AT_MOST = 20_000  # characters: an article's subject is named early, and a hostile one may be megabytes long


def tags_of(*texts: str) -> tuple[str, ...]:
    """Tags of the given texts (title, summary, content), assets first, each once, in a fixed order."""
    read = [text[:_READ_AT_MOST] for text in texts]
    return tuple(tag for tag, pattern in _PATTERNS.items() if any(pattern.search(text) for text in read))
