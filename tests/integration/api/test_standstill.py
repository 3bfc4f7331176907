"""The embedded profile: whatever hangs or fails for ever, health tells which, at once, and is ok again afterwards.

Each part is made to hang where it uses something: a log, a store, a clock. The patience is short, the rest is as it runs.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers

from adapters.metrics.prometheus import PrometheusTelemetry
from application.health import Board
from application.ports.event_log import LogReader
from entrypoints.container import ESSENTIAL
from entrypoints.house import open_house
from entrypoints.session import Session
from entrypoints.settings import load_settings
from entrypoints.source import SIMULATED
from tests.waiting import until

PATIENCE_S = 3.0
WRAPPED = ("event_log", "store", "market_reads", "collector", "clock")


class Gate:
    """Holds up the threads that are named, by their parts' names, at whatever they use next."""

    def __init__(self) -> None:
        self._held: dict[str, threading.Event] = {}

    def hold(self, *threads: str) -> None:
        self._held |= {name: threading.Event() for name in threads}

    def let_go(self) -> None:
        held, self._held = self._held, {}
        for event in held.values():
            event.set()

    def pass_through(self) -> None:
        held = self._held.get(threading.current_thread().name)
        if held is not None:
            held.wait()


class Gated:
    """Something whose every use passes a gate first."""

    def __init__(self, target: Any, gate: Gate) -> None:
        self._target = target
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def use(*arguments: Any, **named: Any) -> Any:
            self._gate.pass_through()
            result = found(*arguments, **named)
            return Gated(result, self._gate) if name == "reader" else result

        return use

    def __enter__(self) -> "Gated":
        self._target.__enter__()
        return self

    def __exit__(self, *exits: Any) -> None:
        reader: LogReader = self._target
        reader.__exit__(*exits)


class Running:
    """A session on the simulator whose parts can be held up."""

    def __init__(self, session: Session, gate: Gate) -> None:
        self._session = session
        self.gate = gate

    def troubled(self) -> dict[str, str | None]:
        parts = self._session.services.health()
        return {name: part.detail for name, part in parts.items() if part.status != "ok"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    settings = load_settings(
        profile="embedded", source="simulated", data_dir=tmp_path, pairs="BTC/USD,ETH/USD", feed_interval_s=10
    )
    gate = Gate()
    with open_house(settings) as house:
        session = Session(
            settings, SIMULATED, PrometheusTelemetry(), channels=house.channels(), sources=house.sources(),
            house_engine=house.engine(),
        )  # fmt: skip
        box = session._container
        board = Board(box.clock(), essential=ESSENTIAL, patience_s=PATIENCE_S, answer_within_s=PATIENCE_S, every_s=0.2)
        box.board.override(providers.Object(board))
        box.directory().path.mkdir(mode=0o700, parents=True)
        for name in WRAPPED:
            provider = getattr(box, name)
            provider.override(providers.Object(Gated(provider(), gate)))
        session.start()
        try:
            yield Running(session, gate)
        finally:
            gate.let_go()
            session.stop()


@pytest.mark.slow
def test_each_part_that_hangs_is_told_and_no_other(running: Running) -> None:
    assert until(lambda: not running.troubled()), running.troubled()
    for parts in (
        {"store", "alerting", "backfill", "notifying"},
        {"log-writer", "relay", "sentiment", "forecasts"},
        {"feed"},
    ):
        running.gate.hold(*parts)
        assert until(lambda parts=parts: set(running.troubled()) == parts, seconds=45), (parts, running.troubled())  # type: ignore[misc]
        assert all("stand" in str(detail) for detail in running.troubled().values())
        running.gate.let_go()
        assert until(lambda: not running.troubled(), seconds=45), running.troubled()
    running.gate.hold("ask-database", "ask-log")
    assert until(lambda: set(running.troubled()) == {"database", "log"}, seconds=45), running.troubled()
    assert all("has not answered" in str(detail) for detail in running.troubled().values())
    running.gate.let_go()
    assert until(lambda: not running.troubled(), seconds=45), running.troubled()
