"""Events of rules, alerts and the watchlist, and their records."""

from adapters.avro.mapping import DECIMAL, PAIR, PLAIN, TIME, Form, Mapping, Record, enveloped, enveloped_by, optional
from adapters.avro.values import decimal_bytes, decimal_of, micros, origin_of, pair_of, time_of
from domain.alerting.alert import AlertAcknowledged, AlertRaised, AlertResolved, AlertSilenced
from domain.alerting.rule import AlertRuleChanged, AlertRuleCreated, AlertRuleDisabled, AlertRuleEnabled, RuleTerms
from domain.alerting.watchlist import PairUnwatched, PairWatched
from domain.event import Fields

_TERMS = {
    "title": PLAIN, "kind": PLAIN, "pair": optional(PAIR), "threshold_pct": DECIMAL, "window_s": PLAIN,
    "notify": Form(list, tuple),
}  # fmt: skip
_RULE_FIELDS = ("rule_id", "sequence", "enabled")
_MEASURE = optional(DECIMAL)


def _alert_record(alert: AlertRaised) -> Record:
    return {
        "event_id": alert.event_id,
        "recorded_at": micros(alert.recorded_at),
        "origin": alert.origin,
        "pair": alert.pair,
        "rule_id": alert.rule_id,
        "alert_id": alert.alert_id,
        "kind": alert.kind,
        "pct_change": decimal_bytes(alert.pct_change),
        "price": decimal_bytes(alert.price),
        "reference_price": decimal_bytes(alert.reference_price),
        "window_s": alert.window_s,
        "timestamp": micros(alert.occurred_at),
        "sequence": alert.sequence,
        "observed": _MEASURE.write(alert.observed),
        "usual": _MEASURE.write(alert.usual),
        "held_back": alert.held_back,
    }


def _alert(record: Record) -> AlertRaised:
    return AlertRaised(
        alert_id=record["alert_id"],
        sequence=record["sequence"],
        rule_id=record["rule_id"],
        pair=pair_of(record["pair"]),
        kind=record["kind"],
        pct_change=decimal_of(record["pct_change"]),
        price=decimal_of(record["price"]),
        reference_price=decimal_of(record["reference_price"]),
        window_s=record["window_s"],
        observed=_MEASURE.read(record["observed"]),
        usual=_MEASURE.read(record["usual"]),
        held_back=record["held_back"],
        occurred_at=time_of(record["timestamp"]),
        recorded_at=time_of(record["recorded_at"]),
        origin=origin_of(record["origin"]),
    )


def _rule_data(event: AlertRuleCreated | AlertRuleChanged) -> Record:
    terms = {name: form.write(getattr(event.terms, name)) for name, form in _TERMS.items()}
    return {"rule_id": event.rule_id, "sequence": event.sequence, "enabled": event.enabled, **terms}


def _rule_fields(data: Record) -> Record:
    terms = RuleTerms(**{name: form.read(data[name]) for name, form in _TERMS.items()})
    return {**{name: data[name] for name in _RULE_FIELDS}, "terms": terms}


def _rule_shape(data: Record) -> Fields:
    terms = {name: value for name, value in data.items() if name in _TERMS}
    return {**{name: value for name, value in data.items() if name not in _TERMS}, "terms": terms}


MAPPINGS = (
    Mapping(AlertRaised, _alert_record, _alert),
    enveloped_by(AlertRuleCreated, _rule_data, _rule_fields, _rule_shape),
    enveloped_by(AlertRuleChanged, _rule_data, _rule_fields, _rule_shape),
    enveloped(AlertRuleDisabled, rule_id=PLAIN, sequence=PLAIN),
    enveloped(AlertRuleEnabled, rule_id=PLAIN, sequence=PLAIN),
    enveloped(PairWatched, sequence=PLAIN, pair=PAIR),
    enveloped(PairUnwatched, sequence=PLAIN, pair=PAIR),
    enveloped(AlertAcknowledged, alert_id=PLAIN, sequence=PLAIN),
    enveloped(AlertResolved, alert_id=PLAIN, sequence=PLAIN),
    enveloped(AlertSilenced, alert_id=PLAIN, sequence=PLAIN, until=TIME),
)
