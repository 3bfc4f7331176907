"""What the services need before anything of ours runs: tables, topics, schemas. Each step is safe to run again."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade
from entrypoints.supervise.cluster import Voice
from entrypoints.supervise.errors import NotStarted

_WITHIN_S = 180
_STEPS = (("Topics", ("topics", "create")), ("Schemas", ("schemas", "register")))


def set_up(settings: Mapping[str, str], directory: Path, voice: Voice) -> None:
    """Bring the database up to date, make the topics, register the schemas. Raises NotStarted, StoreUnavailable."""
    voice.waiting("Migrating the database")
    engine = create_engine(settings["CRYPTOVIZ_DATABASE_URL"])
    try:
        upgrade(engine)
    finally:
        engine.dispose()
    voice.say("The database has its tables")
    for what, command in _STEPS:
        voice.waiting(f"cryptoviz {' '.join(command)}")
        _run(command, settings, directory)
        voice.say(f"{what} are there")


def _run(command: tuple[str, ...], settings: Mapping[str, str], directory: Path) -> None:
    words = f"`cryptoviz {' '.join(command)}`"
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-P", "-m", "entrypoints.cli.main", *command], env={**os.environ, **settings}, cwd=directory,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_WITHIN_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotStarted(f"{words} has not ended after {_WITHIN_S} s") from None
    if run.returncode:
        raise NotStarted(f"{words} failed:\n{(run.stderr + run.stdout).strip()[-2000:]}")
