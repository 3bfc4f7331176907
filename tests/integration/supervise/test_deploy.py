"""deploy/: what can be seen without a Docker engine."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from entrypoints.supervise.parts import PARTS

DEPLOY = Path(__file__).parents[3] / "deploy"


def compose(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`config` of whichever Compose is there; it needs no engine."""
    plugin = ["docker", "compose"]
    command = (
        plugin
        if shutil.which("docker")
        and not subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode
        else None
    )
    if command is None and shutil.which("docker-compose"):
        command = ["docker-compose"]
    if command is None:
        pytest.skip(
            "neither `docker compose` nor `docker-compose` is there: on Debian, `apt-get install docker-compose`"
        )
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CRYPTOVIZ_")}
    return subprocess.run(
        [*command, "--file", str(DEPLOY / "compose.yaml"), "config"], env={**bare, **environment},
        capture_output=True, text=True, check=False, cwd=DEPLOY.parent,
    )  # fmt: skip


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    run = compose({"CRYPTOVIZ_DATABASE_PASSWORD": "of-this-test"})
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = yaml.safe_load(run.stdout)["services"]
    return found


def test_no_password_has_a_default() -> None:
    run = compose({})
    assert run.returncode != 0
    assert "CRYPTOVIZ_DATABASE_PASSWORD" in run.stderr + run.stdout or "deploy/README.md" in run.stderr


def test_every_part_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {*PARTS, "setup"}
    for name, part in PARTS.items():
        if part.command:
            assert services[name]["command"] == [part.command]
            assert services[name]["depends_on"]["setup"]["condition"] == "service_completed_successfully"
        assert services[name]["healthcheck"]["test"]
        assert services[name]["restart"] == "unless-stopped"


def test_images_are_pinned(services: dict[str, Any]) -> None:
    for service in services.values():
        assert re.search(r":v?\d+\.\d+", service["image"]), service["image"]
    for image in re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE):
        assert re.search(r":\d+\.\d+\.\d+", image), image


def test_only_loopback_is_published(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert len(published) == 5
    for port in published:
        assert (port["host_ip"] if isinstance(port, dict) else port.split(":")[0]) == "127.0.0.1"


def test_what_is_to_be_kept_lies_in_named_volumes(services: dict[str, Any]) -> None:
    kept = {name for name, service in services.items() if service.get("volumes")}
    assert kept == {"kafka", "database", "spark_ingestion", "spark_analytics"}  # the registry's are in the database


def test_the_image_runs_as_a_user_of_its_own() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    assert lines.index("USER cryptoviz") < lines.index('ENTRYPOINT ["cryptoviz"]')
    assert "10001" in "".join(line for line in lines if "useradd" in line)
