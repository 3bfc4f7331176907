"""Starting and stopping the cluster profile's parts on this machine, in their order."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from entrypoints.supervise import containers
from entrypoints.supervise.daemon import Daemon, Process
from entrypoints.supervise.errors import NotStarted
from entrypoints.supervise.launch import write_program
from entrypoints.supervise.leftovers import end_leftovers
from entrypoints.supervise.log_files import last_lines
from entrypoints.supervise.parts import GROUPS, PARTS, Group, parts_of
from entrypoints.supervise.places import Places
from entrypoints.supervise.session import Session
from entrypoints.supervise.status import Component, Looker

_LOOK_EVERY_S = 0.2
_ENDED_TOO_OFTEN = 3
_LINES_SHOWN = 15


class Voice(Protocol):
    """How a person hears what goes on."""

    def say(self, line: str) -> None:
        """Something is done."""

    def waiting(self, what: str, why: str = "") -> None:
        """What is being waited for right now, and what is still missing; the next word takes its place."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run for a part.

    `prepare` makes what it needs before it starts, such as a formatted log; `ready` does what is left when it answers,
    and says what is still being waited for. Both may be called again.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    prepare: Callable[[], None] = lambda: None
    ready: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a start is to bring up. A service without a program is somebody else's, and only waited for.

    `set_up` makes tables, topics and schemas, saying what it did, when the services are ready.
    """

    session: Session
    programs: Mapping[str, Program]
    set_up: Callable[[Voice], None]


class Cluster:
    """The parts that one supervisord runs. Hold `places.held` while you start or stop."""

    def __init__(self, places: Places, daemon: Daemon, looker: Looker, voice: Voice, *, ready_within_s: float) -> None:
        self._places = places
        self._daemon = daemon
        self._looker = looker
        self._voice = voice
        self._ready_within_s = ready_within_s

    def start(self, plan: Plan, groups: Sequence[Group]) -> None:
        """Bring the groups up, each when the one before it is ready; what runs stays. Raises NotStarted."""
        self.end_orphans()
        self._daemon.start()
        plan.session.save(self._places)
        for group in GROUPS:
            if group in groups:
                self._start_group(plan, group)
                if group == "services":
                    plan.set_up(self._voice)
            elif group == "services":
                self._services_must_be_there(plan.session)

    def end_orphans(self) -> None:
        """End what an earlier start has left without a supervisor: it holds ports and places that are needed again."""
        if self._daemon.is_running:
            return
        self._voice.waiting("Ending what an earlier start has left without a supervisor")
        if count := end_leftovers(self._places.run):
            self._voice.say(f"Ended {count} processes that an earlier start had left without a supervisor.")

    def stop(self, groups: Sequence[Group], *, keep_session: bool = False) -> list[str]:
        """Stop the groups, the last started first; returns what was running. Raises NotStarted.

        With the last part supervisord ends too, and nothing of its run directory is left running.
        """
        stopped: list[str] = []
        for group in reversed(GROUPS):
            if group in groups:
                stopped += self._stop_group(group)
        session = Session.load(self._places)
        if session and session.containers and "services" in groups:
            self._voice.waiting("Stopping the containers")
            stopped += containers.stop(session.containers)
        is_up = any(_is_up(process) for process in self._daemon.processes().values())
        has_containers = session and session.containers and "services" not in groups
        if not (keep_session or is_up or has_containers):
            if self._daemon.is_running:
                self._daemon.shut_down()
            self._places.remove_socket()
            if count := end_leftovers(self._places.run):
                stopped.append(f"{count} processes without a supervisor")
            if session:
                session.forget(self._places)
        return stopped

    def _start_group(self, plan: Plan, group: Group) -> None:
        processes = self._daemon.processes()
        names = [part.name for part in parts_of(group)]
        to_start = [name for name in names if name in plan.programs and not processes[name].is_wanted]
        if to_start:
            self._voice.waiting(f"Starting {_words(to_start)}")
        for name in to_start:
            program = plan.programs[name]
            program.prepare()
            write_program(self._places.program(name), program.command, program.environment, program.directory)
            self._daemon.start_program(name)
        self._wait_until_ready(plan, names)

    def _wait_until_ready(self, plan: Plan, names: Sequence[str]) -> None:
        began = time.monotonic()
        waiting = list(names)
        pids: dict[str, set[int]] = {name: set() for name in names}
        while waiting:
            rows = self._looker.look(plan.session, waiting)
            for name in [name for name in waiting if name in plan.programs]:
                if trouble := plan.programs[name].ready():
                    rows[name] = replace(rows[name], status="starting", detail=f"waiting for {trouble}")
            for name in [name for name in waiting if rows[name].serves]:
                waiting.remove(name)
                self._voice.say(_ready(name, rows[name], time.monotonic() - began))
            processes = self._daemon.processes()
            for name in waiting:
                process = processes.get(name)
                if process and process.pid:
                    pids[name].add(process.pid)
                late = time.monotonic() - began > self._ready_within_s
                if late or (process and _gives_up(process, pids[name])):
                    raise NotStarted(self._why_not(name, rows[name], time.monotonic() - began))
            if waiting:
                self._voice.waiting(
                    f"Waiting for {_words(waiting)}",
                    "; ".join(rows[name].detail or rows[name].status for name in waiting if name in rows),
                )
                time.sleep(_LOOK_EVERY_S)

    def _services_must_be_there(self, session: Session) -> None:
        names = [part.name for part in parts_of("services")]
        for name, row in self._looker.look(session, names).items():
            if not row.serves:
                raise NotStarted(
                    f"{PARTS[name].words} is {row.status}{f' ({row.detail})' if row.detail else ''}: "
                    "first `cryptoviz start services`"
                )

    def _stop_group(self, group: Group) -> list[str]:
        processes = self._daemon.processes()
        names = [part.name for part in parts_of(group) if _is_up(processes.get(part.name))]
        for name in names:
            self._daemon.stop_program(name)
        deadline = time.monotonic() + 15 + max((PARTS[name].stop_within_s for name in names), default=0)
        left = list(names)
        while left:
            self._voice.waiting(f"Stopping {_words(left)}")
            processes = self._daemon.processes()
            left = [name for name in left if _is_up(processes.get(name))]
            if left and time.monotonic() > deadline:
                raise NotStarted(f"{PARTS[left[0]].words} does not stop: see `cryptoviz logs {left[0]}`")
            time.sleep(_LOOK_EVERY_S / 2)
        return names

    def _why_not(self, name: str, row: Component, waited_s: float) -> str:
        lines = last_lines(self._places.log(name), _LINES_SHOWN)
        log = (
            f"The end of its log ({self._places.log(name)}):\n{_indented(lines)}" if lines else "It has logged nothing."
        )
        if name not in self._daemon.processes():
            log = ""
        words = PARTS[name].words
        return (
            f"{words[:1].upper()}{words[1:]} is not ready after {waited_s:.0f} s: {row.detail or row.status}.\n{log}\n"
            "What was started before it runs on; `cryptoviz start` tries again, `cryptoviz stop` ends all."
        )


def _is_up(process: Process | None) -> bool:
    return process is not None and (process.is_wanted or process.pid is not None)


def _gives_up(process: Process, pids: set[int]) -> bool:
    return process.state == "fatal" or (process.state == "backoff" and len(pids) >= _ENDED_TOO_OFTEN)


def _ready(name: str, row: Component, seconds: float) -> str:
    words = PARTS[name].words
    at = f" at {row.endpoint}" if row.endpoint else ""
    but = f", but degraded: {row.detail}" if row.status == "degraded" else ""
    return f"{words[:1].upper()}{words[1:]} is ready{at} ({seconds:.1f} s){but}"


def _words(names: Sequence[str]) -> str:
    return ", ".join(PARTS[name].words for name in names)


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
