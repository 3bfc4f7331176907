"""`python -m entrypoints.local [NAME...]`: download what local services need, so that starting one takes seconds."""

import sys

import typer

from entrypoints.local import kafka, redis, registry, spark_jars, timescaledb
from entrypoints.local.cache import cache_directory
from entrypoints.local.missing import Missing

_RECIPES = {
    "kafka": kafka.provide,
    "schema_registry": registry.provide,
    "database": timescaledb.provide,
    "redis": redis.provide,
    "spark": spark_jars.provide,
}


def main(names: list[str]) -> int:
    """Download those named, or all; what is missing is said. Returns the exit code."""
    if unknown := set(names) - set(_RECIPES):
        typer.echo(f"'{min(unknown)}' is none of {', '.join(_RECIPES)}", err=True)
        return 2
    missing = 0
    for name in names or _RECIPES:
        try:
            _RECIPES[name](typer.echo)
        except Missing as found:
            typer.echo(f"{name}: {found}", err=True)
            missing += 1
    typer.echo(
        f"{len(names or _RECIPES) - missing} of {len(names or _RECIPES)} local services can be started ({cache_directory()})"
    )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
