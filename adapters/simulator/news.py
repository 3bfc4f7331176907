"""Simulated news: which story appears when, a pure function of (seed, time), one to three minutes apart."""

from dataclasses import dataclass
from random import Random

from adapters.simulator import phrases
from adapters.simulator.market import Market
from adapters.simulator.noise import key_of
from adapters.simulator.pairs import LISTINGS

SOURCES = {
    "simulated-wire": "Simulated Wire",
    "simulated-ledger": "Simulated Ledger",
    "simulated-chain-daily": "Simulated Chain Daily",
    "simulated-market-desk": "Simulated Market Desk",
    "simulated-block-review": "Simulated Block Review",
}

_NAMES = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "SOL": "Solana",
    "ADA": "Cardano",
    "XRP": "XRP",
    "DOGE": "Dogecoin",
    "DOT": "Polkadot",
    "LINK": "Chainlink",
}
_SLOT_S = 120  # one story each, somewhere in the slot's first minute: gaps of 61 to 179 seconds
_STORIES = 21  # which random stream a key is for
_TONES = (
    (phrases.POSITIVE, phrases.POSITIVE_SENTENCES),
    (phrases.NEGATIVE, phrases.NEGATIVE_SENTENCES),
    (phrases.NEUTRAL, phrases.NEUTRAL_SENTENCES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article. `published_s` in Unix seconds."""

    story_id: int
    slug: str
    published_s: int
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    author: str
    tags: tuple[str, ...]


class Newsroom:
    """Writes every story of every simulated source, the same ones each time it is asked."""

    def __init__(self, seed: int, market: Market) -> None:
        self._seed = seed
        self._market = market

    def latest(self, slug: str, now_s: int, limit: int) -> list[Story]:
        """The newest `limit` stories a source has published by `now_s`, newest first."""
        stories: list[Story] = []
        slot = now_s // _SLOT_S
        while len(stories) < limit:
            story = self.story(slug, slot, now_s)
            if story is not None:
                stories.append(story)
            slot -= 1
        return stories

    def story(self, slug: str, story_id: int, now_s: int) -> Story | None:
        """One story; None if the source has none of that id, or has not published it by `now_s`."""
        rng = Random(key_of(self._seed, _STORIES, story_id))  # noqa: S311 - news, not a secret
        author_of = rng.choice(tuple(SOURCES))
        published_s = story_id * _SLOT_S + rng.randrange(60)
        if slug != author_of or published_s > now_s:
            return None
        symbol = rng.choice(tuple(LISTINGS))
        ticker = symbol.split("/")[0]
        titles, sentences = rng.choice(_TONES)
        fields = {
            "asset": _NAMES[ticker],
            "ticker": ticker,
            "price": f"{self._market.price(symbol, published_s * 10**9):,f}",
            "percent": str(rng.randrange(2, 15)),
            "million": str(rng.randrange(5, 400)),
            "venue": rng.choice(phrases.VENUES),
        }
        own = [text.format(**fields) for text in rng.sample(sentences, 5)]
        plain = [text.format(**fields) for text in rng.sample(phrases.NEUTRAL_SENTENCES, 4)]
        title = rng.choice(titles).format(**fields)
        return Story(
            story_id=story_id,
            slug=slug,
            published_s=published_s,
            title=title,
            summary=f"{own[0]} {plain[0]}",
            paragraphs=(
                f"{title}. {own[0]}",
                f"{own[1]} {own[2]} {plain[0]}",
                f"{plain[1]} {own[3]}",
                f"{own[4]} {plain[2]} {plain[3]}",
                phrases.DISCLAIMER,
            ),
            author=rng.choice(phrases.AUTHORS),
            tags=(_NAMES[ticker], "Markets"),
        )
