"""What is said of an alert, in words and in fields."""

from application.ports.notifier import Message
from domain.alerting.alert import AlertRaised
from domain.alerting.kinds import (
    FEED_SILENT,
    FORECAST_BROKEN,
    PRICE_MOVE,
    SENTIMENT_SWING,
    SPREAD_WIDENING,
    VOLUME_BURST,
)
from domain.alerting.rule import RuleTerms
from domain.values import Origin, plain, rfc3339

_SIMULATED = "SIMULATED"


def message_of(alert: AlertRaised, rule: RuleTerms | None) -> Message:
    """The message of an alert; `rule` are the present terms of the rule that raised it."""
    headline = _headline(alert)
    simulated = alert.origin is Origin.SIMULATED
    title = rule.title if rule else alert.rule_id
    lines = [
        f"{headline}.",
        f"Rule: {title}",
        f"Price: {plain(alert.price)} {alert.pair.quote} (before: {plain(alert.reference_price)})",
        f"When: {rfc3339(alert.occurred_at)}",
        f"Alert: {alert.alert_id}",
    ]
    if simulated:
        lines.insert(0, f"{_SIMULATED} data: this is not the market.")
    return Message(
        message_id=alert.alert_id,
        subject=f"{_SIMULATED}: {headline}" if simulated else headline,
        text="\n".join(lines),
        fields={
            "alert_id": alert.alert_id,
            "pair": str(alert.pair),
            "rule_id": alert.rule_id,
            "rule": title,
            "kind": alert.kind,
            "pct_change": plain(alert.pct_change),
            "price": plain(alert.price),
            "reference_price": plain(alert.reference_price),
            "window_s": alert.window_s,
            "observed": None if alert.observed is None else plain(alert.observed),
            "usual": None if alert.usual is None else plain(alert.usual),
            "held_back": alert.held_back,
            "timestamp": rfc3339(alert.occurred_at),
            "recorded_at": rfc3339(alert.recorded_at),
            "origin": alert.origin.value,
        },
    )


def trial_message(test_id: str, origin: Origin) -> Message:
    """What the test button sends."""
    simulated = origin is Origin.SIMULATED
    subject = "A test of this channel"
    return Message(
        message_id=test_id,
        subject=f"{_SIMULATED}: {subject}" if simulated else subject,
        text="CryptoViz can reach you here. This is a test: nothing happened.",
        fields={"alert_id": test_id, "kind": "test", "origin": origin.value},
    )


def _headline(alert: AlertRaised) -> str:
    span = f"{alert.window_s} s" if alert.window_s < 120 else f"{alert.window_s / 60:g} min"
    words = _HEADLINES.get(alert.kind, "{pair}: {kind} {change} %")
    return words.format(pair=alert.pair, kind=alert.kind, change=f"{alert.pct_change:+.2f}", span=span)


_HEADLINES = {
    PRICE_MOVE.name: "{pair} moved {change} % within {span}",
    VOLUME_BURST.name: "{pair}: volume {change} % against usual over {span}",
    SPREAD_WIDENING.name: "{pair}: spread {change} % against usual over {span}",
    SENTIMENT_SWING.name: "{pair}: sentiment of the news {change} points over {span}",
    FEED_SILENT.name: "{pair}: nothing arrived for more than {span}",
    FORECAST_BROKEN.name: "{pair}: {change} % away from the forecast, outside its interval",
}
