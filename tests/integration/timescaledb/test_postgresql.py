from tests.contracts.store_bulk_writes import BulkWriteContract
from tests.contracts.store_lost import LostConnectionContract
from tests.contracts.store_writers import RacingWritersContract


class TestBulkWrites(BulkWriteContract): ...


class TestRacingWriters(RacingWritersContract): ...


class TestLostConnections(LostConnectionContract): ...
