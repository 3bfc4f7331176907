"""The health of a process: its workers' progress, what its services answer, and what else is watched, in one report."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from application.ports.clock import Clock
from application.ports.event_log import Cursor
from application.ports.places import Place
from application.progress import PATIENCE_S, PartState, Progress, Status

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 10.0
"""An older answer is no answer."""

_EVERY_S = 2.0
_BADNESS: Mapping[Status, int] = {"ok": 0, "starting": 1, "degraded": 2, "stopped": 3, "down": 4}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a question found out: a status, and why it is not ok."""

    status: Status = "ok"
    detail: str | None = None


Question = Callable[[], Finding | None]
"""Asks a service or looks at something; None: all is well. An error that it raises means that the part is down."""


def answered(answer: object) -> None:
    """Take an answer for a good one, whatever it says: that it came is what was asked for."""


class Board:
    """All parts of one process. Safe for several threads; `report` waits for nobody and answers at once.

    Without one of the `essential` parts the API cannot serve.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        essential: Collection[str] = (),
        patience_s: float = PATIENCE_S,
        answer_within_s: float = ANSWER_WITHIN_S,
        every_s: float = _EVERY_S,
    ) -> None:
        self._clock = clock
        self._essential = essential
        self._patience_s = patience_s
        self._answer_within_s = answer_within_s
        self._every_s = every_s
        self._lock = threading.Lock()
        self._progress: dict[str, Progress] = {}
        self._asked: dict[str, _Asked] = {}
        self._said: dict[str, PartState] = {}
        self._head: Place | None = None
        self._stop = threading.Event()
        self._is_started = False

    def progress(self, name: str) -> Progress:
        """The progress of the part of this name, the same one each time."""
        with self._lock:
            found = self._progress.get(name)
            if found is None:
                found = Progress(name, essential=name in self._essential, patience_s=self._patience_s)
                self._progress[name] = found
            return found

    def ask(self, name: str, question: Question, *, every_s: float | None = None) -> None:
        """Ask a question again and again, in a thread of its own: one that hangs is no answer, and holds up no other."""
        asked = _Asked(
            name, question, name in self._essential, every_s or self._every_s, self._answer_within_s, self._stop
        )
        with self._lock:
            self._asked[name] = asked
            if self._is_started:
                asked.start()

    def follow_head(self, name: str, head: Callable[[], Cursor]) -> None:
        """Ask the log for its head, which readers are measured by. The part `name` tells whether the log answers."""

        def look() -> None:
            self._head = Place.at(head())

        self.ask(name, look)

    def say(self, name: str, status: Status, detail: str | None = None) -> None:
        """Note how a part is that nobody can ask, such as a process that still waits to start."""
        with self._lock:
            before = self._said.get(name)
            since = before.since if before and before.status == status else self._clock.now()
            self._said[name] = PartState(status, detail, name in self._essential, since)

    def unsay(self, name: str) -> None:
        """Forget what was said of a part."""
        with self._lock:
            self._said.pop(name, None)

    def start(self) -> None:
        """Begin to ask."""
        with self._lock:
            self._is_started = True
            for asked in self._asked.values():
                asked.start()

    def stop(self) -> None:
        """Ask no more; a question that hangs is left to itself."""
        self._stop.set()
        for asked in list(self._asked.values()):
            asked.join(1.0)

    def report(self) -> dict[str, PartState]:
        """How each part is now."""
        now = self._clock.now()
        with self._lock:
            asked, progress, said = list(self._asked.values()), list(self._progress.values()), dict(self._said)
        head = self._head
        answers = {one.name: one.state(now) for one in asked}
        return answers | {one.name: one.state(now, head) for one in progress} | said


class _Asked:
    """One question, and what was answered last."""

    def __init__(
        self,
        name: str,
        question: Question,
        essential: bool,
        every_s: float,
        answer_within_s: float,
        stop: threading.Event,
    ) -> None:
        self.name = name
        self._question = question
        self._essential = essential
        self._every_s = every_s
        self._answer_within_s = answer_within_s
        self._stop = stop
        self._lock = threading.Lock()
        self._finding = Finding("starting", "it has not answered yet")
        self._since = self._answered = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"ask-{name}", daemon=True)

    def start(self) -> None:
        """Begin; a second time nothing happens."""
        if self._thread.ident is None:
            self._since = self._answered = time.monotonic()
            self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for its end."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def state(self, at: datetime) -> PartState:
        """How it is: by the last answer, unless that is too old to count. `at` is the present time."""
        with self._lock:
            silent_s = time.monotonic() - self._answered
            if self._thread.ident is not None and silent_s > self._answer_within_s:
                since = at - timedelta(seconds=silent_s)
                return PartState("down", f"it has not answered for {silent_s:.0f} s", self._essential, since)
            since = at - timedelta(seconds=time.monotonic() - self._since)
            return PartState(self._finding.status, self._finding.detail, self._essential, since)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                finding = self._question() or Finding()
            except Exception as error:  # noqa: BLE001 - whatever the adapter raises is its answer: the part cannot be used
                finding = Finding("down", _in_a_line(error))
            with self._lock:
                now = time.monotonic()
                was_silent = now - self._answered > self._answer_within_s
                if was_silent or finding.status != self._finding.status:
                    log.log(
                        _level(finding), "a part changed", part=self.name, status=finding.status, detail=finding.detail
                    )
                    self._since = now
                self._finding, self._answered = finding, now
            self._stop.wait(self._every_s)


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _level(finding: Finding) -> int:
    return 20 if finding.status == "ok" else 30


def whole(parts: Mapping[str, PartState]) -> PartState:
    """One state for all parts: not better than any of them, with the reasons of those that are not ok."""
    troubled = {name: part for name, part in parts.items() if part.status != "ok"}
    if not troubled:
        begun = [part.since for part in parts.values() if part.since]
        details = [f"{name}: {part.detail}" for name, part in parts.items() if part.detail]
        return PartState("ok", "; ".join(details) or None, since=max(begun, default=None))
    worst = max(troubled.values(), key=lambda part: _BADNESS[part.status]).status
    if (
        worst == "down"
        and len(troubled) < len(parts)
        and not any(part.essential for part in troubled.values() if part.status == "down")
    ):
        worst = "degraded"  # the rest of it works
    since = min((part.since for part in troubled.values() if part.since), default=None)
    detail = "; ".join(f"{name}: {part.detail or part.status}" for name, part in troubled.items())
    restarts = sum(part.restarts for part in parts.values())
    return PartState(worst, detail, since=since, restarts=restarts)


MOST_DEAD_LETTERS = 60
"""Within a minute: more are a part that is degraded."""


def judge_dead_letters(came: int, *, or_more: bool = False) -> Finding:
    """Judge how many dead letters came within the last minute."""
    if came <= MOST_DEAD_LETTERS:
        return Finding()
    more = " or more" if or_more else ""
    return Finding("degraded", f"{came:,}{more} dead letters within a minute: see `cryptoviz dead-letters list`")


class DeadLetterRate:
    """Samples a counter of dead letters, and judges by how much it has grown within the last minute."""

    def __init__(self, total: Callable[[], float], *, now: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._now = now
        self._samples = [(now(), total())]

    def look(self) -> Finding:
        """Take a sample, and judge."""
        now, total = self._now(), self._total()
        self._samples.append((now, total))
        while len(self._samples) > 2 and self._samples[1][0] <= now - 60:
            self._samples.pop(0)
        return judge_dead_letters(int(total - self._samples[0][1]))
