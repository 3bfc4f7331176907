"""`python -m entrypoints.supervise.launch FILE`: become the program that a file describes, under the same pid.

The file is JSON, readable by its owner alone: it may hold passwords. The settings (`CRYPTOVIZ_*`) are the file's, not
those that supervisord was started with; all else of the environment is supervisord's.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from entrypoints.run_dir import RUN_DIR
from entrypoints.supervise.leftovers import record, record_file
from entrypoints.supervise.places import write_private

_SETTINGS = "CRYPTOVIZ_"


def write_program(file: Path, command: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
    """Describe a program: what it runs, its settings and what else its environment needs, and where it works."""
    program = {"command": list(command), "environment": dict(environment), "directory": str(directory)}
    write_private(file, json.dumps(program, indent=2))


def launch(file: Path) -> None:
    """Become the program. Raises OSError when it cannot be run."""
    program = json.loads(file.read_text(encoding="utf-8"))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
    if run_dir := program["environment"].get(RUN_DIR):  # so that it is found when supervisord is gone
        run, name = Path(run_dir), file.stem
        write_private(record_file(run, name), record(name, os.getpid()))
    os.chdir(program["directory"])
    command = program["command"]
    os.execvpe(command[0], command, {**inherited, **program["environment"]})  # noqa: S606 - no shell is meant: the pid stays


if __name__ == "__main__":
    try:
        launch(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(f"cannot run what {sys.argv[1]} describes: {error}")
