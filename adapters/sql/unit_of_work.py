"""What all parts of a transaction share: its connection, and how many candles it has written."""

from dataclasses import dataclass

from sqlalchemy import Connection

from application.ports.market_reads import Touch


@dataclass
class UnitOfWork:
    """One open write transaction."""

    connection: Connection
    next_touch: Touch | None = None  # of the next candle; None before the first
