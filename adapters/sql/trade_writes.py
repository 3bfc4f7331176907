"""Adding trades: the hot path."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select

from adapters.sql.copy import TradeKey, copy_new_trades, max_trade_ids, merged_trades
from adapters.sql.copy_rows import trade_csv
from adapters.sql.market_rows import sqlite_trade_rows, to_trade
from adapters.sql.statements import chunks
from adapters.sql.tables import trade_data
from adapters.sql.unit_of_work import UnitOfWork
from domain.market.numbering import check_same
from domain.market.trade import TradeExecuted
from domain.values import Pair

_SQLITE_INSERT = (
    f"INSERT INTO trade_data ({', '.join(column.name for column in trade_data.columns)}) "  # noqa: S608 - our own names
    f"VALUES ({', '.join('?' for _ in trade_data.columns)})"
)


class TradeWrites(UnitOfWork):
    """See application.ports.store.Writes."""

    def add_trades(self, trades: Sequence[TradeExecuted]) -> list[TradeExecuted]:
        """Add trades; returns those that were not there before, each once. The time is no part of a trade's key.

        Raises InvalidValue for a trade whose id is that of a different one, stored or earlier in `trades`.
        """
        once: dict[TradeKey, TradeExecuted] = {}
        for trade in trades:
            once.setdefault((trade.pair, trade.trade_id), trade)
        if not once:
            return []
        if len(once) < len(trades):
            for trade in trades:
                check_same(once[trade.pair, trade.trade_id], trade)
        if self.connection.dialect.name == "sqlite":
            return _add_on_sqlite(self.connection, once)
        return _add_on_postgresql(self.connection, once)


def _add_on_sqlite(connection: Connection, once: dict[TradeKey, TradeExecuted]) -> list[TradeExecuted]:
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for pair, trade_id in once:
        ids[pair].append(trade_id)
    known = [stored for pair, of_pair in ids.items() for stored in _known(connection, pair, of_pair)]
    new = _others(once, known) if known else list(once.values())
    if new:
        connection.exec_driver_sql(_SQLITE_INSERT, sqlite_trade_rows(new))
    return new


def _others(once: dict[TradeKey, TradeExecuted], known: Sequence[TradeExecuted]) -> list[TradeExecuted]:
    """Return the trades that are not stored yet. Raises InvalidValue where a different one is stored under an id."""
    new = dict(once)
    for stored in known:
        check_same(stored, new.pop((stored.pair, stored.trade_id)))
    return list(new.values())


def _known(connection: Connection, pair: str, ids: Collection[int]) -> list[TradeExecuted]:
    # Ids ascend, so nearly always all are above the highest one stored, and one look into the index says so.
    of_pair = trade_data.c.pair == Pair(pair)
    highest = connection.scalar(select(func.max(trade_data.c.trade_id)).where(of_pair))
    if highest is None:
        return []
    known: list[TradeExecuted] = []
    for chunk in chunks(sorted(trade_id for trade_id in ids if trade_id <= highest)):
        query = select(trade_data).where(of_pair, trade_data.c.trade_id.in_(chunk))
        known += map(to_trade, connection.execute(query))
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
