"""`cryptoviz start|stop|restart|status|logs`: the cluster profile's parts, supervised on this machine."""

import json
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import chdir, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrypoints.cli.errors import FAILED, USAGE, fail
from entrypoints.settings import PREFIX, Settings, load_settings

if TYPE_CHECKING:
    from entrypoints.supervise.cluster import Cluster
    from entrypoints.supervise.parts import Group
    from entrypoints.supervise.session import Session
    from entrypoints.supervise.status import Component

_READY_WITHIN_S = 600.0  # on a busy machine Spark takes minutes to start; what fails for good is noticed sooner


class Which(StrEnum):
    """What a command is for."""

    ALL = "all"
    SERVICES = "services"
    PRODUCERS = "producers"
    SPARK = "spark"
    API = "api"


WhichArgument = Annotated[
    Which,
    typer.Argument(
        help="[bold]services[/bold] (Kafka, schema registry, database, Redis), [bold]producers[/bold] (feed, news, alerting), "
        "[bold]spark[/bold] (ingestion, analytics), [bold]api[/bold], or [bold]all[/bold]."
    ),
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        help="[bold]kraken[/bold] (what auto means here), [bold]simulated[/bold], or [bold]recording:FILE[/bold]."
    ),
]
HostOption = Annotated[
    str | None, typer.Option(help="Address of the API; 127.0.0.1 is reached from this machine only.")
]
PortOption = Annotated[int | None, typer.Option(help="Port of the API; without it, 8000 or a free one.")]
DataDirOption = Annotated[
    Path | None, typer.Option(help="Where the services keep their data, and the supervisor its files.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    panel = "The cluster profile on this machine"
    for command in (start, stop, restart, status, logs):
        app.command(rich_help_panel=panel)(command)


def start(
    which: WhichArgument = Which.ALL,
    source: SourceOption = None,
    host: HostOption = None,
    port: PortOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Start parts in the background, each when what it needs is ready; what runs stays.

    Services whose endpoints are set (CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS, _SCHEMA_REGISTRY_URL, _DATABASE_URL, _REDIS_URL)
    are not started but used. With the services come the tables, the topics and the schemas.
    """
    supervised = _Supervised(data_dir)
    with supervised.held("start"):
        supervised.start(which, source=source, host=host, port=port)


def stop(which: WhichArgument = Which.ALL, data_dir: DataDirOption = None) -> None:
    """Stop parts, the last started first. Nothing is lost; the next start goes on where this one ended."""
    supervised = _Supervised(data_dir)
    stopped: list[str] = []
    if supervised.places.root.exists():
        with supervised.held("stop"):
            stopped = supervised.stop(which)
    typer.echo(f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.")


def restart(
    which: WhichArgument = Which.ALL,
    source: SourceOption = None,
    host: HostOption = None,
    port: PortOption = None,
    data_dir: DataDirOption = None,
    forget_checkpoints: Annotated[
        bool,
        typer.Option(
            "--forget-checkpoints",
            help="Let the Spark jobs read the log from its start; rows that are there stay as they are.",
        ),
    ] = False,
) -> None:
    """Stop parts and start them again, with the settings they had where none are given now."""
    supervised = _Supervised(data_dir)
    if forget_checkpoints and which not in {Which.ALL, Which.SPARK}:
        fail("--forget-checkpoints is for `cryptoviz restart spark` or `restart all`", USAGE)
    with supervised.held("restart"):
        supervised.stop(which, keep_session=True)
        supervised.start(which, source=source, host=host, port=port, forget_checkpoints=forget_checkpoints)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="JSON and nothing else on standard output.")] = False,
    data_dir: DataDirOption = None,
) -> None:
    """Show how each part is. The exit code is 0 when all are ok."""
    from entrypoints.supervise.console import print_table
    from entrypoints.supervise.status import as_json as to_json

    supervised = _Supervised(data_dir)
    with _worded():
        rows = supervised.look()
    if as_json:
        print(json.dumps(to_json(rows), indent=2))
    else:
        print_table(rows)
        if supervised.session() is None:
            typer.echo(
                "Nothing is running. `cryptoviz start` starts everything; a `cryptoviz run` is not told of here, "
                "it answers at /api/v1/health/."
            )
    if any(row.status != "ok" for row in rows.values()):
        raise typer.Exit(FAILED)


def logs(
    name: Annotated[str, typer.Argument(help="A part as `cryptoviz status` names it, or `supervisor`.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on showing what is added, until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, max=100_000, help="How many of the last lines.")] = 100,
    data_dir: DataDirOption = None,
) -> None:
    """Show the end of a part's log."""
    from entrypoints.supervise import log_files
    from entrypoints.supervise.containers import show_log
    from entrypoints.supervise.parts import PARTS

    supervised = _Supervised(data_dir)
    if name not in {*PARTS, "supervisor"}:
        fail(f"there is no part named '{name[:40]}': expected one of {', '.join(PARTS)}, supervisor", USAGE)
    session = supervised.session()
    if session and name in session.given:
        fail(f"{name} is not run by this supervisor: its log is where its endpoint is")
    if session and session.containers and name in PARTS and PARTS[name].group == "services":
        with _worded():
            show_log(session.containers, name, lines, follow=follow)
        return
    file = supervised.places.own_log if name == "supervisor" else supervised.places.log(name)
    if not file.exists() and not follow:
        fail(f"{name} has not run yet: there is no {file}")
    last, end = log_files.tail(file, lines)
    for line in last:
        typer.echo(line)
    if follow:
        for added in log_files.follow(file, end):
            sys.stdout.buffer.write(added)
            sys.stdout.flush()


class _Supervised:
    """A data directory's supervisor, as the commands use it."""

    def __init__(self, data_dir: Path | None) -> None:
        from entrypoints.supervise import containers
        from entrypoints.supervise.console import ConsoleVoice
        from entrypoints.supervise.daemon import Daemon
        from entrypoints.supervise.parts import PARTS
        from entrypoints.supervise.places import Places
        from entrypoints.supervise.status import Looker

        self._data_dir = load_settings(profile="embedded", data_dir=data_dir).data_dir
        self.places: Places = Places(self._data_dir)
        self._daemon: Daemon = Daemon(self.places, PARTS.values())
        self._looker: Looker = Looker(self.places, self._daemon, container_pid=containers.pid_of)
        self._voice = ConsoleVoice()

    def session(self) -> "Session | None":
        from entrypoints.supervise.session import Session

        return Session.load(self.places)

    def look(self) -> "dict[str, Component]":
        return self._looker.look(self.session())

    @contextmanager
    def held(self, command: str) -> Generator[None]:
        waiting = f"Another start or stop is at work in {self._data_dir}: `cryptoviz {command}` waits for it (Ctrl-C ends this)"
        with _worded(), self.places.held(lambda: self._voice.say(waiting)), self._voice:
            yield

    def stop(self, which: Which, *, keep_session: bool = False) -> list[str]:
        return self._cluster().stop(_groups(which), keep_session=keep_session)

    def start(
        self, which: Which, *, source: str | None, host: str | None, port: int | None, forget_checkpoints: bool = False
    ) -> None:
        from entrypoints.supervise import containers
        from entrypoints.supervise.parts import parts_of
        from entrypoints.supervise.plan import Planner

        before = self.session()
        given = {**(before.settings if before else {}), **_settings_given(source=source, host=host, port=port)}
        directory = Path(before.directory) if before and Path(before.directory).is_dir() else Path.cwd()
        # What runs goes on with the settings it was started with; those given now win over them.
        os.environ.update(given)
        with chdir(directory):  # where .env lies
            settings = load_settings(profile="embedded", data_dir=self._data_dir)
        self._cluster().end_orphans()  # before ports are looked for: these hold theirs
        running = {name for name, process in self._daemon.processes().items() if process.pid}
        if before and before.containers:
            running |= {part.name for part in parts_of("services") if containers.pid_of(before.containers, part.name)}
        planner = Planner(settings, self.places, before, running, self._voice.say)
        plan = planner.plan(_groups(which), given, directory)
        if forget_checkpoints:
            shutil.rmtree(planner.checkpoints, ignore_errors=True)
        self._cluster().start(plan, _groups(which))
        self._say_how_it_is(settings, plan.session)

    def _cluster(self) -> "Cluster":
        from entrypoints.supervise.cluster import Cluster

        return Cluster(self.places, self._daemon, self._looker, self._voice, ready_within_s=_READY_WITHIN_S)

    def _say_how_it_is(self, settings: Settings, session: "Session") -> None:
        from entrypoints.source import source_named

        rows = self._looker.look(session)
        if rows["api"].status == "ok":
            self._voice.say(f"CryptoViz shows {source_named(session.source).words} at {session.endpoints['api']}/")
        self._voice.say("`cryptoviz status` shows how all is, `cryptoviz stop` ends it.")


@contextmanager
def _worded() -> Generator[None]:
    from entrypoints.local.missing import Missing
    from entrypoints.supervise.daemon import SupervisorError
    from entrypoints.supervise.errors import NotStarted

    try:
        yield
    except (NotStarted, SupervisorError, Missing) as error:
        fail(str(error))


def _groups(which: Which) -> "tuple[Group, ...]":
    from entrypoints.supervise.parts import GROUPS

    return tuple(group for group in GROUPS if which in {Which.ALL, group})


def _settings_given(**options: object) -> dict[str, str]:
    """The user's CRYPTOVIZ_* variables and options; not those with which a supervisor runs this very command."""
    own = {"CRYPTOVIZ_PROFILE", "CRYPTOVIZ_RUN_DIR", "CRYPTOVIZ_DATA_DIR"}
    environment = {name: value for name, value in os.environ.items() if name.startswith(PREFIX) and name not in own}
    return environment | {PREFIX + name.upper(): str(value) for name, value in options.items() if value is not None}
