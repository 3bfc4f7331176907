"""What all parts of a transaction share: its connection, and how many candles it has written."""

from dataclasses import dataclass

from sqlalchemy import Connection

from application.ports.market_reads import Touch


@dataclass
class UnitOfWork:
    """`keyed_trades`: on TimescaleDB a table of its own says which trades are known (see `tables.trade_key`)."""

    connection: Connection
    keyed_trades: bool = False
    next_touch: Touch | None = None  # of the next candle; None before the first
