"""The progress of a Spark job's queries, as parts of its process."""

import time
from collections.abc import Sequence

from adapters.spark.queries import QueryState
from application.progress import Progress
from entrypoints.processes.process import Process

_DRIVER = "driver"
_BEAT_S = 2.0


class JobProgress:
    """Notes twice a second how the queries are. Where Spark's Java process hangs, it is the driver that does not turn."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._driver = process.board.progress(_DRIVER)
        self._driver.begin()
        process.board.say(_DRIVER, "starting", "the queries begin")  # without them the job does nothing yet
        self._last: dict[str, QueryState] = {}
        self._beaten_at = 0.0

    def tell(self, states: Sequence[QueryState]) -> None:
        """Note how the queries are now, and tell the supervisor."""
        self._driver.turn()
        for state in states:
            self._note(self._process.board.progress(state.name), state)
        self._process.board.unsay(_DRIVER)
        if time.monotonic() - self._beaten_at >= _BEAT_S:
            self._beaten_at = time.monotonic()
            self._process.beat()

    def _note(self, progress: Progress, state: QueryState) -> None:
        before = self._last.get(state.name)
        self._last[state.name] = state
        if state.error and (before is None or state.failures > before.failures):
            progress.failed(state.error)
        if state.runs and (before is None or not before.runs or state.failures > before.failures):
            progress.begin(elsewhere=True)
        if before and before.last_batch != state.last_batch:
            progress.advance()
        elif not state.is_busy:
            progress.turn()
        if state.last_batch is None and not state.error:
            self._process.board.say(state.name, "starting", "waiting for the first batch")
        else:
            self._process.board.unsay(state.name)
            progress.remark(state.summary and f"{state.summary}, {state.behind:,} behind", state.behind)
