"""Programs that stand in for the cluster profile's parts: each is a few lines of Python, and as real as a process gets."""

import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from entrypoints.run_dir import RUN_DIR
from entrypoints.supervise.cluster import Cluster, Plan, Program, Voice
from entrypoints.supervise.daemon import Daemon
from entrypoints.supervise.parts import GROUPS, PARTS
from entrypoints.supervise.places import Places
from entrypoints.supervise.ports import any_free
from entrypoints.supervise.session import Session
from entrypoints.supervise.status import Looker

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b"here")
print("serving", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
# Writes the file itself: importing the real one ten times at each start would be most of a test's time.
BEATING = """
import json, os, sys, threading
from datetime import datetime, timezone
def beat(name, status):
    file = f"{os.environ['CRYPTOVIZ_RUN_DIR']}/{name}.json"
    while True:
        at = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
        with open(file + ".new", "w") as new:
            json.dump({"status": status, "detail": "as told", "pid": os.getpid(), "at": at}, new)
        os.replace(file + ".new", file)
        threading.Event().wait(0.5)
threading.Thread(target=beat, args=sys.argv[-2:]).start()
"""
MUTE = "import threading; print('I never get ready', flush=True); threading.Event().wait()"
FAILING = "print('I cannot go on', flush=True); raise SystemExit(3)"


ENDPOINTS = {
    "kafka": "127.0.0.1:{port}",
    "schema_registry": "http://127.0.0.1:{port}/apis/ccompat/v7",
    "database": "postgresql://cryptoviz@127.0.0.1:{port}/cryptoviz",
    "redis": "redis://127.0.0.1:{port}/0",
    "api": "http://127.0.0.1:{port}",
}


class Heard(Voice):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.waited: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)

    def waiting(self, what: str, why: str = "") -> None:
        self.waited.append(f"{what}: {why}")


def alive(pid: int) -> bool:
    try:  # a zombie, whom init has not reaped yet, has ended
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def port_of(endpoint: str) -> str:
    found = re.search(r"127\.0\.0\.1:(\d+)", endpoint)
    assert found
    return found[1]


def answers(endpoint: str) -> str | None:
    try:
        return None if httpx.get(f"http://127.0.0.1:{port_of(endpoint)}", timeout=3).is_success else "it refuses"
    except httpx.HTTPError as error:
        return str(error)


class StandIns:
    """A cluster of stand-ins under a data directory of its own."""

    def __init__(self, data_dir: Path, *, ready_within_s: float = 60) -> None:
        self.places = Places(data_dir)
        self.daemon = Daemon(self.places, PARTS.values())
        self.voice = Heard()
        self.set_ups = 0
        self.endpoints = {name: form.format(port=any_free()) for name, form in ENDPOINTS.items()}
        self.looker = Looker(self.places, self.daemon, probes=dict.fromkeys(ENDPOINTS, answers))
        self.cluster = Cluster(self.places, self.daemon, self.looker, self.voice, ready_within_s=ready_within_s)

    def plan(self, replaced: Mapping[str, tuple[str, ...]] | None = None, *, given: tuple[str, ...] = ()) -> Plan:
        programs = {}
        for name, part in PARTS.items():
            arguments: tuple[str, ...] = (BEATING, name, "ok")
            if part.group == "services":
                arguments = (SERVER, self.port(name))
            if part.name == "api":
                arguments = (BEATING + SERVER, self.port(name), name, "ok")
            arguments = (replaced or {}).get(name, arguments)
            programs[name] = Program(
                [sys.executable, "-c", *arguments], {RUN_DIR: str(self.places.run)}, self.places.data_dir
            )
        for name in given:
            del programs[name]

        def set_up(voice: Voice) -> None:
            self.set_ups += 1

        session = Session(source="simulated", endpoints=self.endpoints, directory="/", given=list(given))
        return Plan(session, programs, set_up)

    def port(self, name: str) -> str:
        return port_of(self.endpoints[name])

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self.daemon.processes().items() if process.pid}

    def start(self, plan: Plan | None = None) -> None:
        with self.places.held(lambda: None):
            self.cluster.start(plan or self.plan(), GROUPS)


@contextmanager
def stand_ins(data_dir: Path, *, ready_within_s: float = 60) -> Generator[StandIns]:
    """Stopped at the end, whatever happened."""
    cluster = StandIns(data_dir, ready_within_s=ready_within_s)
    try:
        yield cluster
    finally:
        cluster.cluster.stop(GROUPS)
