"""What all parts of a transaction share: its connection."""

from dataclasses import dataclass

from sqlalchemy import Connection


@dataclass(frozen=True)
class UnitOfWork:
    """`keyed_trades`: on TimescaleDB a table of its own says which trades are known (see `tables.trade_key`)."""

    connection: Connection
    keyed_trades: bool = False
