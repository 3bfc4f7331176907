import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from application.progress import Status
from domain.values import rfc3339
from entrypoints.run_dir import RUN_DIR
from entrypoints.workers.heartbeat import Heartbeat, Said, read


@pytest.mark.parametrize("status", ["ok", "starting", "degraded", "down"])
def test_what_a_process_says_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: Status) -> None:
    monkeypatch.setenv(RUN_DIR, str(tmp_path))
    Heartbeat("feed").beat("starting")
    Heartbeat("feed").beat(status, "Kraken does not answer")
    assert read(tmp_path, "feed", os.getpid()) == Said(status, "Kraken does not answer")
    assert [file.name for file in tmp_path.iterdir()] == ["feed.json"]


def test_threads_beat_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUN_DIR, str(tmp_path))
    heartbeat = Heartbeat("feed")

    def beat() -> None:
        for _ in range(100):
            heartbeat.beat("ok")

    threads = [threading.Thread(target=beat) for _ in range(4)]
    with structlog.testing.capture_logs() as logged:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not logged
    assert read(tmp_path, "feed", os.getpid()) == Said("ok")
    assert [file.name for file in tmp_path.iterdir()] == ["feed.json"]


def test_without_a_run_directory_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RUN_DIR, raising=False)
    monkeypatch.chdir(tmp_path)
    Heartbeat("feed").beat("ok")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_does_not_stop_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUN_DIR, str(tmp_path / "missing"))
    heartbeat = Heartbeat("feed")
    heartbeat.beat("ok")
    heartbeat.beat("ok")


def test_before_its_first_word_a_process_is_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(tmp_path, "feed", 1).status == "starting"
    monkeypatch.setenv(RUN_DIR, str(tmp_path))
    Heartbeat("feed").beat("ok")
    assert read(tmp_path, "feed", os.getpid() + 1).status == "starting"  # the word of the process before it


def test_silence_is_down(tmp_path: Path) -> None:
    said = {"status": "ok", "detail": None, "pid": 7, "at": rfc3339(datetime.now(UTC) - timedelta(seconds=30))}
    (tmp_path / "feed.json").write_text(json.dumps(said))
    assert read(tmp_path, "feed", 7).status == "down"
    assert "has not said how it is for 3" in str(read(tmp_path, "feed", 7).detail)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"status": "ok"}', '{"status": "ok", "detail": null, "pid": 7, "at": 5}']
)
def test_a_spoilt_file_is_down_with_the_reason(tmp_path: Path, text: str) -> None:
    (tmp_path / "feed.json").write_text(text)
    assert read(tmp_path, "feed", 7).status == "down"
