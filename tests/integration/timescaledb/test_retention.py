import pytest

from tests.contracts.store_retention import RetentionContract
from tests.integration.timescaledb.test_migrate import HYPERTABLES


class TestRetention(RetentionContract):
    @pytest.fixture
    def chunk_days(self) -> dict[str, int]:
        return {table: length.days for table, (_, length) in HYPERTABLES.items()}
