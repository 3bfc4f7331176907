"""The ingestion on a real standalone master and a worker, whose Python has this package from its wheel."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrypoints.local.service import free_port
from tests.integration.spark.events import story
from tests.integration.spark.stack import Stack, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def workers_python(tmp_path: Path) -> Path:
    """A Python with the wheel installed, as docs/spark.md says for every worker; the libraries are those of the tests."""
    uv = shutil.which("uv") or str(ROOT / ".cache" / "uv" / "bin" / "uv")
    subprocess.run([uv, "build", "--wheel", "--out-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    home = tmp_path / "worker-python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    site = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    # Found after the wheel; an editable install that is among them is not: a path file's paths are not read for more.
    (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@contextmanager
def spark_daemon(directory: Path, name: str, *arguments: str) -> Iterator[None]:
    """A master or a worker, in the foreground; stopped at the end with all that it started."""
    pyspark = pytest.importorskip("pyspark", reason="Spark is not installed: run `make setup`")
    home = Path(pyspark.__file__).parent
    environment = {
        "PATH": os.environ["PATH"],
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(directory / "work"),
        "SPARK_LOCAL_DIRS": str(directory / "scratch"),
    }
    with (directory / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [str(home / "bin" / "spark-class"), *arguments], env=environment, cwd=directory, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def test_the_ingestion_runs_on_a_standalone_worker(stack: Stack, workers_python: Path) -> None:
    directory = stack.directory
    port = free_port()
    master = f"spark://127.0.0.1:{port}"
    classes = "org.apache.spark.deploy"
    on_loopback = ("--host", "127.0.0.1", "--webui-port", "0")
    environment = {"PYSPARK_PYTHON": str(workers_python), "SPARK_LOCAL_IP": "127.0.0.1"}
    with (
        spark_daemon(directory, "master", f"{classes}.master.Master", "--port", str(port), *on_loopback),
        spark_daemon(
            directory, "worker", f"{classes}.worker.Worker", "--cores", "2", "--memory", "1g", *on_loopback, master
        ),
        stack.job("ingest", "--master", master, **environment) as job,
    ):
        stack.log.append(story())
        until(stack.caught_up, job)
        assert python_processes(workers_python), "no executor ran the worker's Python"
        assert stack.count("trade_data") > 1200
        assert stack.count("dead_letter") == 6  # one of a frame, five of names that no table could hold
        assert job.stop() == 0, job.words()
    until(lambda: not python_processes(workers_python))


def python_processes(python: Path) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has just ended
        if command[0] == str(python).encode():
            found.append(int(process.name))
    return found
