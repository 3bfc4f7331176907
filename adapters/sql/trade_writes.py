"""Adding trades: the hot path."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select

from adapters.sql.copy import TradeKey, copy_new_trades, max_trade_ids, merged_trades
from adapters.sql.copy_rows import trade_csv
from adapters.sql.market_rows import sqlite_trade_rows
from adapters.sql.statements import chunks
from adapters.sql.tables import trade_data
from adapters.sql.unit_of_work import UnitOfWork
from domain.market.trade import TradeExecuted
from domain.values import Pair

_SQLITE_INSERT = (
    f"INSERT INTO trade_data ({', '.join(column.name for column in trade_data.columns)}) "  # noqa: S608 - our own names
    f"VALUES ({', '.join('?' for _ in trade_data.columns)})"
)


class TradeWrites(UnitOfWork):
    """See application.ports.store.Writes."""

    def add_trades(self, trades: Sequence[TradeExecuted]) -> list[TradeExecuted]:
        """Add trades; returns those that were not there before, each once. The time is no part of a trade's key."""
        once: dict[TradeKey, TradeExecuted] = {}
        for trade in trades:
            once.setdefault((trade.pair, trade.trade_id), trade)
        if not once:
            return []
        if self.connection.dialect.name == "sqlite":
            return _add_on_sqlite(self.connection, once)
        return _add_on_postgresql(self.connection, once)


def _add_on_sqlite(connection: Connection, once: dict[TradeKey, TradeExecuted]) -> list[TradeExecuted]:
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for pair, trade_id in once:
        ids[pair].append(trade_id)
    known = {(pair, trade_id) for pair, of_pair in ids.items() for trade_id in _known(connection, pair, of_pair)}
    new = [trade for key, trade in once.items() if key not in known] if known else list(once.values())
    if new:
        connection.exec_driver_sql(_SQLITE_INSERT, sqlite_trade_rows(new))
    return new


def _known(connection: Connection, pair: str, ids: Collection[int]) -> set[int]:
    # Ids ascend, so nearly always all are above the highest one stored, and one look into the index says so.
    of_pair = trade_data.c.pair == Pair(pair)
    highest = connection.scalar(select(func.max(trade_data.c.trade_id)).where(of_pair))
    if highest is None:
        return set()
    known: set[int] = set()
    for chunk in chunks(sorted(trade_id for trade_id in ids if trade_id <= highest)):
        query = select(trade_data.c.trade_id).where(of_pair, trade_data.c.trade_id.in_(chunk))
        known.update(connection.scalars(query))
    return known


def _add_on_postgresql(connection: Connection, once: dict[TradeKey, TradeExecuted]) -> list[TradeExecuted]:
    highest = max_trade_ids(connection, {pair for pair, _ in once})
    above = {key for key in once if key[0] not in highest or key[1] > highest[key[0]]}
    others = [trade for key, trade in once.items() if key not in above]
    if above:
        copy_new_trades(connection, trade_csv(once[key] for key in above))
    if not others:
        return list(once.values())
    new = above.union(merged_trades(connection, trade_csv(others)))
    return [trade for key, trade in once.items() if key in new]
