import pytest

from adapters.kraken.names import canonical, rest_name, v1_name
from domain.errors import InvalidValue
from domain.values import Pair
from tests.real_data import path, real_data


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("XBT/USD", "BTC/USD"), ("XDG/USD", "DOGE/USD"), ("XBTUSD", "BTC/USD"), ("XDGUSD", "DOGE/USD"),
        ("XXBTZUSD", "BTC/USD"), ("XETHZEUR", "ETH/EUR"), ("XETHXXBT", "ETH/BTC"), ("ETHXBT", "ETH/BTC"),
        ("ADAUSDT", "ADA/USDT"), ("USDTUSD", "USDT/USD"), ("btc-usd", "BTC/USD"), ("SOLUSD", "SOL/USD"),
        ("AAPLx/USD", "AAPLx/USD"), ("AAPLxUSD", "AAPLx/USD"), ("TSLAx-EUR", "TSLAx/EUR"), ("BRK.Bx/USD", "BRK.Bx/USD"),
        ("xbt-eur", "BTC/EUR"), ("xdgusd", "DOGE/USD"), ("xxbtzusd", "BTC/USD"),
    ],
)  # fmt: skip
def test_every_spelling_has_one_canonical_name(theirs: str, ours: str) -> None:
    assert canonical(theirs) == ours


@pytest.mark.parametrize("name", ["BTC/USD", "DOGE/USD", "ETH/BTC", "ADA/USDT", "DOGE/BTC", "SPYx/USD", "BRK.Bx/USD"])
def test_old_names_lead_back(name: str) -> None:
    assert canonical(v1_name(name)) == name
    assert canonical(rest_name(name)) == name


@pytest.mark.parametrize("name", ["", "USD", "X", "BTC/USD/EUR", "no pair", "BTC/"])
def test_what_is_no_pair_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="is not a pair"):
        canonical(name)


@real_data("kraken/xchange/rest_assetpairs.json")
def test_the_venues_own_list() -> None:
    import json

    listed = json.loads(path("kraken/xchange/rest_assetpairs.json").read_text())["result"]
    for key, each in listed.items():
        if ".d" not in key and "wsname" in each:
            pair = canonical(each["wsname"])
            assert isinstance(pair, Pair)
            assert rest_name(pair) == each["altname"]
            assert canonical(each["altname"]) == pair
