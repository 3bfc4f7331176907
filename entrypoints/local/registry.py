"""A schema registry with Confluent's API: Apicurio Registry from Maven Central, its schemas in an H2 file."""

from pathlib import Path

import httpx

from entrypoints.local import maven
from entrypoints.local.cache import Say, kept
from entrypoints.local.jvm import prepare_directory, temporary_files
from entrypoints.local.programs import java, program, run
from entrypoints.local.service import HOST, Service

VERSION = "2.6.13.Final"
_READY_S = 3


def provide(say: Say) -> Path:
    """The directory of its jars. Raises Missing."""

    def download(into: Path) -> None:
        say(f"Downloading Apicurio Registry {VERSION} from Maven Central (142 MB)")
        maven.copy([f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"], into, without=["*:*"])
        archive = next(into.glob("*.tar.gz"))
        run(f"{archive.name} could not be unpacked", [program("tar", "tar"), "-xzf", str(archive)], cwd=into)
        archive.unlink()

    return kept(f"apicurio-registry-{VERSION}", download)


def service(install: Path, directory: Path, port: int) -> Service:
    """A registry on this port of loopback. Raises Missing where there is no Java."""
    address = f"http://{HOST}:{port}"
    return Service(
        name="schema_registry",
        command=(
            java(), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *temporary_files(directory),
            f"-Dquarkus.http.host={HOST}", f"-Dquarkus.http.port={port}", "-jar", str(install / f"apicurio-registry-app-{VERSION}-runner.jar"),
        ),
        directory=directory,
        endpoint=f"{address}/apis/ccompat/v7",
        prepare=lambda: prepare_directory(directory),
        ready=lambda: _waits_for(address),
        env={
            # Without the write delay of 0 a kill -9 loses a schema that was acknowledged.
            "REGISTRY_DATASOURCE_URL": f"jdbc:h2:file:{directory / 'schemas'};WRITE_DELAY=0",
            # Otherwise the same schema in another layout becomes a new version.
            "ENABLE_CCOMPAT_CANONICAL_HASH_MODE": "true",
        },
    )  # fmt: skip


def _waits_for(address: str) -> str | None:
    """Ready is only who refuses incompatible schemas: the registry's own default lets everything pass."""
    config = f"{address}/apis/ccompat/v7/config"
    try:
        with httpx.Client(timeout=_READY_S, trust_env=False) as client:
            client.get(f"{address}/health/ready").raise_for_status()
            if client.get(config).raise_for_status().json().get("compatibilityLevel") != "BACKWARD":
                client.put(config, json={"compatibility": "BACKWARD"}).raise_for_status()
    except httpx.HTTPError:
        return f"the schema registry to answer on {address}"
    return None
