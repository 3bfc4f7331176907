"""A headless Chromium that is told where to go, and asked for one value when it is there.

Playwright has every request of a page reported to it, and a first visit makes some sixty: that takes some of
the time until such a page is of use (first_paint.py prints both), and no visitor has it. This asks for no reports, over the browser's own debugging protocol
(https://chromedevtools.github.io/devtools-protocol/), and is silent while the page loads.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import websocket

from tests.e2e.browser.conftest import CHROMIUM_ARGS
from tests.waiting import until

WIDTH, HEIGHT = 1440, 900
_SILENT_S = 0.3  # between two questions whether it is there
_GIVEN_UP_S = 60


class BareBrowser:
    """A Chromium process of its own, with an empty profile. Raises RuntimeError if it does not start."""

    def __init__(self, chromium: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                chromium,
                "--headless",
                "--remote-debugging-port=0",
                f"--user-data-dir={folder / 'profile'}",
                "--lang=en-US",
                *CHROMIUM_ARGS,
                "about:blank",
            ],
            stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        # The browser writes where it listens: the port, and the path of its WebSocket.
        where = folder / "profile" / "DevToolsActivePort"
        if not until(lambda: where.exists() and len(where.read_text().split()) == 2, seconds=_GIVEN_UP_S):
            self.close()
            raise RuntimeError(f"{chromium} does not say where it can be reached")
        port, path = where.read_text().split()
        self._tools = websocket.create_connection(
            f"ws://127.0.0.1:{port}{path}", suppress_origin=True, timeout=_GIVEN_UP_S
        )
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.ask("Browser.close")
            self._tools.close()
        finally:
            self.close()

    def close(self) -> None:
        """End the processes, and remove the profile."""
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
        self._log.close()
        self._folder.cleanup()

    @contextmanager
    def opened(self, url: str, script: str) -> Iterator["BarePage"]:
        """A page without a past at a URL, with a script that runs before its own."""
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        try:
            target = self.ask(
                "Target.createTarget", url="about:blank", browserContextId=context, width=WIDTH, height=HEIGHT
            )["targetId"]
            session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self.ask("Page.enable", session)
            self.ask("Page.addScriptToEvaluateOnNewDocument", session, source=f"{{ {script} }}")
            self.ask("Page.navigate", session, url=url)
            yield BarePage(self, session)
        finally:
            self.ask("Target.disposeBrowserContext", browserContextId=context)

    def ask(self, method: str, session: str | None = None, **params: object) -> Any:
        """What the browser answers to one command. Raises RuntimeError with its refusal."""
        self._asked += 1
        to = {"sessionId": session} if session else {}
        self._tools.send(json.dumps({"id": self._asked, "method": method, "params": params} | to))
        while True:
            answer = json.loads(self._tools.recv())
            if answer.get("id") == self._asked:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]


class BarePage:
    """One page of a `BareBrowser`."""

    def __init__(self, browser: BareBrowser, session: str) -> None:
        self._browser = browser
        self._session = session

    def value(self, expression: str) -> Any:
        """What a JavaScript expression is in the page."""
        answer = self._browser.ask("Runtime.evaluate", self._session, expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def number(self, expression: str) -> float:
        """The same, as soon as it is a number. Raises TimeoutError after a minute."""
        began = time.monotonic()
        while not isinstance(found := self.value(expression), int | float):
            if time.monotonic() - began > _GIVEN_UP_S:
                raise TimeoutError(f"{expression} is no number in the page: {found!r}")
            time.sleep(_SILENT_S)
        return float(found)
