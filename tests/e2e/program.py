"""`cryptoviz run` as a process of its own, as a user starts it, and questions to its API."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from domain.access.role import Role
from entrypoints.house import HouseContainer, open_house
from entrypoints.settings import Settings
from tests.house import PASSWORD, bearer, key_of
from tests.waiting import until

CRYPTOVIZ = str(Path(sys.executable).with_name("cryptoviz"))
NOWHERE = "ws://127.0.0.1:9/v2"  # port 9 discards, where anything listens at all


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without its CRYPTOVIZ settings, with those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRYPTOVIZ_")}
    return kept | {f"CRYPTOVIZ_{name.upper()}": value for name, value in settings.items()}


def cryptoviz(*arguments: str, timeout_s: float = 60, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [CRYPTOVIZ, *arguments],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


class Program:
    """A running `cryptoviz run` on a free port. Its output is in `log`."""

    starter: tuple[str, ...] = ()  # what is put before the command

    def __init__(self, data_dir: Path, *arguments: str, **settings: str) -> None:
        self.log = data_dir.with_suffix(".log")
        self._data_dir = data_dir
        with self.log.open("ab") as log:
            self._start = log.tell()
            self.process = subprocess.Popen(
                [*self.starter, CRYPTOVIZ, "run", "--port", "0", "--data-dir", str(data_dir), *arguments],
                env=environment(**settings), stdout=log, stderr=log,
            )  # fmt: skip

    def __enter__(self) -> "Program":
        try:
            assert until(lambda: self.url or self.process.poll() is not None, seconds=60), self.said
            assert self.process.poll() is None, self.said
            assert until(lambda: self.status("/api/v1/health/ready") == 200, seconds=30), self.said
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    @property
    def said(self) -> str:
        """What it printed since it was started."""
        return self.log.read_bytes()[self._start :].decode()

    @property
    def url(self) -> str | None:
        """Where it serves, once it says so."""
        _, found, rest = self.said.partition(" at http://127.0.0.1:")
        return f"http://127.0.0.1:{rest.partition('/')[0]}" if found and "/" in rest else None

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(10)

    def status(self, path: str) -> int:
        """The HTTP status of a GET."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def get(self, path: str) -> Any:
        """The JSON of a GET under /api/v1/; what is under admin/ is asked for by `key`."""
        headers = bearer(self.key) if path.startswith("admin/") else {}
        return self._ask(urllib.request.Request(f"{self.url}/api/v1/{path}", headers=headers))

    def post(self, path: str, body: object = None, *, method: str = "POST") -> Any:
        """The JSON that answers a command under /api/v1/, given by `key`; None where it has no body."""
        headers = bearer(self.key) | ({} if body is None else {"Content-Type": "application/json"})
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.url}/api/v1/{path}"
        return self._ask(urllib.request.Request(url, data, headers, method=method))

    def _ask(self, request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    @cached_property
    def key(self) -> str:
        """An API key that may do everything."""
        with self.house() as house:
            return key_of(house, "admin")

    @contextmanager
    def house(self) -> Iterator[HouseContainer]:
        """The program's house, opened beside it."""
        with open_house(Settings(data_dir=self._data_dir, profile="embedded", _env_file=None)) as house:  # type: ignore[call-arg]
            yield house

    def raise_alert(self) -> None:
        """Have an alert raised, by a rule that any move trips and that is switched off again."""
        terms = {"name": "Any move", "kind": "price-move", "pair": "BTC-USD", "threshold_pct": "0.01", "window_s": 60}
        rule = self.post("alert-rules/", terms)["id"]
        assert until(lambda: [one for one in self.get("alerts/")["items"] if one["rule_id"] == rule], seconds=60)
        self.post(f"alert-rules/{rule}/", method="DELETE")

    def session(self, name: str = "olga", role: Role = Role.OPERATOR) -> str:
        """The token of a new session of a user, who is made where there is none."""
        with self.house() as house:
            user = next((user for user in house.users().list() if user.name == name), None)
            user = user or house.users().create(name, PASSWORD, role)
            return str(house.sessions().begin(user, address="127.0.0.1").token)

    def all(self, path: str) -> Iterator[dict[str, Any]]:
        """All rows of a list, page by page."""
        cursor = None
        while True:
            mark = "&" if "?" in path else "?"
            page = self.get(f"{path}{mark}limit=1000" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def feed(self, name: str) -> dict[str, Any]:
        """One row of `feeds/`."""
        [row] = [row for row in self.get("feeds/")["items"] if row["name"] == name]
        return dict(row)
