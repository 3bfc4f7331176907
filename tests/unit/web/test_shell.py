import json
from pathlib import Path
from typing import Any

import pytest

from entrypoints.web.page import STATIC
from entrypoints.web.shell import shell_script


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "index.html",
        "main.js",
        "service-worker.js",
        "types.d.ts",
        "admin.html",
        "styles/a.css",
        "admin/feeds.js",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def _shell(folder: Path) -> tuple[dict[str, Any], str]:
    first, _, rest = shell_script(folder).decode().partition("\n")
    found: dict[str, Any] = json.loads(first.removeprefix("const SHELL = ").removesuffix(";"))
    return found, rest


def test_it_keeps_what_the_page_is_made_of(folder: Path) -> None:
    shell, script = _shell(folder)
    assert shell["files"] == ["/", "/static/main.js", "/static/styles/a.css"]
    assert script == "service-worker.js"


def test_another_version_is_another_script(folder: Path) -> None:
    before = shell_script(folder)
    assert shell_script(folder) == before
    (folder / "main.js").write_text("another")
    assert shell_script(folder) != before


def test_nothing_of_the_admin_pages_is_kept() -> None:
    shell, _ = _shell(STATIC)
    assert "/static/shell/search.js" in shell["files"]
    assert not [name for name in shell["files"] if "admin" in name]


def test_every_icon_of_the_manifest_is_there_in_its_size() -> None:
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text(encoding="utf-8"))
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    for icon in manifest["icons"]:
        body = (STATIC / icon["src"].removeprefix("/static/")).read_bytes()
        if icon["type"] == "image/png":
            # https://www.w3.org/TR/png/#11IHDR: width and height stand at bytes 16 to 24
            width, height = int.from_bytes(body[16:20], "big"), int.from_bytes(body[20:24], "big")
            assert f"{width}x{height}" == icon["sizes"]
            assert len(body) < 20_000
