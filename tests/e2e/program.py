"""`cryptoviz run` as a process of its own, as a user starts it, and questions to its API."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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

    def __init__(self, data_dir: Path, *arguments: str, **settings: str) -> None:
        self.log = data_dir.with_suffix(".log")
        with self.log.open("ab") as log:
            self._start = log.tell()
            self.process = subprocess.Popen(
                [CRYPTOVIZ, "run", "--port", "0", "--data-dir", str(data_dir), *arguments],
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
        """The JSON of a GET under /api/v1/."""
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", timeout=30) as answer:
            return json.load(answer)

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
