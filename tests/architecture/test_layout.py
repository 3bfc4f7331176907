"""The house's rules that no linter knows."""

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_migrations_folder_is_no_package() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists(), "it would shadow the alembic library"


def test_nobody_else_owns_our_names() -> None:
    owners = packages_distributions()
    for name in ("domain", "application", "adapters", "entrypoints", "schemas_avro"):
        assert set(owners.get(name, [])) <= {"cryptoviz"}, f"another package installs {name}"


def test_imports_go_down_only() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_file_grows_beyond_four_hundred_lines() -> None:
    sources = [
        path for floor in ("domain", "application", "adapters", "entrypoints") for path in (ROOT / floor).rglob("*.py")
    ]
    assert sources
    long = {str(path.relative_to(ROOT)): count for path in sources if (count := path.read_text().count("\n")) > 400}
    assert not long, "these files do more than one thing"
