"""Make the pictures of the documentation: the dashboard, its rooms and the admin pages on the simulator at work.

make screenshots
"""

import re
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from domain.access.role import Role
from entrypoints.api.access.authentication import SESSION_COOKIE
from tests.e2e.browser.conftest import CHROMIUM_ARGS, chromium
from tests.e2e.program import Program
from tests.waiting import until

IMAGES = Path(__file__).parent / "images"
VIEWS = {
    "dashboard-dark": (1440, 900, "dark", 1),
    "dashboard-light": (1440, 900, "light", 1),
    "phone-dark": (390, 844, "dark", 2),
    "phone-light": (390, 844, "light", 2),
}
ADMIN_PAGES = (
    "health", "feeds", "topics", "batches", "dead-letters", "schemas", "streams", "storage", "sources",
    "notifications", "users", "api-keys", "audit",
)  # fmt: skip


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Program(Path(folder) / "data", "--source", "simulated") as program,
        sync_playwright() as playwright,
    ):
        assert until(lambda: len(program.get("alerts/")["items"]) > 1, seconds=240)
        _work(program)
        for name, (width, height, theme, scale) in VIEWS.items():
            # Told to the page alone, the scale would be missed by what is drawn on canvases.
            sharp = [*CHROMIUM_ARGS, f"--force-device-scale-factor={scale}"]
            browser = playwright.chromium.launch(executable_path=chromium(), args=sharp)
            context = _context(browser, width, height, theme, scale)
            page = context.new_page()
            page.goto(str(program.url))
            page.get_by_text("Charts by TradingView").wait_for()
            page.wait_for_timeout(8_000)  # for the tape to fill: the picture shall show a page at work
            _keep(page, f"{name}.png")
            browser.close()
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        for theme in ("dark", "light"):
            for name, open_it in ROOMS.items():
                context = _context(browser, 1440, 900, theme, 1)
                page = context.new_page()
                page.goto(str(program.url))
                page.get_by_text("Charts by TradingView").wait_for()
                page.locator("cv-tape tbody tr").first.wait_for()
                open_it(page)
                page.wait_for_timeout(1_500)  # for what is drawn after it was fetched
                _keep(page, f"{name}-{theme}.png")
                context.close()
            _admin(_context(browser, 1440, 900, theme, 1), program, theme)
        browser.close()


def _work(program: Program) -> None:
    """What an operator has done: the admin pages shall show it."""
    token = program.session("olga", Role.OPERATOR)
    with httpx.Client(base_url=f"{program.url}/api/v1/", cookies={SESSION_COOKIE: token}, trust_env=False) as operator:
        operator.headers["X-CSRF-Token"] = operator.get("admin/session/").raise_for_status().json()["csrf_token"]
        alert = program.get("alerts/")["items"][0]["id"]
        for path, body in (
            ("admin/feeds/DOGE-USD/pause", None),
            ("watchlist/", {"pair": "SOL-USD"}),
            (f"alerts/{alert}/acknowledge/", None),
            ("admin/feeds/DOGE-USD/resume", None),
        ):
            operator.post(path, json=body).raise_for_status()
    program.post("admin/channels/", {"name": "Desk", "kind": "webhook", "url": "https://desk.example/alerts"})
    program.post("admin/api-keys/", {"title": "Research notebook", "scopes": ["read"]})


def _compared(page: Page) -> None:
    page.keyboard.press("c")
    for other in ("ETH/USD", "SOL/USD"):
        page.locator(".compare-bar").get_by_role("button", name=other).click()
    page.locator(".compare-legend li").nth(2).locator("b").filter(has_text=re.compile(r"\d")).wait_for()


def _article(page: Page) -> None:
    page.locator("cv-news").get_by_role("button", name="Read").first.click()
    page.locator("dialog[open], .reader").first.wait_for()


def _rules(page: Page) -> None:
    _dialog(page, "rules")
    page.get_by_role("button", name="New rule").click()
    form = page.locator("cv-rules form")
    form.get_by_label("Name").fill("Anything that moves")
    form.get_by_label("Threshold").fill("0.2")
    form.get_by_role("button", name="Preview").click()
    form.get_by_text("It would have raised").wait_for()


def _backtest(page: Page) -> None:
    _dialog(page, "backtest")
    page.locator("#backtest-strategy").select_option("sma-cross")
    page.locator("#backtest-interval").select_option("1m")
    page.locator("cv-backtest button[type=submit]").click()
    page.locator("cv-backtest .report canvas").first.wait_for()


def _past(page: Page) -> None:
    page.keyboard.press("1")  # bars of a minute: the simulator's log is young
    page.keyboard.press("[")
    page.locator("body[data-past]").wait_for()
    page.locator("cv-time-machine input[type=range]").wait_for()


def _dialog(page: Page, name: str) -> None:
    page.evaluate("async (name) => (await import('/static/shell/layout-state.js')).dialog.value = name", name)
    page.locator("dialog[open]").wait_for()


ROOMS: dict[str, Callable[[Page], None]] = {
    "compare": _compared,
    "article": _article,
    "rules": _rules,
    "backtest": _backtest,
    "time-machine": _past,
    "skill": lambda page: _dialog(page, "skill"),
    "statistics": lambda page: _dialog(page, "statistics"),
    "feeds": lambda page: _dialog(page, "feeds"),
    "search": lambda page: _dialog(page, "search"),
    "settings": lambda page: _dialog(page, "settings"),
    "help": lambda page: _dialog(page, "help"),
}


def _keep(page: Page, name: str) -> None:
    """With 256 colours: a third of the bytes, and nobody sees a difference."""
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)


def _context(browser: Browser, width: int, height: int, theme: str, scale: int) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="light" if theme == "light" else "dark",
        device_scale_factor=scale,
    )


def _admin(context: BrowserContext, program: Program, theme: str) -> None:
    """The sign-in page, and each page as an admin sees it."""
    (IMAGES / "admin").mkdir(exist_ok=True)
    page = context.new_page()
    page.goto(f"{program.url}/admin")
    page.get_by_label("Name", exact=True).wait_for()
    _keep(page, f"admin/sign-in-{theme}.png")
    token = program.session("ana", Role.ADMIN)
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": str(program.url), "httpOnly": True}])
    page.evaluate("localStorage.setItem('cryptoviz.signed-in', 'true')")
    page.reload()
    for name in ADMIN_PAGES:
        page.goto(f"{program.url}/admin#{name}")
        page.locator(f"cv-admin-{name}").locator("table, form, .empty").first.wait_for()
        page.wait_for_timeout(500)  # for what the page asks after its first list
        _keep(page, f"admin/{name}-{theme}.png")
    context.close()


if __name__ == "__main__":
    main()
