"""The page's files as they lie on disk: no server, no browser."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from entrypoints.web.page import StaticFiles

STATIC = Path(__file__).parents[3] / "entrypoints" / "web" / "static"
OWN = [path for path in STATIC.rglob("*.js") if "vendor" not in path.relative_to(STATIC).parts]
IMPORT = re.compile(r"""(?:(?<!['"])\bfrom\s*|import\s*\(?\s*)["']([^"']+)["']""")

# Fetched when the reader first wants them; what the page fetches unasked counts, however late.
LATER = {
    "shell/keyboard.js",
    "time-machine/covered.js",
    "news/reader.js",
    "shell/dialogs.js",
    "shell/dialog.js",
    "chart/candle-table.js",
    "chart/past-tables.js",
    "chart/more.js",
    "chart/save.js",
    "chart/more-overlays.js",
    "chart/gap-layer.js",
    "chart/gap-shade.js",
    "chart/bar-words.js",
    "chart/averages.js",
    "chart/trade-dots.js",
    "chart/trades-in-sight.js",
    "chart/compare.js",
    "chart/compare-plot.js",
    "chart/compare-table.js",
    "chart/compare-state.js",
    "chart/seldom.js",
    "chart/cursor.js",
    "format/chart-words.js",
    "format/later-words.js",
    "words/chart-en.js",
    "words/chart-fr.js",
    "styles/chart-more.css",
    "market/feed-table.js",
    "market/watch-edit.js",
    "alerting/alert-commands.js",
    "chart/open-mark.js",
    "format/feed-table-words.js",
    "words/feeds-en.js",
    "words/feeds-fr.js",
    "analytics/skill-dialog.js",
    "analytics/reaction.js",
    "words/fr.js",
    "words/tools-en.js",
    "words/tools-fr.js",
    "format/tool-words.js",
    "styles/later.css",
    "styles/tools.css",
    "shell/stylesheet.js",
    "time-machine/travel.js",
    "time-machine/bar.js",
    "time-machine/typed-time.js",
    "time-machine/fetch-while-open.js",
    "styles/time-machine.css",
    "words/time-en.js",
    "words/help-en.js",
    "words/help-fr.js",
    "words/time-fr.js",
    "shell/form.js",
    "shell/search.js",
    "shell/search-state.js",
    "shell/settings-dialog.js",
    "alerting/rules-dialog.js",
    "alerting/rules-state.js",
    "alerting/rule-form.js",
    "alerting/rule-words.js",
    "alerting/rule-preview.js",
    "analytics/backtest-dialog.js",
    "analytics/backtest-state.js",
    "analytics/backtest-report.js",
    "analytics/backtest-plot.js",
    "analytics/statistics-dialog.js",
    "shell/account-dialog.js",
    "shell/sign-in.js",
    "shell/signing.js",
    "shell/password.js",
    "words/account-en.js",
    "words/account-fr.js",
}
# The admin pages', and what a browser fetches by itself when the page is idle or installed.
NOT_THE_PAGES = re.compile(r"(.*/)?admin.*|service-worker\.js")
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


@pytest.mark.parametrize("page", ["index.html", "admin.html"])
def test_the_page_has_nothing_inline(page: str) -> None:
    text = (STATIC / page).read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "<style" not in text
    assert " style=" not in text
    assert not re.search(r"\son[a-z]+=", text)
    for address in re.findall(r"""(?:href|src)="([^"#]+)\"""", text):
        assert address.startswith("/static/")
        assert (STATIC / address.removeprefix("/static/")).is_file()


def test_vendored_files_have_their_licence() -> None:
    for folder in ("lit", "signals", "lightweight-charts", "inter"):
        assert (STATIC / "vendor" / folder / "LICENSE").stat().st_size > 500


def test_the_page_stays_light() -> None:
    """In bytes: what a first visit fetches, as it is served. `test_weight.py` counts what really comes."""
    names = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.suffix in SHIPPED]
    files = StaticFiles(STATIC)
    first = [
        name for name in names if name not in LATER and not name.endswith(".d.ts") and not NOT_THE_PAGES.match(name)
    ]
    bodies = [files.body(name) for name in first]
    unpacked = sum(len(body) for body in bodies)
    packed = sum(len(gzip.compress(body)) for body in bodies)
    assert unpacked <= 350_000
    assert packed <= 150_000
