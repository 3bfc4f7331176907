"""Which version of a sentiment model answers: the chosen one, or for a moment of the past the one of then."""

from datetime import datetime

from sqlalchemy import Connection, select

from adapters.sql.tables import sentiment_data
from application.ports.sentiment_model import ModelVersion


def scorer_at(connection: Connection, chosen: ModelVersion, as_of: datetime | None) -> ModelVersion:
    """The model version that made the newest of the scores known at `as_of`; the chosen one without, or without any."""
    if as_of is None:
        return chosen
    table = sentiment_data.c
    newest = (
        select(table.model, table.model_version)
        .where(table.recorded_at <= as_of)
        .order_by(
            table.recorded_at.desc(),
            (table.model == chosen.model).desc(),
            (table.model_version == chosen.version).desc(),
            table.model_version.desc(),
        )
        .limit(1)
    )
    row = connection.execute(newest).first()
    return ModelVersion(row.model, row.model_version) if row else chosen
