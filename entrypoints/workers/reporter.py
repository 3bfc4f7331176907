"""The thread in which a process of the cluster writes its report to the database."""

import os
import socket
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

import structlog

from application.health import Board
from application.ports.process_reports import ProcessReport, ProcessReports
from application.ports.store import StoreUnavailable
from application.progress import PartState

log = structlog.get_logger(__name__)

_EVERY_S = 3.0  # it shall be there every 5 s, on a busy machine too
_LAST_WITHIN_S = 3.0


class Reporter:
    """Writes how the board's parts are, every few seconds; at the end, that the process has stopped."""

    def __init__(self, name: str, board: Board, reports: ProcessReports) -> None:
        self._board = board
        self._reports = reports
        self._report = ProcessReport(
            name=name, instance=f"{socket.gethostname()}:{os.getpid()}", version=version("cryptoviz"),
            started_at=datetime.now(UTC), at=datetime.now(UTC), parts={},
        )  # fmt: skip
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)
        self._could_write = True

    def start(self) -> None:
        """Begin; a second time nothing happens."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """Write the last report, unless the database does not take it."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(_LAST_WITHIN_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._write(self._board.report())
            self._stop.wait(_EVERY_S)
        now = datetime.now(UTC)
        self._write({"process": PartState("stopped", "it was stopped", since=now)})

    def _write(self, parts: Mapping[str, PartState]) -> None:
        try:
            self._reports.save(replace(self._report, at=datetime.now(UTC), parts=parts))
        except StoreUnavailable as unavailable:
            if self._could_write:
                log.warning("the process cannot report to the database", reason=str(unavailable))
            self._could_write = False
        else:
            self._could_write = True
