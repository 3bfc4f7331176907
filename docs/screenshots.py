"""Make the pictures of the README: the dashboard on the simulator, as a newcomer sees it after a minute.

make screenshots
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

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


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Program(Path(folder) / "data", "--source", "simulated") as program,
        sync_playwright() as playwright,
    ):
        assert until(lambda: len(program.get("alerts/")["items"]) > 1, seconds=240)
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        for name, (width, height, theme, scale) in VIEWS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="light" if theme == "light" else "dark",
                device_scale_factor=scale,
            )
            page = context.new_page()
            page.goto(str(program.url))
            page.get_by_text("Charts by TradingView").wait_for()
            page.wait_for_timeout(8_000)  # for the tape to fill: the picture shall show a page at work
            page.screenshot(path=IMAGES / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
