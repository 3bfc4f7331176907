import threading
from datetime import UTC, datetime

import pytest
import structlog

from adapters.memory.clock import FixedClock
from application.ports.store import StoreUnavailable
from application.progress import PartState, Progress
from entrypoints.plan import until as over_when
from entrypoints.workers.worker import Worker
from tests.waiting import until

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


def state(worker: Worker) -> PartState:
    return worker.progress.state(FixedClock(NOW).now())


def test_a_job_that_fails_is_started_again_and_is_told_of_with_its_error() -> None:
    runs = []

    def job(stop: threading.Event) -> None:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("on purpose")
        stop.wait()

    worker = Worker("test", job)
    assert state(worker).status == "starting"
    worker.start()
    assert until(lambda: "ValueError: on purpose" in str(state(worker).detail))
    assert until(lambda: len(runs) == 2)
    assert (state(worker).status, state(worker).restarts) == ("degraded", 1), "it has not shown yet that it is well"
    assert worker.is_alive and worker.stop()
    assert state(worker).status == "stopped"


def test_a_job_that_hangs_is_seen_with_the_place_where_it_hangs_and_is_well_when_it_goes_on() -> None:
    held = threading.Event()

    def job(stop: threading.Event) -> None:
        while not stop.is_set():
            held.wait()
            stop.wait(0.01)

    worker = Worker("test", job, Progress("test", patience_s=0.2))
    worker.start()
    try:
        assert until(lambda: state(worker).status == "degraded")
        assert "stands still, in entrypoints/workers/worker.py: _run" in str(state(worker).detail)
    finally:
        held.set()
    assert until(lambda: state(worker).status == "ok")
    assert worker.stop()


def test_a_job_that_rests_by_intent_does_not_hang() -> None:
    worker = Worker("test", lambda stop: stop.wait(60), Progress("test", patience_s=0.05))  # type: ignore[arg-type]
    worker.start()
    assert not until(lambda: state(worker).status != "ok", seconds=0.3)
    assert worker.stop()


def test_another_event_for_the_same_job_shows_its_turns_too() -> None:
    turns = []

    def job(stop: threading.Event) -> None:
        with over_when(stop, lambda: False) as over:
            while not over.is_set():
                turns.append(1)
                over.wait(0.01)

    worker = Worker("test", job, Progress("test", patience_s=0.2))
    worker.start()
    assert until(lambda: len(turns) > 40)
    assert state(worker).status == "ok"
    assert worker.stop()


@pytest.mark.parametrize(("error", "longest"), [(StoreUnavailable("away"), 5.0), (ValueError("bad"), 30.0)])
def test_what_waits_for_a_service_looks_again_soon(error: Exception, longest: float) -> None:
    """What is broken for good need not be tried so often."""
    pauses: list[float | None] = []

    def job(_stop: threading.Event) -> None:
        raise error

    worker = Worker("test", job)

    class Noting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout)
            if len(pauses) == 8:
                self.set()
            return self.is_set()

    worker._stop = Noting()  # type: ignore[assignment]
    with structlog.testing.capture_logs():
        worker._run()
    assert pauses[:3] == [1.0, 2.0, 4.0] and max(pause or 0 for pause in pauses) == longest
