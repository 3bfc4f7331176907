"""How each part is: what supervisord knows of its process, and what the part itself answers."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.values import rfc3339
from entrypoints.supervise.daemon import Daemon, Process
from entrypoints.supervise.parts import PARTS
from entrypoints.supervise.places import Places
from entrypoints.supervise.probes import PROBES, Probe
from entrypoints.supervise.session import Session, without_password
from entrypoints.workers import heartbeat

_STARTING_FOR_S = 60.0  # from then on, a process that does not answer is down

Status = Literal["ok", "starting", "degraded", "down", "stopped"]
ContainerPid = Callable[[str, str], int | None]


@dataclass(frozen=True, slots=True)
class Component:
    """A part's row of `cryptoviz status`; `detail` says why it is not ok."""

    status: Status
    endpoint: str | None = None
    pid: int | None = None
    detail: str | None = None
    since: datetime | None = None

    @property
    def serves(self) -> bool:
        """Whether others can go on from it: `degraded` lacks what lies outside, such as a market that does not answer."""
        return self.status in {"ok", "degraded"}


class Looker:
    """Looks at the parts of a session, all at once."""

    def __init__(
        self,
        places: Places,
        daemon: Daemon,
        *,
        probes: Mapping[str, Probe] = PROBES,
        container_pid: ContainerPid = lambda project, name: None,
    ) -> None:
        self._places = places
        self._daemon = daemon
        self._probes = probes
        self._container_pid = container_pid

    def look(self, session: Session | None, names: Iterable[str] = PARTS) -> dict[str, Component]:
        """Each part, in the order of `names`. Takes some seconds where something does not answer."""
        names = list(names)
        if session is None:
            return {name: Component("stopped") for name in names}
        processes = self._daemon.processes()
        with ThreadPoolExecutor(len(names) or 1) as threads:
            rows = threads.map(lambda name: self._component(name, session, processes.get(name)), names)
            shown = (replace(row, endpoint=row.endpoint and without_password(row.endpoint)) for row in rows)
            return dict(zip(names, shown, strict=True))

    def _component(self, name: str, session: Session, process: Process | None) -> Component:
        endpoint = session.endpoints.get(name)
        if endpoint and PARTS[name].group == "services" and (session.containers or name in session.given):
            return self._elsewhere(name, endpoint, session)
        if process is None:
            return Component("down", endpoint, None, "the supervisor is gone: `cryptoviz start` brings it back")
        match process.state:
            case "stopped":
                return Component("stopped", endpoint)
            case "stopping":
                return Component("down", endpoint, process.pid, "it is being stopped")
            case "starting" | "running" if process.pid:
                return self._of_process(name, endpoint, process, process.pid)
        return Component("down", endpoint, None, f"{process.trouble or process.state}; the supervisor starts it again")

    def _elsewhere(self, name: str, endpoint: str, session: Session) -> Component:
        pid = None
        if session.containers and name not in session.given:
            pid = self._container_pid(session.containers, name)
            if pid is None:
                return Component("stopped", endpoint, None, "its container does not run")
        trouble = self._probes[name](endpoint)
        return Component("down" if trouble else "ok", endpoint, pid, trouble)

    def _of_process(self, name: str, endpoint: str | None, process: Process, pid: int) -> Component:
        status: Status = "ok"
        since = None
        trouble = self._probes[name](endpoint) if endpoint else None
        if PARTS[name].command:  # one of ours says how it is, by the report that the API's health reads
            said = heartbeat.read(self._places.run, name, pid)
            if trouble is None:
                status, trouble, since = said.status, said.detail, said.since
            else:
                status = "down"
                if said.status not in ("ok", "starting"):
                    trouble, since = said.detail or trouble, said.since
        elif trouble:
            status = "down"
        # One that has just been started may still have its predecessor's place to take.
        if status == "down" and process.up_s < _STARTING_FOR_S:
            status = "starting"
        return Component(status, endpoint, pid, trouble, since)


def as_json(components: Mapping[str, Component]) -> dict[str, object]:
    """The public form."""
    rows = {
        name: {
            "status": row.status,
            "endpoint": row.endpoint,
            "pid": row.pid,
            "detail": row.detail,
            "since": row.since and rfc3339(row.since),
        }
        for name, row in components.items()
    }
    return {"components": rows}
