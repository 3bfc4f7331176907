"""Programs that recipes need, found on this machine, and run to their end."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from entrypoints.local.missing import Missing

_JAVA = 17  # Kafka 4 and Spark 4 ask for it
_SYSTEM = ("/usr/sbin", "/sbin")  # a user's PATH may lack them
_MAX_S = 1_800


def program(name: str, package: str) -> str:
    """Its path; raises Missing naming Debian's package."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_SYSTEM]))
    if found is None:
        raise Missing(f"{name} is not installed", f"on Debian and Ubuntu, `apt-get install {package}`")
    return found


def java() -> str:
    """Java 17 or newer, that of JAVA_HOME before that of PATH; raises Missing."""
    home = os.environ.get("JAVA_HOME")
    path = str(Path(home, "bin", "java")) if home else program("java", "openjdk-17-jre-headless")
    try:
        said = subprocess.run([path, "-version"], capture_output=True, text=True, check=True, timeout=60).stderr  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise Missing(f"{path} does not run ({error})", "install Java 17, or set JAVA_HOME to one") from error
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version is None or int(version[1]) < _JAVA:
        named = said.splitlines()[0] if said else "of no version"
        raise Missing(
            f"{path} is {named}, and Java {_JAVA} or newer is needed",
            "on Debian and Ubuntu, `apt-get install openjdk-17-jre-headless`, or set JAVA_HOME",
        )
    return path


def run(what: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Its output. Raises Missing with the last that it said where it fails; `what` is what it was to do."""
    try:
        done = subprocess.run(  # noqa: S603 — our own recipes' commands
            command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=_MAX_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Missing(what, f"{command[0]} took longer than {_MAX_S} s") from error
    except OSError as error:
        raise Missing(what, f"{command[0]} does not run ({error.strerror})") from error
    if done.returncode:
        said = " | ".join(line.strip() for line in done.stdout.splitlines()[-6:] if line.strip())
        raise Missing(what, f"{command[0]} ended with {done.returncode}, saying: {said[-1000:]}")
    return done.stdout
