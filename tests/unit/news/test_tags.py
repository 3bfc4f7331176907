import pytest

from domain.news.tags import tags_of


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
    assert tags_of(text) == tags


def test_texts_together_have_each_tag_once() -> None:
    assert tags_of("Bitcoin", "bitcoin and ether", "") == ("BTC", "ETH")
