"""Domain events with everything filled in, so that a test names only what it is about."""

from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from application.ports.sentiment_model import ModelVersion
from domain.alerting.alert import AlertAcknowledged, AlertRaised
from domain.alerting.rule import AlertRuleCreated, RuleTerms
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.market.candle import Candle, CandleSource, Interval
from domain.market.feed import FeedConnected
from domain.market.feed_health import FeedHealth, FeedKind, FeedState
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ArticlePublished, ArticleRevised
from domain.values import Origin, Pair, Side

BTC, ETH = Pair("BTC/USD"), Pair("ETH/USD")
SCORER = ModelVersion("vader", "2")
T0 = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)


def at(seconds: float = 0, *, micros: int = 0) -> datetime:
    """A time after T0."""
    return T0 + timedelta(seconds=seconds, microseconds=micros)


def _times(fields: dict[str, Any]) -> dict[str, Any]:
    occurred_at = fields.pop("occurred_at", T0)
    recorded_at = fields.pop("recorded_at", occurred_at)
    return {"occurred_at": occurred_at, "recorded_at": recorded_at, "origin": fields.pop("origin", Origin.LIVE)}


def trade(trade_id: int = 1, **fields: Any) -> TradeExecuted:
    """A trade of BTC/USD."""
    facts: dict[str, Any] = {
        "venue": "kraken", "pair": BTC, "trade_id": trade_id, "price": Decimal("97412.6"),
        "volume": Decimal("0.00100000"), "side": Side.BUY, "order_type": "limit",
    }  # fmt: skip
    return TradeExecuted(**_times(fields), **facts | fields)


def ticker(**fields: Any) -> TickerUpdated:
    """A ticker of BTC/USD."""
    facts: dict[str, Any] = {
        "venue": "kraken", "pair": BTC, "last": Decimal("97412.6"), "bid": Decimal("97412.5"), "bid_qty": Decimal("0.5"),
        "ask": Decimal("97412.6"), "ask_qty": Decimal("1.25"), "volume_24h": Decimal("903.65604099"),
        "vwap_24h": Decimal("97001.1"), "low_24h": Decimal(96000), "high_24h": Decimal(98000),
        "change_24h": Decimal("-412.4"), "pct_change": Decimal("-0.42"),
    }  # fmt: skip
    return TickerUpdated(**_times(fields), **facts | fields)


def candle(start: datetime = T0, **fields: Any) -> Candle:
    """A minute of BTC/USD, made from one trade."""
    price = fields.get("close", Decimal("97412.6"))
    facts: dict[str, Any] = {
        "pair": BTC, "interval": Interval.M1, "start": start, "open": price, "high": price, "low": price, "close": price,
        "volume": Decimal(2), "buy_volume": Decimal("1.5"), "sell_volume": Decimal("0.5"), "turnover": price * 2, "trades": 1, "opened": (start, 1), "closed_by": (start, 1),
        "recorded_at": start, "origin": Origin.LIVE, "source": CandleSource.TRADES,
    }  # fmt: skip
    return Candle(**facts | fields)


def article(guid: str = "1", **fields: Any) -> ArticlePublished:
    """An article of CoinDesk."""
    times = _times(fields)
    facts: dict[str, Any] = {
        "source": "CoinDesk", "guid": guid, "url": f"https://example.org/{guid}", "title": "Bitcoin rises",
        "summary": "A summary.", "content": "The content.", "authors": ("Ada Lovelace",), "tags": ("BTC",),
        "published_at": times["occurred_at"], "scraped_at": times["recorded_at"], "extracted_by": "trafilatura",
    }  # fmt: skip
    return ArticlePublished(**times, **facts | fields)


def revised(
    first: ArticlePublished, revision: int = 2, kind: type[ArticleRevised] = ArticleRevised, **fields: Any
) -> ArticleRevised:
    """A later version of an article."""
    facts = {field.name: getattr(first, field.name) for field in dataclass_fields(first)}
    return kind(**facts | {"revision": revision, "first_recorded_at": first.recorded_at} | fields)


def sentiment(scored: ArticlePublished, **fields: Any) -> SentimentScored:
    """A score of an article."""
    facts: dict[str, Any] = {
        "article_event_id": scored.event_id, "model": SCORER.model, "model_version": SCORER.version, "score": Decimal("0.25"),
        "label": "positive",
    }  # fmt: skip
    times = _times(fields)
    facts["article_recorded_at"] = min(scored.recorded_at, times["recorded_at"])
    return SentimentScored(**times, **facts | fields)


def forecast(**fields: Any) -> ForecastIssued:
    """A forecast for BTC/USD in an hour."""
    facts: dict[str, Any] = {
        "pair": BTC, "horizon_s": 3600, "target_at": at(3600), "price": Decimal(97000), "lower": Decimal(96000),
        "upper": Decimal(98000), "level": Decimal("0.9"), "model": "naive", "served_because": "it is the best",
    }  # fmt: skip
    return ForecastIssued(**_times(fields), **facts | fields)


def forecast_score(issued: ForecastIssued, **fields: Any) -> ForecastScored:
    """How a forecast turned out."""
    facts: dict[str, Any] = {
        "forecast_event_id": issued.event_id, "pair": issued.pair, "horizon_s": issued.horizon_s, "model": issued.model,
        "actual": Decimal(97100), "naive": Decimal(96900), "inside": True,
    }  # fmt: skip
    return ForecastScored(**_times(fields), **facts | fields)


def alert_raised(alert_id: str = "a1", **fields: Any) -> AlertRaised:
    """A rise of BTC/USD by 1.5 %."""
    facts: dict[str, Any] = {
        "alert_id": alert_id, "sequence": 1, "rule_id": "default", "pair": BTC, "kind": "price-move",
        "pct_change": Decimal("1.5"), "price": Decimal(98000), "reference_price": Decimal(96551), "window_s": 300,
    }  # fmt: skip
    return AlertRaised(**_times(fields), **facts | fields)


def alert_acknowledged(alert_id: str = "a1", **fields: Any) -> AlertAcknowledged:
    """Somebody has seen it."""
    return AlertAcknowledged(**_times(fields), alert_id=alert_id, sequence=2, **fields)


def rule_created(rule_id: str = "r1", **fields: Any) -> AlertRuleCreated:
    """A rule for moves of 1 %."""
    terms = RuleTerms(title="1 % in 5 minutes", kind="price-move", pair=None, threshold_pct=Decimal(1), window_s=300)
    return AlertRuleCreated(**_times(fields), rule_id=rule_id, sequence=1, terms=terms, **fields)


def feed_connected(**fields: Any) -> FeedConnected:
    """BTC/USD flows."""
    return FeedConnected(**_times(fields), **{"venue": "kraken", "pair": BTC} | fields)


def feed_health(name: str = BTC, **fields: Any) -> FeedHealth:
    """A live market feed."""
    facts: dict[str, Any] = {
        "name": name, "kind": FeedKind.MARKET, "state": FeedState.LIVE, "since": T0, "recorded_at": T0,
        "origin": Origin.LIVE,
    }  # fmt: skip
    return FeedHealth(**facts | fields)


def dead_letter(raw: bytes = b"{", **fields: Any) -> DeadLettered:
    """A frame that could not be read."""
    facts: dict[str, Any] = {
        "kind": "kraken-frame",
        "place": "wss://ws.kraken.com/v2",
        "reason": "truncated",
        "raw": raw,
    }
    return DeadLettered(**_times(fields), **facts | fields)


def settled(letter: DeadLettered, **fields: Any) -> DeadLetterSettled:
    """The letter was understood at last."""
    facts: dict[str, Any] = {"letter_id": letter.letter_id, "outcome": "redriven"}
    return DeadLetterSettled(**_times(fields), **facts | fields)
