"""Going on where an earlier process ended, when the tables may lag behind the log."""

from application.market.collect import MarketCollector
from application.ports.event_log import EventLog, Place, Recorded
from application.ports.store import Store
from application.store import read_up_to, stored_up_to
from application.topics import FEED_EVENTS, TRADES


def remember_log(collector: MarketCollector, event_log: EventLog, store: Store) -> None:
    """Tell the collector what the log holds beyond the tables: it is neither new nor missing.

    Raises LogUnavailable, StoreUnavailable.
    """
    with store.begin() as tx:
        stored = stored_up_to(tx)
    records = read_up_to(event_log, (TRADES, FEED_EVENTS), stored, Place.at(event_log.head()))
    collector.remember(record.event for record in records if isinstance(record, Recorded))
