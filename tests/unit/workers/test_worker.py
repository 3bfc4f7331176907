import threading

import pytest

from entrypoints.workers import worker as module
from entrypoints.workers.worker import Worker
from tests.waiting import until


def test_a_job_that_fails_is_started_again_and_its_error_is_forgotten_when_it_has_been_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_WELL_AFTER_S", 0.2)
    runs = []

    def job(stop: threading.Event) -> None:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("on purpose")
        stop.wait()

    worker = Worker("test", job)
    worker.start()
    assert until(lambda: worker.error == "ValueError: on purpose")
    assert until(lambda: len(runs) == 2)
    assert until(lambda: worker.error is None)
    assert worker.is_alive and worker.stop()
