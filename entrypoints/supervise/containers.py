"""The services in containers, where a Docker engine answers: `docker compose` with deploy/compose.yaml.

A data directory has a Compose project of its own, so its volumes are its own as well.
"""

import secrets
import shutil
import subprocess
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from entrypoints.supervise.errors import NotStarted
from entrypoints.supervise.places import write_private

COMPOSE_FILE = Path(__file__).parents[2] / "deploy" / "compose.yaml"
_QUICK_S, _PULL_S = 20, 1200
_PORTS = {
    "kafka": "KAFKA_PORT",
    "schema_registry": "SCHEMA_REGISTRY_PORT",
    "database": "DATABASE_PORT",
    "redis": "REDIS_PORT",
}


def available() -> bool:
    """Whether an engine answers, Compose is there, and so is our file (a wheel does not carry it)."""
    if shutil.which("docker") is None or not COMPOSE_FILE.is_file():
        return False
    try:
        commands = (["docker", "compose", "version"], ["docker", "info", "--format", "{{.ServerVersion}}"])
        return all(_docker(command, _QUICK_S).returncode == 0 for command in commands)
    except NotStarted:
        return False


def project_of(data: Path) -> str:
    """The Compose project of a source's data directory."""
    return f"cryptoviz-{sha256(str(data).encode()).hexdigest()[:8]}"


def up(
    project: str, names: Sequence[str], data: Path, port: Callable[[str], int], say: Callable[[str], None]
) -> dict[str, str]:
    """Start the containers and wait until they are healthy; returns their endpoints. Raises NotStarted.

    The database's password is made at the first start, and kept beside the data for Compose and for libpq.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    password_file, environment_file = data / "database.passfile", data / "containers.env"
    if not password_file.exists():
        write_private(password_file, f"*:*:*:*:{secrets.token_urlsafe(24)}\n")
    password = password_file.read_text(encoding="utf-8").strip().rsplit(":", 1)[1]
    ports = {name: port(name) for name in names}
    settings = {"DATABASE_PASSWORD": password, **{_PORTS[name]: str(number) for name, number in ports.items()}}
    write_private(environment_file, "".join(f"CRYPTOVIZ_{name}={value}\n" for name, value in settings.items()))
    say("Docker answers: the services run in containers (the first time, their images are fetched)")
    run = _docker(
        ["docker", "compose", "--project-name", project, "--file", str(COMPOSE_FILE), "--env-file", str(environment_file),
         "up", "--detach", "--wait", *names],
        _PULL_S,
    )  # fmt: skip
    if run.returncode:
        raise NotStarted(
            f"the containers do not start (docker compose, project {project}):\n{run.stderr.strip()[-2000:]}"
        )
    forms = {
        "kafka": "127.0.0.1:{port}",
        "schema_registry": "http://127.0.0.1:{port}/apis/ccompat/v7",
        "database": f"postgresql://cryptoviz@127.0.0.1:{{port}}/cryptoviz?passfile={password_file}",
        "redis": "redis://127.0.0.1:{port}/0",
    }
    return {name: forms[name].format(port=ports[name]) for name in names}


def stop(project: str) -> list[str]:
    """Stop a project's containers; their volumes stay. Returns the parts that ran. Raises NotStarted."""
    ran = [name for name in _PORTS if pid_of(project, name)]
    for name in ran:
        run = _docker(["docker", "stop", "--time", "60", _container(project, name)], 120)
        if run.returncode:
            raise NotStarted(f"the container of {name} does not stop: {run.stderr.strip()[-500:]}")
    return ran


def pid_of(project: str, name: str) -> int | None:
    """The process of a container, as this machine sees it; None where it does not run."""
    run = _docker(["docker", "inspect", "--format", "{{.State.Pid}}", _container(project, name)], _QUICK_S)
    return int(run.stdout) or None if run.returncode == 0 else None


def show_log(project: str, name: str, lines: int, *, follow: bool) -> None:
    """Write the end of a container's log to standard output. Raises NotStarted."""
    options = ["--tail", str(lines), *(["--follow"] if follow else [])]
    command = ["docker", "logs", *options, _container(project, name)]
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode:  # noqa: S603 - docker, as below
        raise NotStarted(f"docker does not show the log of {name}")


def _container(project: str, name: str) -> str:
    return f"{project}-{name}-1"


def _docker(command: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - docker, with our own arguments
            command, capture_output=True, text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotStarted(f"docker does not do what it should: {error}") from error
