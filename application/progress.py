"""Whether the parts of a process go on. Each part reports what it does; it is judged by these reports alone.

A part is a worker (a thread with a loop), a Spark query, or a main loop. The rules, with the default settings:

- It must turn (begin another round of its loop) at least every 30 s, unless it said that it rests.
- A reader of the log must come nearer to the head of its topics within 30 s, unless it has reached it.
- After a failure it counts as failing until it has run longer than it did between its last failures, and 10 s more;
  or until its log position has passed the point where it failed. From the 5th failure for the same reason on it is down.
"""

import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Literal

from application.ports.places import Place

Status = Literal["ok", "starting", "degraded", "down", "stopped"]

PATIENCE_S = 30.0
RESTARTS_UNTIL_DOWN = 5
_WELL_AFTER_S = 10.0
_FORGOTTEN_AFTER_S = 3600.0
_LONGEST_TEXT = 300
_ROOT = Path(__file__).resolve().parents[1]
_OURS = tuple(f"{_ROOT / package}/" for package in ("domain", "application", "adapters", "entrypoints"))


@dataclass(frozen=True, slots=True)
class PartState:
    """How a part is at a moment, since when, and why. Without an `essential` part the API cannot serve."""

    status: Status
    detail: str | None = None
    essential: bool = False
    since: datetime | None = None
    restarts: int = 0
    behind: int | None = None
    """Records between its log position and the head of its topics; None where it reads no log."""


@dataclass(frozen=True, slots=True)
class _Failure:
    at: float
    ran_s: float
    reason: tuple[str, str]
    text: str


class Progress:
    """What one part reports. Safe for several threads; `turn` costs a fraction of a microsecond."""

    def __init__(
        self,
        name: str,
        *,
        essential: bool = False,
        patience_s: float = PATIENCE_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.thread: int | None = None
        self._essential = essential
        self._patience_s = patience_s
        self._now = now
        self._lock = threading.Lock()
        self._made = now()
        self._began: float | None = None  # this run of its job
        self._first_began: float | None = None
        self._turned = self._made
        self._rest_until = 0.0
        self._topics: Collection[str] = ()
        self._done: Place | None = None
        self._advanced = self._made
        self._at_head = self._made
        self._failures: deque[_Failure] = deque(maxlen=100)
        self._restarts = 0
        self._trouble: tuple[str, float] | None = None
        self._outside: tuple[str, float] | None = None
        self._look: Callable[[], str | None] | None = None
        self._ended: tuple[Status, str, float] | None = None
        self._remark: str | None = None
        self._told_behind: int | None = None
        self._was_ill = False
        self._well_since: float | None = None

    def begin(self, *, elsewhere: bool = False) -> None:
        """A run of its job begins: in the calling thread, or `elsewhere`, in a process of its own."""
        with self._lock:
            self.thread = None if elsewhere else threading.get_ident()
            self._began = self._turned = self._at_head = self._now()
            self._first_began = self._first_began or self._began
            self._rest_until = 0.0
            self._ended = None

    def turn(self) -> None:
        """Another round of its loop begins: it does not hang."""
        self._turned = self._now()

    def rest(self, seconds: float | None) -> None:
        """It will not turn for so long, by intent; None: until it is told to go on."""
        self._rest_until = float("inf") if seconds is None else self._now() + seconds

    def rested(self) -> None:
        """The rest is over."""
        self._rest_until = 0.0
        self._turned = self._now()

    def at(self, place: Place, topics: Collection[str]) -> None:
        """Everything up to `place` is done, of the topics that it reads now."""
        with self._lock:
            self._topics = topics
            if self._done is None or not self._done.reaches(place):
                self._done = place if self._done is None else self._done.joined(place)
                self._advanced = self._now()

    def advance(self) -> None:
        """Some of its work is done; for a part that has no position in our log."""
        with self._lock:
            self._advanced = self._turned = self._now()

    def remark(self, text: str | None, behind: int | None = None) -> None:
        """What is to be said of it while it is ok, and how many records it is behind where it does not report positions."""
        self._remark, self._told_behind = text, behind

    def failed(self, error: BaseException | str) -> float:
        """A run of its job ended with an error, and it will be started again; returns how many seconds it had run."""
        now = self._now()
        if isinstance(error, str):
            reason, said = ("", re.sub(r"\d+", "#", error)), error
        else:
            reason, said = (type(error).__name__, _raised_at(error)), f"{type(error).__name__}: {error}"
        with self._lock:
            began = self._began if self._began is not None else now
            self._began = None
            self._restarts += 1
            self._failures.append(_Failure(now, now - began, reason, said[:_LONGEST_TEXT]))
            return now - began

    def ended(self, status: Status, detail: str) -> None:
        """Its job has ended, and will not be started again."""
        with self._lock:
            self._ended = status, detail, self._now()

    def trouble(self, reason: str | None) -> None:
        """What it needs does not answer, such as the log; None: it does again."""
        with self._lock:
            self._trouble = self._since(reason, self._trouble)

    def explain_by(self, look: Callable[[], str | None]) -> None:
        """`look` tells at once why it can bring nothing, or None; it is asked whenever the part is judged."""
        self._look = look

    def state(self, at: datetime, head: Place | None = None) -> PartState:
        """Judge it: `at` is the present time, `head` the log's newest position where that is known."""
        now = self._now()
        outside = self._look() if self._look is not None else None
        with self._lock:
            self._outside = self._since(outside, self._outside)
            behind = self._behind(head, now)
            status, detail, since = self._judged(now, behind)
            if status == "ok":
                if self._was_ill:
                    self._well_since, self._was_ill = now, False
                since = self._well_since or since
            elif status != "starting":
                self._was_ill = True
            when = at - timedelta(seconds=now - since)
            behind = self._told_behind if behind is None else behind
            return PartState(status, detail, self._essential, when, self._restarts, behind)

    def _judged(self, now: float, behind: int | None) -> tuple[Status, str | None, float]:
        if told := self._ended or self._failing(now):
            return told
        if self._began is None:
            return "starting", "it has not begun yet", self._made
        if now - max(self._turned, self._rest_until) > self._patience_s:
            return "degraded", f"it stands still{self._where()}", self._turned
        if behind and now - max(self._advanced, self._at_head) > self._patience_s:
            return "degraded", f"its log position stands still, {behind:,} records behind", self._advanced
        if trouble := self._trouble or self._outside:
            return "degraded", *trouble
        return "ok", self._remark, self._first_began or self._made

    def _since(self, reason: str | None, before: tuple[str, float] | None) -> tuple[str, float] | None:
        return None if reason is None else (reason[:_LONGEST_TEXT], before[1] if before else self._now())

    def _failing(self, now: float) -> tuple[Status, str, float] | None:
        while self._failures and now - self._failures[0].at > _FORGOTTEN_AFTER_S:
            self._failures.popleft()
        if not self._failures:
            return None
        last = self._failures[-1]
        if self._began is not None:
            longest = max((failure.ran_s for failure in list(self._failures)[1:]), default=0.0)
            if self._advanced > last.at or now - self._began > _WELL_AFTER_S + longest:
                return None
        same = [failure for failure in self._failures if failure.reason == last.reason]
        if len(same) < RESTARTS_UNTIL_DOWN:
            times = "once" if len(same) == 1 else f"{len(same)} times"
            return "degraded", f"it failed {times} and is started again: {last.text}", same[0].at
        return "down", f"it was started again {len(same)} times for the same error: {last.text}", same[0].at

    def _behind(self, head: Place | None, now: float) -> int | None:
        if head is None or self._done is None:
            return None
        wanted, done = head.within(self._topics).numbers, self._done.numbers
        behind = sum(max(0, number - done.get(partition, -1)) for partition, number in wanted.items())
        if not behind:
            self._at_head = now
        return behind

    def _where(self) -> str:
        frame = sys._current_frames().get(self.thread) if self.thread is not None else None
        place = _place_of(frame)
        return f", in {place}" if place else ""


def _place_of(frame: FrameType | None) -> str:
    """The innermost of our own functions on a stack: `adapters/sql/engine.py: reading`."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_OURS):
            return f"{Path(file).relative_to(_ROOT)}: {frame.f_code.co_name}"
        frame = frame.f_back
    return ""


def _raised_at(error: BaseException) -> str:
    """The innermost line of our own code that an error came from."""
    found, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(_OURS):
            found = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
