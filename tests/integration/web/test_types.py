"""The page's modules have the types that their comments say, as TypeScript sees them."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from entrypoints.local.missing import Missing
from entrypoints.web.page import STATIC
from tests.servers.node import node, node_modules

Checked = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def check() -> Callable[[Path], Checked]:
    """The compiler's word on a folder with a tsconfig.json."""
    try:
        compiler: list[str | Path] = [
            node(),
            node_modules(Path(__file__).with_name("typescript")) / "typescript" / "bin" / "tsc",
        ]
    except Missing as missing:
        pytest.skip(str(missing))
    return lambda folder: subprocess.run([*compiler, "-p", folder], capture_output=True, text=True, check=False)


def test_the_pages_types_are_right(check: Callable[[Path], Checked]) -> None:
    checked = check(STATIC)
    assert checked.returncode == 0, checked.stdout


def test_a_wrong_type_would_be_found(check: Callable[[Path], Checked], tmp_path: Path) -> None:
    page = shutil.copytree(STATIC, tmp_path / "static")
    wrong = page / "format" / "number.js"
    wrong.write_text(wrong.read_text() + "\n/** @returns {number} */\nexport const wrong = () => 'a word';\n")
    checked = check(page)
    assert checked.returncode != 0 and "format/number.js" in checked.stdout, checked.stdout
