from tests.contracts.store_postgresql import BulkWriteContract, LostConnectionContract, RacingWritersContract


class TestBulkWrites(BulkWriteContract): ...


class TestRacingWriters(RacingWritersContract): ...


class TestLostConnections(LostConnectionContract): ...
