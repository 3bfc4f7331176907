import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.exceptions import NotFoundException
from litestar.testing import TestClient
from litestar.types import ASGIApp

from adapters.metrics.prometheus import PrometheusTelemetry
from entrypoints.api.server import as_served
from entrypoints.web.page import StaticFiles, page_handlers

SCRIPT = b"export const answer=42;" * 50
WRITTEN = b"  export const answer = 42; // of all\n" * 50


@pytest.fixture
def page(tmp_path: Path) -> Iterator[TestClient[ASGIApp]]:
    folder = tmp_path / "static"
    (folder / "vendor").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>CryptoViz</title>")
    (folder / "admin.html").write_text("<!doctype html><title>Administration</title>")
    (folder / "main.js").write_bytes(WRITTEN)
    (folder / "vendor" / "LICENSE").write_text("BSD")
    (folder / "vendor" / "lib.js").write_bytes(WRITTEN)
    (folder / "service-worker.js").write_text("work();")
    (folder / "types.d.ts").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    app = Litestar(page_handlers(folder), logging_config=None)
    with TestClient(as_served(app, PrometheusTelemetry())) as client:
        yield client


def test_the_first_visitor_finds_all_that_the_page_names_in_memory(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<link rel="stylesheet" href="/static/a.css"><script src="/static/b.js"></script>'
    )
    for name in ("a.css", "b.js", "c.js"):
        (tmp_path / name).write_text("a { }")
    files = StaticFiles(tmp_path)
    files.read_ahead("index.html")
    assert set(files._files) == {"index.html", "a.css", "b.js"}


def test_a_file_is_in_memory_once_whatever_way_leads_to_it_and_no_longer_than_on_disk(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "a.css"
    file.write_text("a { }")
    files = StaticFiles(tmp_path)
    assert {
        files.body(way) for way in ("folder/a.css", "/folder/a.css", "folder/./a.css", "folder/../folder/a.css")
    } == {b"a{}"}
    assert set(files._files) == {"folder/a.css"}
    secret = tmp_path.with_name("secret.css")
    secret.write_text("b { }")
    file.unlink()
    file.symlink_to(secret)
    with pytest.raises(NotFoundException):
        files.body("folder/a.css")
    file.unlink()
    with pytest.raises(NotFoundException):
        files.body("folder/a.css")


def test_only_the_dashboard_is_said_to_be_opened(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>CryptoViz</title>")
    (tmp_path / "admin.html").write_text("<!doctype html><title>Administration</title>")
    opened: list[str] = []
    app = Litestar(page_handlers(tmp_path, opened=lambda: opened.append("opened")), logging_config=None)
    with TestClient(app) as client:
        for address in ("/admin", "/static/index.html", "/"):
            assert client.get(address).status_code == 200
            assert opened == (["opened"] if address == "/" else [])


@pytest.mark.parametrize("address", ["/", "/admin", "/admin/"])
def test_the_page_has_its_policy(page: TestClient[ASGIApp], address: str) -> None:
    answer = page.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ") and "trusted-types lit-html" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_has_its_type_and_is_compressed_where_that_is_understood(page: TestClient[ASGIApp]) -> None:
    plain = page.get("/static/main.js", headers={"accept-encoding": "identity"})
    assert (plain.content, plain.headers["content-type"]) == (SCRIPT, "text/javascript; charset=utf-8")
    packed = page.get("/static/main.js", headers={"accept-encoding": "gzip"})
    assert (packed.content, packed.headers["content-encoding"]) == (SCRIPT, "gzip")
    assert int(packed.headers["content-length"]) == len(gzip.compress(SCRIPT, mtime=0))
    assert page.get("/static/vendor/lib.js").content == WRITTEN
    assert page.get("/static/vendor/LICENSE").headers["content-type"] == "text/plain; charset=utf-8"


def test_what_the_browser_has_is_not_sent_again_until_it_changes(page: TestClient[ASGIApp], tmp_path: Path) -> None:
    first = page.get("/static/main.js")
    assert first.headers["cache-control"] == "no-cache"
    again = page.get("/static/main.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    (tmp_path / "static" / "main.js").write_bytes(b"changed")
    changed = page.get("/static/main.js", headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.content) == (200, b"changed")


def test_the_service_worker_has_the_whole_page_as_its_scope(page: TestClient[ASGIApp]) -> None:
    answer = page.get("/service-worker.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; connect-src 'self'; ")
    assert '"/static/main.js"' in answer.text and answer.text.endswith("work();")


@pytest.mark.parametrize(
    "path",
    [
        "none.js", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "vendor/../../secret.txt", "link.txt",
        "%2fetc%2fpasswd", "//etc/passwd", "vendor", "types.d.ts", "x" * 3000,
    ],
)  # fmt: skip
def test_nothing_but_the_pages_files_is_served(page: TestClient[ASGIApp], path: str) -> None:
    answer = page.get(f"/static/{path}")
    assert answer.status_code == 404 and "secret" not in answer.text.replace("secret.txt", "")


def test_a_path_with_a_nul_is_refused(page: TestClient[ASGIApp]) -> None:
    assert page.get("/static/main.js%00.txt").status_code == 400
