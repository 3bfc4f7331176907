"""Market events and their records."""

from adapters.avro.mapping import DECIMAL, PAIR, PLAIN, TIME, Form, Mapping, Record, enveloped, optional
from adapters.avro.values import decimal_bytes, decimal_of, micros, origin_of, pair_of, side_of, time_of
from domain.errors import InvalidValue
from domain.market.candle import Interval
from domain.market.feed import (
    FeedConnected,
    FeedConnecting,
    FeedDisconnected,
    FeedEnded,
    SubscriptionRejected,
    TradeGapDetected,
    TradeGapEvent,
    TradeGapFilled,
    TradeHistoryRequested,
    TradeIdsRestarted,
)
from domain.market.history import CandleImported
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted


def _trade_record(trade: TradeExecuted) -> Record:
    return {
        "event_id": trade.event_id,
        "recorded_at": micros(trade.recorded_at),
        "origin": trade.origin,
        "venue": trade.venue,
        "pair": trade.pair,
        "price": decimal_bytes(trade.price),
        "volume": decimal_bytes(trade.volume),
        "timestamp": micros(trade.occurred_at),
        "side": trade.side,
        "trade_id": trade.trade_id,
        "order_type": trade.order_type,
    }


def _trade(record: Record) -> TradeExecuted:
    return TradeExecuted(
        venue=record["venue"],
        pair=pair_of(record["pair"]),
        trade_id=record["trade_id"],
        price=decimal_of(record["price"]),
        volume=decimal_of(record["volume"]),
        side=side_of(record["side"]),
        order_type=record["order_type"],
        occurred_at=time_of(record["timestamp"]),
        recorded_at=time_of(record["recorded_at"]),
        origin=origin_of(record["origin"]),
    )


def _ticker_record(ticker: TickerUpdated) -> Record:
    return {
        "event_id": ticker.event_id,
        "recorded_at": micros(ticker.recorded_at),
        "origin": ticker.origin,
        "venue": ticker.venue,
        "pair": ticker.pair,
        "last": decimal_bytes(ticker.last),
        "bid": decimal_bytes(ticker.bid),
        "ask": decimal_bytes(ticker.ask),
        "volume_24h": decimal_bytes(ticker.volume_24h),
        "pct_change": decimal_bytes(ticker.pct_change),
        "timestamp": micros(ticker.occurred_at),
        "bid_qty": decimal_bytes(ticker.bid_qty),
        "ask_qty": decimal_bytes(ticker.ask_qty),
        "vwap_24h": decimal_bytes(ticker.vwap_24h),
        "low_24h": decimal_bytes(ticker.low_24h),
        "high_24h": decimal_bytes(ticker.high_24h),
        "change_24h": decimal_bytes(ticker.change_24h),
        "frame_hash": ticker.frame_hash,
    }


def _ticker(record: Record) -> TickerUpdated:
    return TickerUpdated(
        venue=record["venue"],
        pair=pair_of(record["pair"]),
        last=decimal_of(record["last"]),
        bid=decimal_of(record["bid"]),
        bid_qty=decimal_of(record["bid_qty"]),
        ask=decimal_of(record["ask"]),
        ask_qty=decimal_of(record["ask_qty"]),
        volume_24h=decimal_of(record["volume_24h"]),
        vwap_24h=decimal_of(record["vwap_24h"]),
        low_24h=decimal_of(record["low_24h"]),
        high_24h=decimal_of(record["high_24h"]),
        change_24h=decimal_of(record["change_24h"]),
        pct_change=decimal_of(record["pct_change"]),
        frame_hash=record["frame_hash"],
        occurred_at=time_of(record["timestamp"]),
        recorded_at=time_of(record["recorded_at"]),
        origin=origin_of(record["origin"]),
    )


def _interval_of(name: str) -> Interval:
    try:
        return Interval(name)
    except ValueError:
        known = ", ".join(interval.value for interval in Interval)
        raise InvalidValue("interval", f"interval '{name[:40]}' is unknown: expected one of {known}") from None


def _gap(event: type[TradeGapEvent]) -> Mapping:
    return enveloped(event, venue=PLAIN, pair=PAIR, first=PLAIN, last=PLAIN, since=TIME, until=TIME)


MAPPINGS = (
    Mapping(TradeExecuted, _trade_record, _trade),
    Mapping(TickerUpdated, _ticker_record, _ticker),
    enveloped(FeedConnecting, venue=PLAIN, pair=PLAIN, endpoint=PLAIN),
    enveloped(FeedConnected, venue=PLAIN, pair=PLAIN),
    enveloped(FeedDisconnected, venue=PLAIN, pair=PLAIN, reason=PLAIN, next_try_at=optional(TIME)),
    enveloped(FeedEnded, venue=PLAIN, pair=PLAIN),
    enveloped(SubscriptionRejected, venue=PLAIN, pair=PLAIN, channel=PLAIN, reason=PLAIN),
    _gap(TradeGapDetected),
    _gap(TradeHistoryRequested),
    _gap(TradeGapFilled),
    enveloped(TradeIdsRestarted, venue=PLAIN, pair=PAIR, first=PLAIN, offset=PLAIN, reason=PLAIN),
    enveloped(
        CandleImported,
        venue=PLAIN,
        pair=PAIR,
        interval=Form(lambda interval: interval.value, _interval_of),
        start=TIME,
        open=DECIMAL,
        high=DECIMAL,
        low=DECIMAL,
        close=DECIMAL,
        volume=DECIMAL,
        vwap=optional(DECIMAL),
        trades=PLAIN,
    ),
)
