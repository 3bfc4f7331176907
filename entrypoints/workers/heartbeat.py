"""How a process says how it is: a small JSON file that the supervisor reads for `cryptoviz status`.

The supervisor names the directory in CRYPTOVIZ_RUN_DIR; a process started by hand has none, and writes nothing.
"""

import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from application.progress import PartState, Status
from domain.values import parse_time, rfc3339
from entrypoints.run_dir import RUN_DIR

log = structlog.get_logger(__name__)


STALE_AFTER = timedelta(seconds=10)
_LONGEST = 64 << 10  # bytes


@dataclass(frozen=True, slots=True)
class Said:
    """How a process is, and why it is not ok."""

    status: Status
    detail: str | None = None
    since: datetime | None = None


class Heartbeat:
    """One process's file `NAME.json`. Beat every 2 s or so, and at each change: silent for 10 s counts as down."""

    def __init__(self, name: str) -> None:
        directory = os.environ.get(RUN_DIR)
        self._file = Path(directory) / f"{name}.json" if directory else None
        self._could_write = True

    def beat(self, how: PartState | Status, detail: str | None = None) -> None:
        """Say how the process is. A file that cannot be written is logged once and never stops the work."""
        if self._file is None:
            return
        part = how if isinstance(how, PartState) else PartState(how, detail, since=None)
        said = {
            "status": part.status,
            "detail": part.detail,
            "since": part.since and rfc3339(part.since),
            "pid": os.getpid(),
            "at": rfc3339(datetime.now(UTC)),
        }
        new = self._file.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")  # threads may beat at once
        try:
            new.write_text(json.dumps(said), encoding="utf-8")
            new.replace(self._file)  # at once: a reader never sees half of it
        except OSError as error:
            if self._could_write:
                log.warning("the heartbeat cannot be written", file=str(self._file), error=str(error))
            self._could_write = False
        else:
            self._could_write = True


def read(directory: Path, name: str, pid: int) -> Said:
    """How the process `pid` says it is: `starting` until its first word, `down` when it has been silent for 10 s."""
    try:
        with (directory / f"{name}.json").open("rb") as file:
            said = json.loads(file.read(_LONGEST))
        at, status, detail = parse_time(said["at"]), said["status"], said["detail"]
        since = parse_time(said["since"]) if said.get("since") else None
        if said["pid"] != pid:
            return Said("starting", "it has not yet said how it is")  # the file is an earlier process's
    except FileNotFoundError:
        return Said("starting", "it has not yet said how it is")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Said("down", f"its heartbeat file cannot be read: {error}")
    silent = datetime.now(UTC) - at
    if silent > STALE_AFTER:
        return Said("down", f"it has not said how it is for {silent.total_seconds():.0f} s", at)
    if status not in ("ok", "starting", "degraded", "down", "stopped"):
        return Said("down", f"it says '{str(status)[:40]}', which is no status")
    return Said(status, None if detail is None else str(detail)[:500], since)
