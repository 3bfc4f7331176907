"""Writing alerts' present state."""

from collections.abc import Sequence

from sqlalchemy import delete

from adapters.sql.alert_rows import alert_row
from adapters.sql.statements import chunks, insert_new
from adapters.sql.tables import alert_data
from adapters.sql.unit_of_work import UnitOfWork
from domain.alerting.alert import Alert


class AlertWrites(UnitOfWork):
    """See application.ports.store.Writes."""

    def put_alerts(self, alerts: Sequence[Alert]) -> None:
        """Insert or replace alerts' present state."""
        latest = {alert.raised.alert_id: alert for alert in alerts}
        for chunk in chunks(list(latest)):
            self.connection.execute(delete(alert_data).where(alert_data.c.alert_id.in_(chunk)))
        insert_new(self.connection, alert_data, [alert_row(alert) for alert in latest.values()])
