"""Databases between tests, and what is read and written through."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import Engine

from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.dead_letter_reads import SqlDeadLetterReads
from adapters.sql.deliveries import SqlDeliveryReads
from adapters.sql.engine import create_engine
from adapters.sql.forecast_reads import SqlForecastReads
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.news_reads import SqlNewsReads
from adapters.sql.sentiment_reads import SqlSentimentReads
from adapters.sql.store import SqlStore
from adapters.sql.tables import metadata
from tests.builders import SCORER
from tests.contracts.store import StoreUnderTest


@contextmanager
def opened(url: sqlalchemy.URL) -> Iterator[Engine]:
    """An engine, closed at the end."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def empty_out(engine: Engine) -> None:
    """Delete all rows."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY")


def store_on(engine: Engine) -> StoreUnderTest:
    """What the contracts are about."""
    return StoreUnderTest(
        store=SqlStore(engine),
        market=SqlMarketReads(engine),
        news=SqlNewsReads(engine, SCORER),
        alerts=SqlAlertReads(engine),
        forecasts=SqlForecastReads(engine),
        sentiment=SqlSentimentReads(engine, SCORER),
        letters=SqlDeadLetterReads(engine),
        deliveries=SqlDeliveryReads(engine),
    )
