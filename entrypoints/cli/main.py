"""`cryptoviz`: the command line. Each group of commands has its file; this one joins them and words the errors."""

import sys
from typing import Any

import typer

from entrypoints.cli import (
    api_keys,
    backtest,
    backup,
    cluster,
    data,
    dead_letters,
    evaluate,
    jobs,
    processes,
    record,
    run,
    schemas,
    topics,
    users,
)
from entrypoints.cli.errors import FAILED, USAGE
from entrypoints.logging import configure_logging
from entrypoints.settings import InvalidSettings, misspelt

app = typer.Typer(
    name="cryptoviz",
    help="Watch the crypto market and its news live, from an exact, replayable log of events.\n\n"
    "Start with [bold]cryptoviz run[/bold] and open http://127.0.0.1:8000. Every option can also be set in the "
    "environment or in .env as CRYPTOVIZ_NAME, such as CRYPTOVIZ_PORT=9000.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
run.register(app)
record.register(app)
data.register(app)
backup.register(app)
evaluate.register(app)
backtest.register(app)
cluster.register(app)
jobs.register(app)
processes.register(app)
app.add_typer(users.app, name="user")
app.add_typer(api_keys.app, name="api-key")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(topics.app, name="topics")
app.add_typer(schemas.app, name="schemas")


def main(arguments: list[str] | None = None) -> Any:
    """Run a command. Exit codes: 0 done, 1 it failed, 2 wrong usage or settings, 130 interrupted."""
    configure_logging()
    for sentence in misspelt():
        print(f"cryptoviz: {sentence}", file=sys.stderr)
    try:
        return app(arguments, standalone_mode=True)
    except InvalidSettings as invalid:
        for line in str(invalid).splitlines():
            print(f"cryptoviz: {line}", file=sys.stderr)
        sys.exit(USAGE)
    except Exception as error:
        if not isinstance(error, expected_errors()):
            raise
        print(f"cryptoviz: {error}", file=sys.stderr)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)


def expected_errors() -> tuple[type[Exception], ...]:
    """What can go wrong without being our mistake; each says so in a sentence. Imported late, as `--help` needs none."""
    from adapters.embedded.backup_manifest import BackupUnusable
    from adapters.embedded.data_directory import DataDirectoryError
    from adapters.kraken.errors import KrakenError
    from adapters.spark.errors import SparkUnavailable
    from application.ports.event_log import LogUnavailable
    from application.ports.store import StoreUnavailable
    from domain.errors import NotAllowed
    from entrypoints.backup import BackupRefused
    from entrypoints.local.missing import Missing
    from entrypoints.restore import RestoreRefused

    backups = (BackupRefused, BackupUnusable, RestoreRefused)
    ours = (DataDirectoryError, KrakenError, LogUnavailable, StoreUnavailable, SparkUnavailable, Missing)
    return *ours, *backups, NotAllowed, OSError


if __name__ == "__main__":
    main()
