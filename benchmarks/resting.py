"""A server at rest: its first minute, in which it takes in its history, is over."""

import os
import time
from pathlib import Path

from tests.e2e.program import Program
from tests.waiting import until

CORE = 0.3  # it works less than this part of a core, for so long:
FOR_S = 3
GIVEN_UP_S = 600


def wait_at_rest(program: Program) -> None:
    """Come back when it is at rest. Raises TimeoutError where it never is."""
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
