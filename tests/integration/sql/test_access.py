import pytest
from sqlalchemy import Engine

from adapters.sql.access import SqlAccess
from adapters.sql.audit_trail import SqlAuditTrail
from adapters.sql.store import SqlStore
from application.ports.page import Window
from tests.contracts.access import AccessContract, AuditContract, command


@pytest.fixture
def access(engine: Engine) -> SqlAccess:
    return SqlAccess(engine)


@pytest.fixture
def trail(engine: Engine) -> SqlAuditTrail:
    return SqlAuditTrail(engine)


class TestAccess(AccessContract): ...


class TestAudit(AuditContract): ...


def test_the_trail_stands_in_the_event_store_and_a_rebuild_leaves_it(engine: Engine, trail: SqlAuditTrail) -> None:
    trail.record(command(1))
    trail.record(command(2))
    with SqlStore(engine).begin() as tx:
        tx.clear_read_models()
        assert tx.load("audit:2026-11-23") == [command(1), command(2)]
    assert trail.entries(Window()).items == [command(2), command(1)]
