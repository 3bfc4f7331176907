"""Make the icons that an installed CryptoViz is shown with, out of `icon.svg`: plain ones, and ones that may be cut round.

python -m docs.icons
"""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.browser.conftest import CHROMIUM_ARGS, chromium

STATIC = Path(__file__).parents[1] / "entrypoints" / "web" / "static"
# What is cut may lose all outside of a circle with 4/5 of the width: https://w3c.github.io/manifest/#icon-masks
DRAWN = {"icon": "width: 100%", "maskable": "width: 80%"}
BACKGROUND = {"icon": "transparent", "maskable": "#a594ff"}


def main() -> None:
    """Draw them all."""
    drawing = (STATIC / "icon.svg").read_text(encoding="utf-8")
    folder = STATIC / "icons"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        for kind, look in DRAWN.items():
            for size in (192, 512):
                page = browser.new_page(viewport={"width": size, "height": size})
                page.set_content(
                    f"<style>body {{ margin: 0; display: grid; place-items: center; height: 100vh;"
                    f" background: {BACKGROUND[kind]} }} svg {{ {look} }}</style>{drawing}"
                )
                page.screenshot(path=folder / f"{kind}-{size}.png", omit_background=True)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
