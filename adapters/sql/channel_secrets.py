"""What notification channels keep secret: apart from their streams, and deleted with the channel."""

from sqlalchemy import delete, select

from adapters.sql.statements import upsert
from adapters.sql.tables import channel_secret as table
from adapters.sql.unit_of_work import UnitOfWork


class Secrets(UnitOfWork):
    """See application.ports.channel_store.ChannelSecrets."""

    def channel_secret(self, channel_id: str) -> str | None:
        """The secret; None where the channel has none."""
        return self.connection.scalar(select(table.c.secret).where(table.c.channel_id == channel_id))

    def put_channel_secret(self, channel_id: str, secret: str) -> None:
        """Keep or replace it."""
        upsert(self.connection, table, [{"channel_id": channel_id, "secret": secret}])

    def delete_channel_secret(self, channel_id: str) -> None:
        """Forget it."""
        self.connection.execute(delete(table).where(table.c.channel_id == channel_id))
