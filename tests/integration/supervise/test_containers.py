"""The Docker branch, with a `docker` that writes down what it is asked: no engine is needed to see that."""

import json
import stat
import sys
from pathlib import Path

import pytest

from entrypoints.supervise import containers
from entrypoints.supervise.errors import NotStarted

DOCKER = """#!{python}
import json, os, sys
from pathlib import Path
here = Path(__file__).parent
with (here / "asked").open("a") as asked:
    asked.write(json.dumps(sys.argv[1:]) + "\\n")
answers = json.loads((here / "answers.json").read_text())
code, text = answers.get(sys.argv[1], [0, ""])
print(text, file=sys.stderr if code else sys.stdout)
sys.exit(code)
"""


class Docker:
    """What it answers to its first argument, as (exit code, text)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        program = directory / "docker"
        program.write_text(DOCKER.format(python=sys.executable))
        program.chmod(0o755)
        self.answer()

    def answer(self, **answers: tuple[int, str]) -> None:
        (self._directory / "answers.json").write_text(json.dumps(answers))

    @property
    def asked(self) -> list[list[str]]:
        return [json.loads(line) for line in (self._directory / "asked").read_text().splitlines()]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return Docker(directory)


def test_containers_are_used_where_engine_and_compose_answer(docker: Docker) -> None:
    assert containers.available()
    docker.answer(info=(1, "Cannot connect to the Docker daemon"))
    assert not containers.available()
    docker.answer(compose=(1, "unknown command: docker compose"))
    assert not containers.available()


def test_without_docker_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not containers.available()


def test_services_come_up_with_a_password_that_stays(docker: Docker, tmp_path: Path) -> None:
    ports = {"kafka": 1001, "database": 1002, "schema_registry": 1003, "redis": 1004}
    data = tmp_path / "data"
    said: list[str] = []
    endpoints = containers.up("cryptoviz-x", list(ports), data, ports.__getitem__, said.append)
    assert endpoints == {
        "kafka": "127.0.0.1:1001",
        "database": f"postgresql://cryptoviz@127.0.0.1:1002/cryptoviz?passfile={data}/database.passfile",
        "schema_registry": "http://127.0.0.1:1003/apis/ccompat/v7",
        "redis": "redis://127.0.0.1:1004/0",
    }
    (command,) = docker.asked
    assert command[:3] == ["compose", "--project-name", "cryptoviz-x"]
    assert command[-7:] == ["up", "--detach", "--wait", *ports]
    settings = dict(line.split("=", 1) for line in (data / "containers.env").read_text().splitlines())
    password = settings.pop("CRYPTOVIZ_DATABASE_PASSWORD")
    assert settings == {
        "CRYPTOVIZ_KAFKA_PORT": "1001", "CRYPTOVIZ_DATABASE_PORT": "1002",
        "CRYPTOVIZ_SCHEMA_REGISTRY_PORT": "1003", "CRYPTOVIZ_REDIS_PORT": "1004",
    }  # fmt: skip
    for file in ("containers.env", "database.passfile"):
        assert stat.S_IMODE((data / file).stat().st_mode) == 0o600
    assert (data / "database.passfile").read_text() == f"*:*:*:*:{password}\n"
    assert password not in json.dumps(docker.asked)
    containers.up("cryptoviz-x", list(ports), data, ports.__getitem__, said.append)
    assert password in (data / "containers.env").read_text()


def test_the_variables_are_those_of_the_compose_file() -> None:
    text = containers.COMPOSE_FILE.read_text()
    for name in ("DATABASE_PASSWORD", "KAFKA_PORT", "DATABASE_PORT", "SCHEMA_REGISTRY_PORT", "REDIS_PORT"):
        assert f"${{CRYPTOVIZ_{name}:" in text


def test_what_compose_says_is_passed_on(docker: Docker, tmp_path: Path) -> None:
    docker.answer(compose=(1, "no space left on device"))
    with pytest.raises(NotStarted, match="no space left on device"):
        containers.up("cryptoviz-x", ["redis"], tmp_path, lambda name: 1004, lambda line: None)


def test_pids_and_stopping(docker: Docker) -> None:
    docker.answer(inspect=(0, "4711"))
    assert containers.pid_of("cryptoviz-x", "kafka") == 4711
    assert containers.stop("cryptoviz-x") == ["kafka", "schema_registry", "database", "redis"]
    assert ["stop", "--time", "60", "cryptoviz-x-kafka-1"] in docker.asked
    docker.answer(inspect=(0, "0"))  # it has ended
    assert containers.pid_of("cryptoviz-x", "kafka") is None
    docker.answer(inspect=(1, "No such object"))
    assert containers.stop("cryptoviz-x") == []


def test_data_directories_have_projects_of_their_own(tmp_path: Path) -> None:
    assert containers.project_of(tmp_path / "live") != containers.project_of(tmp_path / "simulated")
