"""The built wheel carries all that it needs, beside no checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    uv = shutil.which("uv") or str(ROOT / ".cache" / "uv" / "bin" / "uv")
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([uv, "build", "--wheel", "--out-dir", str(out), str(ROOT)], check=True, capture_output=True)
    [built] = out.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_upgrades_a_database_and_serves_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    names = {path.name for path in site.iterdir() if path.is_dir()}
    assert {"domain", "application", "adapters", "entrypoints", "schemas_avro"} <= names
    assert not names & {"tests", "benchmarks", "docs", "alembic"}
    assert (site / "entrypoints" / "web" / "static" / "index.html").exists()
    assert (site / "adapters" / "sql" / "migrations" / "env.py").exists()
    # The wheel's code before the checkout's: this environment installs that in editable form, after PYTHONPATH.
    environment = {**os.environ, "PYTHONPATH": str(site)}
    script = (
        "import adapters, sys; assert adapters.__file__.startswith(sys.argv.pop(1)), adapters.__file__; "
        "from entrypoints.cli.main import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(site), "db", "upgrade", "--data-dir", str(tmp_path / "data")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "up to date" in run.stdout
