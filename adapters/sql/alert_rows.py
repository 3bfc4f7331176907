"""Rows of alert_data <-> the domain's alerts."""

from typing import Any

from domain.alerting.alert import Alert, AlertRaised, AlertStatus
from domain.values import Origin, Pair

Row = Any  # sqlalchemy's Row: its attributes are the query's columns

_RAISED_FIELDS = (
    "alert_id", "rule_id", "kind", "pct_change", "price", "reference_price", "window_s", "observed", "usual", "held_back",
    "recorded_at",
)  # fmt: skip


def alert_row(alert: Alert) -> dict[str, object]:
    """For an insert by the column types."""
    raised = alert.raised
    return {
        "event_id": raised.event_id,
        "pair": raised.pair,
        "timestamp": raised.occurred_at,
        "status": alert.status,
        "silenced_until": alert.silenced_until,
        "version": alert.version,
        "changed_at": alert.recorded_at,
        "origin": raised.origin,
        **{field: getattr(raised, field) for field in _RAISED_FIELDS},
    }


def to_alert(row: Row) -> Alert:
    """The alert in a row."""
    return Alert(
        raised=AlertRaised(
            sequence=1,
            pair=Pair(row.pair),
            occurred_at=row.timestamp,
            origin=Origin(row.origin),
            **{field: getattr(row, field) for field in _RAISED_FIELDS},
        ),
        status=AlertStatus(row.status),
        silenced_until=row.silenced_until,
        version=row.version,
        recorded_at=row.changed_at,
    )
