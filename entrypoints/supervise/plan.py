"""From the settings to what a start runs: whose services, at which endpoints, and our processes with their settings."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from adapters.embedded.data_directory import DataDirectory
from entrypoints.local.service import Service
from entrypoints.run_dir import RUN_DIR
from entrypoints.settings import Settings
from entrypoints.source import source_named
from entrypoints.supervise import containers, set_up
from entrypoints.supervise.cluster import Plan, Program
from entrypoints.supervise.errors import NotStarted
from entrypoints.supervise.local_services import local_services
from entrypoints.supervise.parts import PARTS, Group, parts_of
from entrypoints.supervise.passfile import with_passfile
from entrypoints.supervise.places import Places
from entrypoints.supervise.ports import Ports, is_free
from entrypoints.supervise.session import Session

Say = Callable[[str], None]

SETTING_OF = {
    "kafka": "CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS",
    "schema_registry": "CRYPTOVIZ_SCHEMA_REGISTRY_URL",
    "database": "CRYPTOVIZ_DATABASE_URL",
    "redis": "CRYPTOVIZ_REDIS_URL",
}


class Planner:
    """Plans for one data directory.

    `before` is the session that is there already: what it runs keeps its endpoints. `running` are the parts that
    supervisord runs now, and so hold their ports.
    """

    def __init__(self, settings: Settings, places: Places, before: Session | None, running: set[str], say: Say) -> None:
        self._settings = settings
        self._places = places
        self._before = before
        self._running = running
        self._say = say
        self._ports = Ports(places)
        self._source = source_named(settings.source)
        self._data = DataDirectory(settings.data_dir, origin=self._source.origin, recording=self._source.recording).path

    @property
    def checkpoints(self) -> Path:
        """Where the Spark jobs keep theirs, each in a directory of its command's name."""
        return self._data / "spark"

    def plan(self, groups: Sequence[Group], user_settings: Mapping[str, str], directory: Path) -> Plan:
        """What to bring up. Raises NotStarted where it cannot be, with what to do, and `entrypoints.local`'s Missing."""
        before = self._before
        source = "kraken" if self._settings.source == "auto" else self._settings.source
        if self._source.recording:
            source = f"recording:{self._source.recording}"
        if before and before.source != source:
            if self._running:
                raise NotStarted(f"{before.source} is running in {self._settings.data_dir}: first `cryptoviz stop`")
            before = None  # nothing of it is left but its endpoints

        given = self._given()
        endpoints = {**(before.endpoints if before else {}), **given}
        project = before.containers if before else None
        services: dict[str, Service] = {}
        if "services" in groups:
            ours = [part.name for part in parts_of("services") if part.name not in given]
            if ours and (project or (not self._running & set(ours) and containers.available())):
                project = containers.project_of(self._data)
                endpoints |= containers.up(project, ours, self._data, self._port, self._say)
            else:
                services = local_services(ours, self._data / "services", self._port, self._say)
                endpoints |= {name: service.endpoint for name, service in services.items()}
        endpoints["api"] = self._api_endpoint("api" in groups)

        session = Session(
            source=source, endpoints=endpoints, directory=str(directory), given=list(given),
            containers=project, settings=dict(user_settings),
        )  # fmt: skip
        run_dir = {RUN_DIR: str(self._places.run)}
        programs = {
            name: Program(
                service.command, {**service.env, **run_dir}, service.directory, service.prepare, service.ready
            )
            for name, service in services.items()
        }
        environment = self._environment(session)
        for part in PARTS.values():
            if part.command:
                command = [sys.executable, "-P", "-m", "entrypoints.cli.main", part.command]
                programs[part.name] = Program(command, environment, directory)
        return Plan(session, programs, lambda voice: set_up.set_up(environment, directory, voice))

    def _given(self) -> dict[str, str]:
        settings = self._settings
        given = {
            "kafka": settings.kafka_bootstrap_servers,
            "schema_registry": settings.schema_registry_url,
            "database": settings.database_url and with_passfile(settings.database_url, self._places.passfile),
            "redis": settings.redis_url,
        }
        return {name: endpoint for name, endpoint in given.items() if endpoint}

    def _port(self, name: str) -> int:
        return self._ports.of(name, in_use=name.removesuffix("_controller") in self._running, say=self._say)

    def _api_endpoint(self, is_to_start: bool) -> str:
        host, port = self._settings.host, self._settings.port
        if "port" not in self._settings.model_fields_set or port == 0:
            port = self._port("api")
        elif is_to_start and "api" not in self._running and not is_free(port, host):
            raise NotStarted(f"the API cannot serve at {host}:{port}: choose another --port, or stop what uses it")
        reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - the user's choice, read not made
        return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"

    def _environment(self, session: Session) -> dict[str, str]:
        return {
            **session.settings,
            **{setting: session.endpoints[name] for name, setting in SETTING_OF.items() if name in session.endpoints},
            "CRYPTOVIZ_PROFILE": "cluster",
            "CRYPTOVIZ_SOURCE": session.source,
            "CRYPTOVIZ_DATA_DIR": str(self._settings.data_dir),
            "CRYPTOVIZ_HOST": self._settings.host,
            "CRYPTOVIZ_PORT": session.endpoints["api"].rsplit(":", 1)[1],
            RUN_DIR: str(self._places.run),
        }
