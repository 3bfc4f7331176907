"""What the benchmarks of the page share: a Chromium, a new server on the simulator, and when that is at rest."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.browser.conftest import chromium
from tests.e2e.program import Program
from tests.waiting import until

CORE = 0.3  # it works less than this part of a core, for so long:
FOR_S = 3
GIVEN_UP_S = 600


def needed_chromium() -> str:
    """Where the machine's Chromium is. Raises SystemExit, saying what to install, where there is none."""
    found = chromium()
    if found is None:
        raise SystemExit("no Chromium on this machine (Debian: apt install chromium)")
    return found


@contextmanager
def simulated() -> Iterator[Program]:
    """A new server, with nothing in its data folder."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Program(Path(folder) / "data", "--source", "simulated") as program,
    ):
        yield program


def wait_at_rest(program: Program) -> None:
    """Come back when its first minute, in which it takes in its history, is over. Raises TimeoutError where it never is."""
    if not until(lambda: _share(program) < CORE, seconds=GIVEN_UP_S):
        raise TimeoutError(f"the server works more than {CORE} of a core after {GIVEN_UP_S} s")


def _share(program: Program) -> float:
    before = _worked(program)
    time.sleep(FOR_S)
    return (_worked(program) - before) / FOR_S


def _worked(program: Program) -> float:
    """CPU seconds that the server has taken (proc(5): the fields utime and stime of `stat`)."""
    fields = Path(f"/proc/{program.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
