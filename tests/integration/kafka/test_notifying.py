"""Notifying reads Kafka's partitions as it reads a log with one order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade
from domain.alerting.delivery import DeliveryState
from tests.builders import BTC, ETH
from tests.integration.kafka.conftest import DeletableKafkaLog
from tests.unit.application.conftest import World
from tests.unit.application.test_notify import HOOK, Desk
from tests.waiting import until


@pytest.fixture
def desk(log: DeletableKafkaLog, tmp_path: Path) -> Iterator[Desk]:
    engines = [create_engine(f"sqlite:///{tmp_path / name}.db") for name in ("session", "house")]
    for engine in engines:
        upgrade(engine)
    session, house = (World(engine, log) for engine in engines)  # type: ignore[arg-type]
    session.clock.set(datetime.now(UTC))
    yield Desk(session, house)
    for engine in engines:
        engine.dispose()


def test_alerts_of_all_partitions_arrive_once_through_restarts(desk: Desk) -> None:
    rule = desk.rule(desk.channels.create(HOOK, None).channel.channel_id)
    desk.raises(rule, "before")
    with desk.notifying():
        assert until(desk.remembers_its_place)
    for number in range(6):
        desk.raises(rule, f"a{number}", pair=(BTC, ETH)[number % 2])
    for _ in range(2):
        with desk.notifying():
            assert until(lambda: len(desk.all(DeliveryState.SENT)) == 6)
    assert sorted(desk.notifier.got("Hook")) == [f"a{number}" for number in range(6)]
