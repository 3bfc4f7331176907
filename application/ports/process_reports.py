"""Port: what the processes of the cluster report of themselves, for whoever asks how all is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.progress import PartState


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessReport:
    """One process: its name, which of that name's it is, its program's version, and how its parts were at `at` (UTC)."""

    name: str
    instance: str
    version: str
    started_at: datetime
    at: datetime
    parts: Mapping[str, PartState]


class ProcessReports(Protocol):
    """Keeps the last report of each process. Both raise StoreUnavailable."""

    def save(self, report: ProcessReport) -> None:
        """Keep a report in the place of the same process's last one; those of its name from long ago are forgotten."""
        ...

    def reports(self) -> Sequence[ProcessReport]:
        """The last report of each process, in no order."""
        ...
