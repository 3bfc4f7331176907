"""The last batches of jobs."""

from typing import Any

from sqlalchemy import Engine, delete, select

from adapters.sql.engine import reading, writing
from adapters.sql.listing import Listing
from adapters.sql.statements import upsert
from adapters.sql.tables import job_batch
from application.ports.batches import KEPT_BATCHES, Batch
from application.ports.page import Page, Window

_NEWEST_FIRST = Listing("batches", job_batch, job_batch.c.started_at, (job_batch.c.job, job_batch.c.batch_id))
_FIELDS = tuple(column.name for column in job_batch.columns)


class SqlBatches:
    """See application.ports.batches.BatchLog. A job's batches are noted by that job alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, batch: Batch) -> None:
        """Keep a batch, in the place of one with the same job and number, and forget the oldest."""
        of_job = job_batch.c.job == batch.job
        times = select(job_batch.c.started_at).where(of_job).order_by(job_batch.c.started_at.desc())
        with writing(self._engine) as connection:
            upsert(connection, job_batch, [{field: getattr(batch, field) for field in _FIELDS}])
            oldest = connection.scalar(times.offset(KEPT_BATCHES - 1).limit(1))
            if oldest is not None:
                connection.execute(delete(job_batch).where(of_job, job_batch.c.started_at < oldest))

    def batches(self, window: Window) -> Page[Batch]:
        """Newest first by when they began."""
        with reading(self._engine) as connection:
            return _NEWEST_FIRST.page(connection, select(job_batch), window, _to_batch)


def _to_batch(row: Any) -> Batch:
    return Batch(**{field: getattr(row, field) for field in _FIELDS})
