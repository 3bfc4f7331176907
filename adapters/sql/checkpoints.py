"""How far each reader of the log has come."""

from sqlalchemy import Engine, select

from adapters.sql.engine import reading
from adapters.sql.statements import upsert
from adapters.sql.tables import checkpoint as table
from adapters.sql.unit_of_work import UnitOfWork
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor


class Places(UnitOfWork):
    """See application.ports.checkpoints.Checkpoints."""

    def checkpoint(self, reader: str) -> Checkpoint | None:
        """The last one saved; None before the first."""
        row = self.connection.execute(select(table).where(table.c.reader == reader)).one_or_none()
        return None if row is None else Checkpoint(Cursor(row.cursor), row.state)

    def checkpoints(self, prefix: str) -> dict[str, Checkpoint]:
        """Those of all readers whose name starts with `prefix`, by name."""
        query = select(table).where(table.c.reader >= prefix, table.c.reader < prefix + "\U0010ffff")
        rows = self.connection.execute(query)
        return {row.reader: Checkpoint(Cursor(row.cursor), row.state) for row in rows}

    def save_checkpoint(self, reader: str, checkpoint: Checkpoint) -> None:
        """Save with the transaction's rows."""
        row: dict[str, object] = {"reader": reader, "cursor": checkpoint.cursor, "state": checkpoint.state}
        upsert(self.connection, table, [row])


class SqlCheckpointReads:
    """See application.ports.checkpoints.CheckpointReads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def checkpoints(self, prefix: str) -> dict[str, Checkpoint]:
        """Those of all readers whose name starts with `prefix`, by name."""
        with reading(self._engine) as connection:
            return Places(connection).checkpoints(prefix)
