"""What the processes of the cluster report of themselves."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, delete, select

from adapters.sql.engine import reading, writing
from adapters.sql.statements import upsert
from adapters.sql.tables import process_report as table
from application.ports.process_reports import ProcessReport
from application.progress import PartState
from domain.values import parse_time, rfc3339

_KEPT = timedelta(hours=1)


class SqlProcessReports:
    """See application.ports.process_reports.ProcessReports."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, report: ProcessReport) -> None:
        """Keep a report in the place of the same process's last one; those of its name from long ago are forgotten."""
        parts = {name: _row_of(part) for name, part in report.parts.items()}
        row: dict[str, object] = {
            "name": report.name,
            "instance": report.instance,
            "version": report.version,
            "started_at": report.started_at,
            "at": report.at,
            "parts": json.dumps(parts),
        }
        with writing(self._engine) as connection:
            upsert(connection, table, [row])
            connection.execute(delete(table).where(table.c.name == report.name, table.c.at < report.at - _KEPT))

    def reports(self) -> Sequence[ProcessReport]:
        """The last report of each process, in no order."""
        with reading(self._engine) as connection:
            return [_report(row) for row in connection.execute(select(table))]


def _row_of(part: PartState) -> dict[str, object]:
    return {
        "status": part.status,
        "detail": part.detail,
        "since": part.since and rfc3339(part.since),
        "restarts": part.restarts,
        "behind": part.behind,
    }


def _report(row: Any) -> ProcessReport:
    parts = {
        name: PartState(
            status=part["status"],
            detail=part["detail"],
            since=part["since"] and parse_time(part["since"]),
            restarts=part["restarts"],
            behind=part["behind"],
        )
        for name, part in json.loads(row.parts).items()
    }
    return ProcessReport(
        name=row.name, instance=row.instance, version=row.version, started_at=row.started_at, at=row.at, parts=parts
    )
