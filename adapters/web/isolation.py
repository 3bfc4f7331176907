"""Parsing hostile documents in a process of its own: one that hangs or crashes is ended, and takes nothing with it.

No parser that we use can be told to stop, and a page of a few hundred kilobytes can keep libxml2 busy for minutes.
"""

import contextlib
import json
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO

_HEADER = struct.Struct("<II")
_MOST_SUSPECTS = 1_000
_READY_WITHIN_S = 60.0  # to start Python and import a parser on a busy machine


class ParserFailed(Exception):
    """The document could not be parsed: it took too long, crashed the parser, or made it raise."""


class IsolatedParser:
    """Calls `module:function(document, **options)` in a child process, which is started when it is first needed.

    The function returns JSON as bytes. One document at a time; safe for several threads.
    """

    def __init__(self, function: str, *, seconds: float) -> None:
        self._function = function
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def parse(self, document: bytes, options: dict[str, str | None], stop: threading.Event) -> bytes:
        """The function's answer. Raises ParserFailed, also when `stop` is set meanwhile."""
        while not self._turn.acquire(timeout=0.1):
            if stop.is_set():
                raise ParserFailed("broken off: we are stopping")
        try:
            if self._process is None or self._process.poll() is not None:
                self._end()
                self._start(stop)
            status, answer = self._exchange(document, options, stop)
        finally:
            self._turn.release()
        if status:
            raise ParserFailed(answer.decode(errors="replace"))
        return answer

    def close(self) -> None:
        """End the process, if there is one."""
        with self._turn:
            self._end()

    def _start(self, stop: threading.Event) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "adapters.web.isolated", self._function],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us: we end it
        )
        assert self._process.stdout
        with self._ended_after(_READY_WITHIN_S, stop) as why:
            if not self._process.stdout.read(1):
                raise ParserFailed(why() or f"the process of {self._function} did not start")

    def _exchange(self, document: bytes, options: dict[str, str | None], stop: threading.Event) -> tuple[int, bytes]:
        process = self._process
        assert process and process.stdin and process.stdout
        said = json.dumps(options).encode()
        with self._ended_after(self._seconds, stop) as why:
            try:
                process.stdin.write(_HEADER.pack(len(said), len(document)) + said + document)
                process.stdin.flush()
                status, size = _HEADER.unpack(_exactly(process.stdout, _HEADER.size))
                return status, _exactly(process.stdout, size)
            except (OSError, EOFError) as error:
                raise ParserFailed(why() or "it crashed the parser") from error

    @contextlib.contextmanager
    def _ended_after(self, seconds: float, stop: threading.Event) -> Iterator[Callable[[], str]]:
        """Within the block the process has so many seconds; then it is killed, which ends every wait for it."""
        process = self._process
        assert process
        done = threading.Event()
        reason = ""

        def watch() -> None:
            nonlocal reason
            ends = time.monotonic() + seconds
            while not done.wait(0.1):
                if stop.is_set() or time.monotonic() > ends:
                    reason = "broken off: we are stopping" if stop.is_set() else f"not parsed within {seconds:g} s"
                    process.kill()
                    return

        watcher = threading.Thread(target=watch, name=f"watch {self._function}", daemon=True)
        watcher.start()
        try:
            yield lambda: reason
        except ParserFailed:
            process.kill()
            process.wait()
            raise
        finally:
            done.set()
            watcher.join()
            if reason:
                process.wait()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # what was written last finds nobody reading
                    pipe.close()


class QuarantinedParser:
    """An IsolatedParser, and another for those whose last document failed: who sends bad ones delays only their like."""

    def __init__(self, function: str, *, seconds: float) -> None:
        self._parser = IsolatedParser(function, seconds=seconds)
        self._suspects_parser = IsolatedParser(function, seconds=seconds)
        self._suspects: dict[str, None] = {}
        self._lock = threading.Lock()

    def parse(self, sender: str, document: bytes, options: dict[str, str | None], stop: threading.Event) -> bytes:
        """The function's answer to a document of `sender`. Raises ParserFailed, also when `stop` is set meanwhile."""
        with self._lock:
            parser = self._suspects_parser if sender in self._suspects else self._parser
        try:
            answer = parser.parse(document, options, stop)
        except ParserFailed:
            if not stop.is_set():
                self._note(sender, failed=True)
            raise
        self._note(sender, failed=False)
        return answer

    def _note(self, sender: str, *, failed: bool) -> None:
        with self._lock:
            self._suspects.pop(sender, None)
            if failed:
                self._suspects[sender] = None
                if len(self._suspects) > _MOST_SUSPECTS:
                    del self._suspects[next(iter(self._suspects))]

    def close(self) -> None:
        """End the processes, if there are any."""
        self._parser.close()
        self._suspects_parser.close()


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
