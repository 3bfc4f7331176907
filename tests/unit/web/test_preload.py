"""Which modules a page asks for at once."""

from pathlib import Path

import pytest

from entrypoints.web.page import STATIC, StaticFiles
from entrypoints.web.preload import modules_of, with_preloads


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "main.js": "// import './no.js'\nimport './a/one.js';\nimport { x } from './b.js';\nvoid import('./later.js');\n",
        "a/one.js": "import {\n  y,\n} from '../b.js';\nexport { z } from './two.js';\n",
        "a/two.js": "export const z = 1;\n",
        "b.js": "import './a/two.js';\nexport const x = 1, y = 2;\n",
        "later.js": "import './never.js';\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_all_that_is_imported_before_the_page_runs_is_told_once(folder: Path) -> None:
    assert modules_of(folder, "main.js") == ["a/one.js", "b.js", "a/two.js"]


def test_the_links_stand_before_the_script(folder: Path) -> None:
    html = '<head>\n  <script type="module" src="/static/main.js"></script>\n</head>'
    linked = with_preloads(folder, html)
    assert linked.index("/static/a/two.js") < linked.index("<script")
    assert linked.count("modulepreload") == 3
    assert with_preloads(folder, "<p>") == "<p>"


@pytest.mark.parametrize(("page", "main"), [("index.html", "main.js"), ("admin.html", "admin/main.js")])
def test_our_pages_name_files_that_there_are(page: str, main: str) -> None:
    modules = modules_of(STATIC, main)
    assert len(modules) > 10
    assert all((STATIC / name).is_file() for name in modules)
    body = StaticFiles(STATIC).body(page).decode()
    assert all(f"<link rel=modulepreload href=/static/{name}>" in body for name in modules)
