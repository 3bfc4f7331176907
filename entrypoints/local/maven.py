"""Jars and archives from Maven Central, by Maven itself, so that its mirrors, proxies and local repository count."""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from entrypoints.local.cache import cache_directory, locked
from entrypoints.local.programs import java, program, run


def copy(artifacts: Sequence[str], into: Path, *, without: Sequence[str] = ()) -> None:
    """Copy `group:name:version[:type:classifier]` into a directory, with all they depend on at run time.

    `without` are dependencies that are not fetched, `group:name`, `*` for any. Raises Missing.
    """
    maven = program("mvn", "maven")
    java()
    pom = into / "pom.xml"
    pom.write_text(_pom(artifacts, without), encoding="utf-8")
    # Two Mavens at once do not get on in one local repository.
    with locked(cache_directory() / ".maven.lock"):
        run(
            f"{', '.join(artifacts)} could not be had from Maven Central",
            [maven, "-B", "-ntp", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"],
            cwd=into,
        )  # fmt: skip
    pom.unlink()


def _pom(artifacts: Sequence[str], without: Sequence[str]) -> str:
    dependencies = "".join(_dependency(artifact, without) for artifact in artifacts)
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>cryptoviz</groupId><artifactId>local</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )


def _dependency(artifact: str, without: Sequence[str]) -> str:
    excluded = "".join(f"<exclusion>{_coordinates(left_out)}</exclusion>" for left_out in without)
    return f"<dependency>{_coordinates(artifact)}<exclusions>{excluded}</exclusions></dependency>"


def _coordinates(artifact: str) -> str:
    parts = zip(("groupId", "artifactId", "version", "type", "classifier"), artifact.split(":"), strict=False)
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts)
