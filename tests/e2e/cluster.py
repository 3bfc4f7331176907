"""The cluster profile's processes on real services, each as `cryptoviz NAME` starts it."""

import json
import signal
import subprocess
import urllib.error
import urllib.request
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import sqlalchemy

from adapters.sql.engine import create_engine
from tests.e2e.program import CRYPTOVIZ, cryptoviz, environment
from tests.house import bearer
from tests.waiting import until

_CALLED = {
    "ingest": "spark_ingestion",
    "analytics": "spark_analytics",
}  # what a command's process is called in `status`


class Cluster:
    """Where the services are, and the processes that were started on them; all end with the block."""

    def __init__(self, directory: Path, **settings: str) -> None:
        """`settings` are named as CRYPTOVIZ_* are, in lower case, without the prefix."""
        self.directory = directory
        self.run_dir = directory / "run"
        self.run_dir.mkdir(parents=True)
        self.settings = {
            "profile": "cluster",
            "data_dir": str(directory / "data"),
            "run_dir": str(self.run_dir),
        } | settings
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._engine: sqlalchemy.Engine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._engine:
            self._engine.dispose()
        with ExitStack() as stack:  # each is ended, whatever becomes of the others
            for name in list(self.processes):
                stack.callback(self.stop, name)

    def set_up(self) -> None:
        """Tables, topics, schemas."""
        for command in (("db", "upgrade"), ("topics", "create"), ("schemas", "register")):
            done = self.command(*command)
            assert done.returncode == 0, done.stderr

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `cryptoviz …` to its end."""
        return cryptoviz(*arguments, timeout_s=120, **self.settings)

    def start(self, name: str, *arguments: str, label: str = "") -> str:
        """Start a process; returns the label that it goes by here."""
        label = label or name
        with (self.directory / f"{label}.log").open("ab") as log:
            self.processes[label] = subprocess.Popen(
                [CRYPTOVIZ, name, *arguments], env=environment(**self.settings), stdout=log, stderr=log
            )
        return label

    def said(self, label: str) -> str:
        """What it printed."""
        return (self.directory / f"{label}.log").read_text()

    def kill(self, label: str) -> None:
        """kill -9."""
        process = self.processes.pop(label)
        process.kill()
        process.wait(10)

    def stop(self, label: str) -> None:
        """SIGTERM, and its end."""
        process = self.processes.pop(label)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise AssertionError(f"{label} did not stop: {self.said(label)[-2000:]}") from None

    def is_ok(self, name: str) -> bool:
        """Whether a process says that all is well with it."""
        try:
            said = json.loads(self._heartbeat(name).read_text())
        except FileNotFoundError:
            return False
        return bool(said["status"] == "ok" and any(said["pid"] == p.pid for p in self.processes.values()))

    def word_of(self, name: str) -> str:
        """What a process says of itself, as it stands in its heartbeat."""
        file = self._heartbeat(name)
        return file.read_text() if file.exists() else ""

    def _heartbeat(self, name: str) -> Path:
        return self.run_dir / f"{_CALLED.get(name, name)}.json"

    def wait_ok(self, *names: str, seconds: float = 120) -> None:
        """Wait until processes are well."""
        for name in names:
            assert until(lambda name=name: self.is_ok(name), seconds=seconds), f"{name}: {self.said(name)[-3000:]}"  # type: ignore[misc]

    def start_api(self, label: str = "api") -> "Api":
        """Start an API on a free port, and wait until it is ready."""
        self.start("api", "--port", "0", label=label)
        assert until(lambda: " at http://127.0.0.1:" in self.said(label), seconds=120), self.said(label)
        port = self.said(label).partition(" at http://127.0.0.1:")[2].split()[0]
        api = Api(int(port), self.key)
        assert until(lambda: api.status("health/ready") == 200, seconds=120), self.said(label)
        return api

    @cached_property
    def key(self) -> str:
        """A new API key that may do everything."""
        made = self.command("api-key", "create", "test", "--scope", "admin")
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def rows(self, query: str) -> list[Any]:
        """What the database says."""
        if self._engine is None:
            self._engine = create_engine(self.settings["database_url"])
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sqlalchemy.text(query))]


class Api:
    """An API process of the cluster, and a key that may do everything."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self._key = key
        self.url = f"http://127.0.0.1:{port}/api/v1"

    def get(self, path: str) -> Any:
        """The JSON of a GET; what is under admin/ is asked for by the key."""
        headers = bearer(self._key) if path.startswith("admin/") else {}
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/{path}", headers=headers), timeout=30
        ) as answer:
            return json.load(answer)

    def health(self) -> Any:
        """What health/ says, be it down or not."""
        try:
            return self.get("health/")
        except urllib.error.HTTPError as error:
            return json.load(error)

    def post(self, path: str, body: object = None) -> Any:
        """The JSON of a POST."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method="POST",
            data=json.dumps(body).encode() if body is not None else b"",
            headers={"Content-Type": "application/json"} | bearer(self._key),
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def status(self, path: str) -> int:
        """The status of a GET."""
        try:
            with urllib.request.urlopen(f"{self.url}/{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
