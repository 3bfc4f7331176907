"""The store: transactions over all rooms' tables, one writer at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, delete

from adapters.sql.alert_writes import AlertWrites
from adapters.sql.channel_secrets import Secrets
from adapters.sql.checkpoints import Places
from adapters.sql.dead_letter_writes import DeadLetterWrites
from adapters.sql.deliveries import DeliveryWrites
from adapters.sql.engine import translated, writing
from adapters.sql.event_store import Streams
from adapters.sql.forecast_writes import ForecastWrites
from adapters.sql.market_writes import MarketWrites
from adapters.sql.news_writes import NewsWrites
from adapters.sql.tables import READ_MODELS
from adapters.sql.touches import FORGOTTEN, last_number
from adapters.sql.trade_writes import TradeWrites
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor


class SqlTransaction(
    TradeWrites, MarketWrites, NewsWrites, ForecastWrites, AlertWrites, DeadLetterWrites, DeliveryWrites, Secrets,
    Streams, Places,
):  # fmt: skip
    """See application.ports.store.Transaction."""

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail alone. Raises StoreUnavailable, StoreRefused."""
        with translated(self.connection.engine), self.connection.begin_nested():
            yield

    def clear_read_models(self) -> None:
        """Delete all that can be made again. The event store stays, and so do the readers' places."""
        if self.connection.dialect.name == "sqlite":  # clients' places among the candles must not come again
            self.save_checkpoint(FORGOTTEN, Checkpoint(Cursor(str(last_number(self.connection)))))
            for table in READ_MODELS:
                self.connection.execute(delete(table))
        else:  # deleting row by row takes minutes of what TRUNCATE does at once
            self.connection.exec_driver_sql(f"TRUNCATE {', '.join(table.name for table in READ_MODELS)}")


class SqlStore:
    """See application.ports.store.Store. The database must have been migrated (`adapters.sql.migrate.upgrade`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def begin(self) -> Iterator[SqlTransaction]:
        """A write transaction: committed when the block ends, rolled back when it raises. Raises StoreUnavailable, StoreRefused."""
        with writing(self._engine) as connection:
            yield SqlTransaction(connection)
