import pytest
from sqlalchemy import Engine

from adapters.sql.access import SqlAccess
from adapters.sql.audit_trail import SqlAuditTrail
from tests.contracts.access import AccessContract, AuditContract


@pytest.fixture
def access(engine: Engine) -> SqlAccess:
    return SqlAccess(engine)


@pytest.fixture
def trail(engine: Engine) -> SqlAuditTrail:
    return SqlAuditTrail(engine)


class TestAccess(AccessContract): ...


class TestAudit(AuditContract): ...
