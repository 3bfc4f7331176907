"""What every database must do with rows that are older than they are kept.

A test module brings `under_test`, its `engine`, and `chunk_days` (for each table how long its chunks are; none where rows
go one by one), and subclasses the contract.
"""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from adapters.memory.clock import FixedClock
from adapters.sql.engine import reading
from adapters.sql.retention import SqlExpiry
from adapters.sql.tables import metadata
from application.ports.market_reads import AsOfTooOld
from application.ports.page import Window
from application.retention import KEPT, NOTHING_EXPIRES, Retention
from domain.alerting.alert import evolve_alert
from domain.alerting.delivery import Delivery, new_delivery
from domain.market.candle import Interval, candles_of
from tests.builders import (
    BTC,
    ETH,
    T0,
    alert_raised,
    article,
    candle,
    forecast,
    forecast_score,
    sentiment,
    ticker,
    trade,
)
from tests.contracts.store import StoreUnderTest
from tests.telemetry import Remembered

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=T0.tzinfo)  # chunks begin at multiples of their length since then
TIMES = {
    "ticker_data": "timestamp", "trade_data": "timestamp", "candle_data": "start", "replaced_candle": "start",
    "article_data": "occurred_at",
    "sentiment_data": "timestamp", "prediction_data": "target_at", "alert_data": "timestamp",
    "article_tag": "occurred_at", "forecast_score": "timestamp", "delivery": "created_at",
}  # fmt: skip


def _sweep(engine: Engine, now: datetime = T0) -> Remembered:
    telemetry = Remembered()
    Retention(SqlExpiry(engine), FixedClock(now), telemetry).sweep(threading.Event())
    return telemetry


def _times(engine: Engine, table: str) -> set[datetime]:
    with reading(engine) as connection:
        return set(connection.scalars(select(metadata.tables[table].c[TIMES[table]])))


def _write(under_test: StoreUnderTest, times: Mapping[str, datetime], name: str) -> None:
    """A row of each table at its time."""
    published = article(name, occurred_at=times["article_data"])
    issued = forecast(target_at=times["prediction_data"])
    raised = alert_raised(name, occurred_at=times["alert_data"])
    with under_test.store.begin() as tx:
        tx.add_tickers([ticker(occurred_at=times["ticker_data"], pair=pair) for pair in (BTC, ETH)])
        tx.add_trades([trade(hash(name), occurred_at=times["trade_data"], pair=pair) for pair in (BTC, ETH)])
        starts = times["candle_data"]
        tx.put_candles([candle(starts, pair=pair, interval=one) for pair in (BTC, ETH) for one in Interval])
        starts = times["replaced_candle"]
        tx.keep_replaced([candle(starts, pair=pair, interval=one) for pair in (BTC, ETH) for one in Interval])
        tx.add_articles([published])
        tx.add_sentiments([sentiment(published, model=name, occurred_at=times["sentiment_data"])])
        tx.add_forecasts([issued, forecast_score(issued, occurred_at=times["forecast_score"])])
        tx.put_alerts([evolve_alert(None, raised)])
        tx.add_deliveries([_sent(raised.alert_id, times["delivery"])])


def _sent(alert_id: str, made_at: datetime) -> Delivery:
    return new_delivery(alert_id, "c1", occurred_at=made_at, now=made_at).sent(now=made_at)


class RetentionContract:
    def test_what_is_older_than_kept_goes_and_what_is_younger_stays(
        self, under_test: StoreUnderTest, engine: Engine, chunk_days: Mapping[str, int]
    ) -> None:
        limits = {table: T0 - KEPT[table] for table in TIMES}
        # Nothing of a chunk goes before all of it is too old: what is older than the chunk of the limit has gone.
        lengths = {table: timedelta(days=days) for table, days in chunk_days.items()}
        gone = {
            table: limit - ((limit - EPOCH) % lengths[table] if table in lengths else DAY) - timedelta(microseconds=1)
            for table, limit in limits.items()
        }
        gone["article_tag"] = gone["article_data"]
        edge = {table: limit - timedelta(microseconds=1) for table, limit in limits.items()}
        young = {table: limit + DAY for table, limit in limits.items()}
        for name, times in (("gone", gone), ("edge", edge), ("young", young)):
            _write(under_test, times, name)
        telemetry = _sweep(engine)
        hang_on = {"article_tag": "article_data", "forecast_score": "prediction_data"}
        for table in TIMES:
            chunked = hang_on.get(table, table) in lengths
            expected = {edge[table], young[table]} if chunked else {young[table]}
            assert _times(engine, table) == expected, table
        assert telemetry.counts["expired"] >= len(TIMES)
        assert _sweep(engine).counts["expired"] == 0

    def test_more_rows_than_go_at_once_all_go(self, under_test: StoreUnderTest, engine: Engine) -> None:
        old = [
            trade(n, occurred_at=T0 - timedelta(days=400, milliseconds=n % 7), pair=pair)
            for n in range(6_000)
            for pair in (BTC, ETH)
        ]
        with under_test.store.begin() as tx:
            tx.add_trades([*old, trade(9_000), trade(9_000, pair=ETH)])
        _sweep(engine)
        assert [one.trade_id for one in under_test.market.trades(None, Window()).items] == [9_000, 9_000]

    def test_candles_outlive_their_trades_and_as_of_says_what_is_no_longer_known(
        self, under_test: StoreUnderTest, engine: Engine
    ) -> None:
        aged, kept = T0 - timedelta(days=40), T0 - timedelta(days=20)
        trades = [
            trade(n, occurred_at=day, recorded_at=day + timedelta(hours=n)) for n, day in enumerate((aged, aged, kept))
        ]
        candles = sorted(candles_of(trades), key=lambda one: one.start)
        with under_test.store.begin() as tx:
            tx.add_trades(trades)
            tx.put_candles(candles)
        before = aged + timedelta(minutes=30)  # the second trade was recorded an hour later
        known = candles_of(trades[:1])
        assert under_test.market.candles(BTC, Interval.M1, Window(as_of=before)).items == known
        _sweep(engine)
        assert [one.trade_id for one in under_test.market.trades(BTC, Window()).items] == [2]
        assert under_test.market.candles(BTC, Interval.M1, Window()).items == candles
        with pytest.raises(AsOfTooOld) as refused:
            under_test.market.candles(BTC, Interval.M1, Window(as_of=before))
        assert refused.value.oldest == kept
        assert under_test.market.candles(BTC, Interval.M1, Window(as_of=kept + timedelta(hours=3))).items == candles
        _sweep(engine, T0 + timedelta(days=300))  # no trade is left
        with pytest.raises(AsOfTooOld):
            under_test.market.candles(BTC, Interval.M1, Window(as_of=before))
        assert under_test.market.candles(BTC, Interval.M1, Window()).items == candles

    def test_a_delivery_that_is_not_over_stays(self, under_test: StoreUnderTest, engine: Engine) -> None:
        old = T0 - timedelta(days=400)
        pending = new_delivery("a1", "c1", occurred_at=old, now=old)
        with under_test.store.begin() as tx:
            tx.add_deliveries([pending, _sent("a2", old)])
        _sweep(engine)
        assert [known.delivery for known in under_test.deliveries.deliveries(Window()).items] == [pending]

    def test_without_an_age_limit_nothing_goes(self, under_test: StoreUnderTest, engine: Engine) -> None:
        with under_test.store.begin() as tx:
            tx.add_trades([trade(1, occurred_at=T0 - timedelta(days=5_000))])
        Retention(SqlExpiry(engine), FixedClock(T0), Remembered(), kept=NOTHING_EXPIRES).sweep(threading.Event())
        assert len(under_test.market.trades(BTC, Window()).items) == 1

    def test_it_stops_between_two_pieces(self, under_test: StoreUnderTest, engine: Engine) -> None:
        with under_test.store.begin() as tx:
            tx.add_trades([trade(1, occurred_at=T0 - timedelta(days=5_000))])
        stop = threading.Event()
        stop.set()
        Retention(SqlExpiry(engine), FixedClock(T0), Remembered()).sweep(stop)
        assert len(under_test.market.trades(BTC, Window()).items) == 1
