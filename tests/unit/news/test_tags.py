import pytest

from adapters.rss.assets import known_assets
from domain.news.tags import Tags
from domain.values import Pair
from entrypoints.outside import tags_for

PAIRS = tuple(Pair(f"{base}/USD") for base in ("BTC", "ETH", "SOL", "ADA", "XRP", "DOGE", "DOT", "LINK"))


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Bitcoin slips below $90,000 as ETF outflows mount", ("BTC", "ETF")),
        ("BTC and ETH rally", ("BTC", "ETH")),
        ("ADA/USD, $LINK and DOT-USD jump", ("ADA", "DOT", "LINK")),
        ("SEC sues Kraken over staking", ("Regulation", "Exchange", "Staking")),
        ("Ripple wins in court", ("XRP", "Regulation")),
        ("Circle and Tether freeze hacker's wallet after Bitget heist", ("Stablecoin", "Security", "Exchange")),
        ("The Fed leaves interest rates unchanged", ("Macro",)),
        # words that only look like the field's
        ("It took 10 sec to connect the dot with this link", ()),
        ("A ripple effect, solar and a theta wave", ()),
        ("Solve the ether", ("ETH",)),
        ("Tom Brady takes an equity stake", ()),
        ("Researchers at ETH Zurich on data mining", ()),
        ("The balloon was on a tether; we fed the ducks", ()),
        ("NFTs on Binance Smart Chain", ("NFT",)),
    ],
)
def test_tags(text: str, tags: tuple[str, ...]) -> None:
    assert tags_for(PAIRS).of(text) == tags


def test_texts_together_have_each_tag_once() -> None:
    assert tags_for(PAIRS).of("Bitcoin", "bitcoin and ether", "") == ("BTC", "ETH")


def test_tags_follow_the_configured_pairs() -> None:
    text = "Litecoin, NEAR Protocol and $QWERT follow Bitcoin; AAPLx/USD and XYZ do not"
    pairs = [Pair(f"{base}/USD") for base in ("QWERT", "LTC", "NEAR", "AAPLx", "XYZ")]
    assert tags_for(tuple(pairs)).of(text) == ("QWERT", "LTC", "NEAR", "AAPLx")
    assert tags_for((Pair("LTC/EUR"), Pair("LTC/USD"))).of(text) == ("LTC",)
    assert Tags(()).of("Bitcoin ETF") == ("ETF",)


def test_every_asset_of_the_file_is_found_by_its_names_and_no_symbol_by_a_word_in_lower_case() -> None:
    for symbol, asset in known_assets().items():
        tags = Tags([asset])
        for text in (*asset.names, f"${symbol}", f"{symbol}/USD"):
            assert symbol in tags.of(f"News of {text} today"), text
        assert symbol not in tags.of(f"the {symbol.lower()} of it") or symbol.lower() in asset.names
