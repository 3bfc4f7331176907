"""All processes of the cluster, as one of them sees them: by the reports that each writes to the database."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from application.health import ANSWER_WITHIN_S, whole
from application.ports.clock import Clock
from application.ports.process_reports import ProcessReport, ProcessReports
from application.progress import RESTARTS_UNTIL_DOWN, PartState

_RESTARTS_WITHIN = timedelta(minutes=5)


class Fleet:
    """`look` reads the reports, `parts` judges what was read last. A process counts as silent 10 s after its last report.

    That a report is new is seen from one look to the next, so the processes' clocks need not agree with ours.
    """

    def __init__(
        self,
        reports: ProcessReports,
        clock: Clock,
        expected: Sequence[str],
        *,
        silent_after_s: float = ANSWER_WITHIN_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reports = reports
        self._clock = clock
        self._expected = tuple(expected)
        self._silent_after_s = silent_after_s
        self._now = now
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], tuple[ProcessReport, float]] = {}  # and when its last report was new
        self._looked: float | None = None

    def look(self) -> None:
        """Read what was reported. Raises StoreUnavailable."""
        reports = self._reports.reports()
        present, now = self._clock.now(), self._now()
        with self._lock:
            seen = {}
            for report in reports:
                key = report.name, report.instance
                known = self._seen.get(key)
                if known is None:
                    seen[key] = report, now - max(0.0, (present - report.at).total_seconds())
                elif known[0].at == report.at:
                    seen[key] = known
                else:
                    seen[key] = report, now
            self._seen, self._looked = seen, now

    def parts(self) -> dict[str, PartState]:
        """Each process, and each of its workers as `PROCESS/WORKER`."""
        present, now = self._clock.now(), self._now()
        with self._lock:
            by_name: dict[str, list[tuple[ProcessReport, float]]] = {name: [] for name in self._expected}
            for report, heard in self._seen.values():
                by_name.setdefault(report.name, []).append((report, heard))
            looked = self._looked
        if looked is None or now - looked > self._silent_after_s:
            since = None if looked is None else present - timedelta(seconds=now - looked)
            unknown = PartState("degraded", "not known while the database does not answer", since=since)
            return dict.fromkeys(self._expected, unknown)
        parts: dict[str, PartState] = {}
        for name in self._expected:
            parts |= self._of(name, by_name[name], present, now)
        return parts

    def _of(
        self, name: str, told: Sequence[tuple[ProcessReport, float]], present: datetime, now: float
    ) -> dict[str, PartState]:
        if not told:
            return {name: PartState("stopped", "it has never reported: is it started?")}
        fresh = [report for report, heard in told if now - heard <= self._silent_after_s]
        running = [report for report in fresh if not _is_stopped(report)]
        if not running:
            last, heard = max(told, key=lambda one: one[0].started_at)
            if _is_stopped(last):
                return {name: PartState("stopped", "it was stopped", since=last.at)}
            silent_s = now - heard
            since = present - timedelta(seconds=silent_s)
            return {name: PartState("down", f"it has not reported for {silent_s:.0f} s", since=since)}
        parts: dict[str, PartState] = {}
        for report in running:
            for part, state in _without_essentials(report).items():
                key = f"{name}/{part}"
                parts[key] = max(parts.get(key, state), state, key=lambda one: one.status != "ok")
        process = whole({key.removeprefix(f"{name}/"): part for key, part in parts.items()})
        starts = [report for report, _ in told if present - report.started_at <= _RESTARTS_WITHIN]
        if len(starts) - len(running) >= RESTARTS_UNTIL_DOWN:
            detail = f"it was started {len(starts)} times within five minutes; {process.detail or 'see its log'}"
            process = PartState("down", detail, since=min(report.started_at for report in starts))
        return {name: process} | parts


def _is_stopped(report: ProcessReport) -> bool:
    return all(part.status == "stopped" for part in report.parts.values())


def _without_essentials(report: ProcessReport) -> Mapping[str, PartState]:
    """What is essential to another process is not for ours."""
    return {
        name: PartState(part.status, part.detail, since=part.since, restarts=part.restarts, behind=part.behind)
        for name, part in report.parts.items()
    }
