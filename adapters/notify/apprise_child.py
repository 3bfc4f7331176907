"""One notification through apprise, in a process of its own that may do nothing else (adapters/web/isolated.py runs it).

Apprise's plugins open connections, read files and run programs as an address tells them to: `?template=/etc/passwd`,
`json://127.0.0.1/`. So when everything is imported, an audit hook (PEP 578), which nothing can take away again, refuses
files, programs, and addresses that are not the public internet and not allowed.
"""

import json
import logging
import os
import re
import socket
import sys
from pathlib import Path

from adapters.web.addresses import why_refused

for _name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[_name]  # behind a proxy nobody could check the address that is really reached
logging.lastResort = None  # what libraries log, or let fall, may hold secrets, and would go to our own log
sys.unraisablehook = lambda _: None

import apprise  # noqa: E402 - with the environment above

_STATUS = re.compile(r"error=(\d{3})\b")
_PROGRAMS = ("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.")
_CODE = (".py", ".pyc", ".so", ".pyd", ".pem")  # modules that are imported late, certificates
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Guard:
    """What is allowed beyond the public internet, and what was refused, in words."""

    def __init__(self) -> None:
        self.allowed: frozenset[str] = frozenset()
        self.refused: list[str] = []
        self._private: set[tuple[str, int]] = set()
        self._resolving = False

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if event == "socket.getaddrinfo":
            self._note_allowed(args[0], args[1])
        elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            self._check_address(args[1])
        elif event == "open":
            self._check_file(args[0], args[2])
        elif event.startswith(_PROGRAMS):
            self._refuse("it would run a program")

    def _note_allowed(self, host: object, port: object) -> None:
        name = f"{host}:{port}".lower()
        if name in self.allowed and not self._resolving and isinstance(host, str) and isinstance(port, int):
            self._resolving = True
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except OSError:
                found = []
            finally:
                self._resolving = False
            self._private |= {(str(entry[4][0]), port) for entry in found}

    def _check_address(self, address: object) -> None:
        if not isinstance(address, tuple) or len(address) < 2:
            self._refuse("it would talk to a program on this machine")
        elif (address[0], address[1]) not in self._private:
            try:
                kind = why_refused(str(address[0]))
            except ValueError:
                kind = "a name that nobody has looked up"
            if kind:
                self._refuse(f"{address[0]}:{address[1]} is {kind}, and CRYPTOVIZ_ALLOW_PRIVATE_HOSTS does not name it")

    def _check_file(self, path: object, flags: object) -> None:
        writing = isinstance(flags, int) and flags & _WRITING
        if not isinstance(path, int) and (writing or not str(path).endswith(_CODE) or not _is_ours(str(path))):
            self._refuse("it would open a file of this machine")

    def _refuse(self, reason: str) -> None:
        self.refused.append(reason)
        raise PermissionError(reason)


def _is_ours(path: str) -> bool:
    return any(place and Path(path).is_relative_to(place) for place in (*sys.path, sys.prefix, sys.base_prefix))


class _Statuses(logging.Handler):
    """Keeps the HTTP status out of what apprise warns of, and nothing else."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found += _STATUS.findall(record.getMessage())


_guard = _Guard()
_statuses = _Statuses()
_apprise_log = logging.getLogger("apprise")
_apprise_log.handlers = [_statuses]
_apprise_log.propagate = False
sys.dont_write_bytecode = True  # of modules that are imported late: the guard would take it for an attack
sys.addaudithook(_guard)


def notify_json(document: bytes, allowed: str) -> bytes:
    """Send `{"url", "subject", "text"}`; without a text only see whether the address is understood.

    Answers `{"done": bool, "reason": str | null}`; the reason holds nothing of the address but its host.
    """
    asked = json.loads(document)
    _guard.allowed, _guard.refused, _statuses.found = frozenset(allowed.split(",")), [], []
    logging.disable(logging.NOTSET)
    sender = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, app_id="CryptoViz", app_desc="CryptoViz"))
    if not sender.add(asked["url"]) or len(sender) != 1:
        return _answer("the address is not one that apprise understands: see its documentation of the service")
    if asked["text"] is None:
        return _answer(None)
    if sender.notify(body=asked["text"], title=asked["subject"], body_format=apprise.NotifyFormat.TEXT):
        return _answer(None)
    if _guard.refused:
        return _answer(f"refused: {_guard.refused[0]}")
    if _statuses.found:
        return _answer(f"it answered with status {_statuses.found[0]}")
    return _answer("it could not be reached, or did not take the message")


def _answer(reason: str | None) -> bytes:
    return json.dumps({"done": reason is None, "reason": reason}).encode()
