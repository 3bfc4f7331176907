import pytest
from sqlalchemy import Engine

from tests.contracts.store_bulk_writes import BulkWriteContract
from tests.contracts.store_lost import LostConnectionContract
from tests.contracts.store_writers import RacingWritersContract


@pytest.fixture
def engine(on_postgresql: Engine) -> Engine:
    return on_postgresql


class TestBulkWrites(BulkWriteContract): ...


class TestRacingWriters(RacingWritersContract): ...


class TestLostConnections(LostConnectionContract): ...
