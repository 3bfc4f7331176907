"""The page's files as they lie on disk: no server, no browser."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "entrypoints" / "web" / "static"
OWN = [path for path in STATIC.rglob("*.js") if "vendor" not in path.relative_to(STATIC).parts]
IMPORT = re.compile(r"""(?:from\s*|import\s*\(?\s*)["']([^"']+)["']""")

# Fetched when first wanted, or after the chart has been drawn; not with the page.
LATER = {
    "words/fr.js",
    "news/reader.js",
    "shell/dialogs.js",
    "shell/dialog.js",
    "chart/candle-table.js",
    "market/feed-table.js",
    "analytics/forecast.js",
    "analytics/forecast-state.js",
    "analytics/skill-dialog.js",
    "analytics/reaction.js",
}
SHIPPED = {".js", ".css", ".html", ".woff2", ".svg", ".webmanifest"}


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda path: path.relative_to(STATIC).as_posix())
def test_modules_import_relative_files_that_exist(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in IMPORT.findall(text):
        assert target.startswith("."), f"{target} is not a file of ours"
        assert (path.parent / target).resolve().is_file(), f"{target} does not exist"


@pytest.mark.parametrize("path", sorted(OWN), ids=lambda path: path.relative_to(STATIC).as_posix())
def test_own_modules_keep_to_the_content_security_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "unsafeHTML",
        "eval(",
        " style=",
        "document.write",
    ):
        assert forbidden not in text


def test_the_page_has_nothing_inline() -> None:
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "<style" not in text
    assert " style=" not in text
    assert not re.search(r"\son[a-z]+=", text)
    for address in re.findall(r"""(?:href|src)="([^"#]+)\"""", text):
        assert address.startswith("/static/")
        assert (STATIC / address.removeprefix("/static/")).is_file()


def test_vendored_files_have_their_licence() -> None:
    for folder in ("lit-html", "signals-core", "lightweight-charts", "inter"):
        assert (STATIC / "vendor" / folder / "LICENSE").stat().st_size > 500


def test_the_page_stays_light() -> None:
    """In KiB: what a first visit fetches, every file compressed on its own."""
    files = [
        path
        for path in STATIC.rglob("*")
        if path.suffix in SHIPPED
        and not path.name.endswith(".d.ts")
        and path.relative_to(STATIC).as_posix() not in LATER
    ]
    unpacked = sum(path.stat().st_size for path in files) / 1024
    packed = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) / 1024
    assert unpacked <= 380
    assert packed <= 146
