"""The names of assets, read from `assets.txt` beside this file."""

from functools import cache
from pathlib import Path

from domain.news.tags import Asset

_FILE = Path(__file__).with_name("assets.txt")


@cache
def known_assets() -> dict[str, Asset]:
    """The assets of the file, by symbol."""
    lines = [line for line in _FILE.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    assets = [_asset(*(part.strip() for part in line.split("|"))) for line in lines]
    return {asset.symbol: asset for asset in assets}


def _asset(symbol: str, names: str, forms: str) -> Asset:
    return Asset(symbol, _listed(names), _listed(forms))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))
