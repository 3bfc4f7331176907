"""The venue's list of pairs: its spelling, the nearest names, and what is said while it cannot be had."""

from collections.abc import Sequence

from application.market.pair_names import PairNames, refusal
from application.ports.pair_listing import ListingUnavailable
from domain.values import Pair
from tests.waiting import until

LISTED = [Pair(name) for name in ("BTC/USD", "ETH/USD", "ETH/EUR", "LTC/USD", "AAPLx/USD")]


class Listing:
    def __init__(self, pairs: Sequence[Pair] = LISTED) -> None:
        self.listed, self.away, self.asked, self.now = list(pairs), False, 0, 0.0

    def pairs(self) -> Sequence[Pair]:
        self.asked += 1
        if self.away:
            raise ListingUnavailable("nobody answers")
        return self.listed

    def seconds(self) -> float:
        return self.now


def pairs(*names: str) -> list[Pair]:
    return [Pair(name) for name in names]


def test_the_venues_spelling_is_found_without_case() -> None:
    listing = Listing()
    checked = PairNames(listing).check(pairs("AAPLX/USD", "btc/USD", "BTC/USD"))
    assert (checked.pairs, checked.unlisted) == (("AAPLx/USD", "BTC/USD"), {})
    assert listing.asked == 1


def test_what_is_not_listed_is_told_with_the_nearest_names() -> None:
    names = PairNames(Listing())
    checked = names.check(pairs("BTC/USD", "ETH/USDX", "QQQQQ/ZZZ"))
    assert checked.unlisted[Pair("ETH/USDX")][0] == "ETH/USD"
    assert checked.unlisted[Pair("QQQQQ/ZZZ")] == ()
    said = refusal(checked.unlisted, "Kraken")
    assert said.startswith("Kraken does not list ETH/USDX, the nearest names are ETH/USD")
    assert "QQQQQ/ZZZ, and nothing like it" in said
    assert names.hint("LTV/USD") == "; LTV/USD is not on its list of pairs, the nearest names are LTC/USD"
    assert names.hint("ETH/ABCUSD").endswith("the nearest names are ETH/USD, ETH/EUR")
    assert names.hint("btc/usd") == ""


def test_while_the_list_cannot_be_had_nothing_is_refused_and_the_reason_is_said() -> None:
    listing = Listing()
    listing.away = True
    names = PairNames(listing)
    checked = names.check(pairs("FOO/BAR"))
    assert (checked.pairs, checked.unlisted, checked.unchecked) == (("FOO/BAR",), {}, "nobody answers")
    assert names.hint("FOO/BAR") == ""
    assert names.own(Pair("AAPLX/USD")) == "AAPLX/USD"


def test_a_list_is_kept_for_an_hour_and_asked_for_again_for_a_pair_that_may_be_new() -> None:
    listing = Listing()
    names = PairNames(listing, listing.seconds)
    names.check(pairs("BTC/USD"))
    listing.now, listing.listed = 61, [*LISTED, Pair("NEW/USD")]
    assert names.check(pairs("BTC/USD")).unlisted == {}
    assert listing.asked == 1
    assert names.check(pairs("NEW/USD")).unlisted == {}
    assert listing.asked == 2
    listing.now, listing.away = 4_000, True
    assert names.check(pairs("BTC/USD")).unchecked is None, "what was known before stays"
    assert listing.asked == 3


def test_the_list_is_fetched_in_the_background() -> None:
    names = PairNames(Listing())
    names.begin()
    names.wait(10)
    assert until(lambda: names.own(Pair("AAPLX/USD")) == "AAPLx/USD")
    names.close()
