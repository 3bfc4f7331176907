import pytest
from sqlalchemy import Engine

from tests.contracts.store_postgresql import BulkWriteContract, LostConnectionContract, RacingWritersContract


@pytest.fixture
def engine(on_postgresql: Engine) -> Engine:
    return on_postgresql


class TestBulkWrites(BulkWriteContract): ...


class TestRacingWriters(RacingWritersContract): ...


class TestLostConnections(LostConnectionContract): ...
