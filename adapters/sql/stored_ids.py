"""Whether the ids of a pair's stored trades are whole."""

from sqlalchemy import Connection, func, select

from adapters.sql.market_rows import to_health
from adapters.sql.tables import feed_data, trade_data
from application.ports.market_reads import StoredTradeIds
from domain.market.continuity import Run, without
from domain.values import Pair

_MOST_RUNS = 1_000


def stored_ids(connection: Connection, pair: Pair, above: int | None) -> StoredTradeIds:
    """See application.ports.market_reads.MarketReads.stored_ids."""
    number = trade_data.c.trade_id
    of_pair = (trade_data.c.pair == pair, number >= (0 if above is None else above + 1))
    count, first, last = connection.execute(
        select(func.count(number), func.min(number), func.max(number)).where(*of_pair)
    ).one()
    if not count:
        return StoredTradeIds(above, ())
    start = first if above is None else above + 1
    if count == last - start + 1:
        return StoredTradeIds(last, ())
    following = select(number.label("id"), func.lag(number).over(order_by=number).label("before")).where(*of_pair)
    pairs = following.subquery()
    holes = (
        select(pairs.c.before, pairs.c.id)
        .where(pairs.c.id - pairs.c.before > 1)
        .order_by((pairs.c.id - pairs.c.before).desc())
        .limit(_MOST_RUNS)
    )
    found: tuple[Run, ...] = tuple((before + 1, after - 1) for before, after in connection.execute(holes))
    if first > start:
        found = (*found, (start, first - 1))
    row = connection.execute(select(feed_data).where(feed_data.c.name == pair)).one_or_none()
    if row:
        health = to_health(row)
        for known in (*health.open_runs, *health.history_runs):
            found = without(found, known)
    return StoredTradeIds(last, found)
