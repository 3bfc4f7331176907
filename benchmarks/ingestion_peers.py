"""What the ingestion is compared with: one psycopg2 process, and Spark's own JDBC append."""

import io
from typing import Any

import psycopg2
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's own examples call it
from pyspark.sql.avro.functions import from_avro
from sqlalchemy import URL

from adapters.sql.copy_rows import trade_csv
from adapters.sql.tables import trade_data
from domain.market.trade import TradeExecuted
from schemas_avro import schema_text

_COLUMNS = ", ".join(f'"{column.name}"' for column in trade_data.columns)


def csv_of(trades: list[TradeExecuted]) -> bytes:
    """Ready-made CSV: making it is not timed."""
    return trade_csv(trades).read()


class CopyOnConflict:
    """COPY into a staging table, INSERT … ON CONFLICT DO NOTHING, commit; one connection."""

    def __init__(self, database: URL) -> None:
        self._connection: Any = psycopg2.connect(
            host=database.host, port=database.port, user=database.username, dbname=database.database,
            passfile=database.query.get("passfile"),
        )  # fmt: skip

    def store(self, csv: bytes) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE staged (LIKE trade_data) ON COMMIT DROP")
            cursor.copy_expert(f"COPY staged ({_COLUMNS}) FROM STDIN (FORMAT csv)", io.BytesIO(csv))
            cursor.execute(f"INSERT INTO trade_data ({_COLUMNS}) SELECT {_COLUMNS} FROM staged ON CONFLICT DO NOTHING")
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()


def jdbc_append(records: DataFrame, database: URL) -> None:
    """The same topic decoded by `from_avro`, appended by Spark's JDBC writer with inserts of many rows: no conflict is seen."""
    trade = from_avro(F.substring("value", 6, 0x7FFFFFFF), schema_text("rawtrade"))
    rows = (
        records.select(trade.alias("trade")).select("trade.*").select(*(column.name for column in trade_data.columns))
    )
    (
        rows.write.format("jdbc")
        .option(
            "url", f"jdbc:postgresql://{database.host}:{database.port}/{database.database}?reWriteBatchedInserts=true"
        )
        .option("driver", "org.postgresql.Driver")
        .option("user", database.username or "")
        .option("password", _password(database))
        .option("dbtable", "trade_data")
        .option("batchsize", "10000")
        .mode("append")
        .save()
    )


def _password(database: URL) -> str:
    """Of the passfile (https://www.postgresql.org/docs/17/libpq-pgpass.html), which JDBC's URL does not name."""
    passfile = database.query.get("passfile")
    if not passfile:
        return database.password or ""
    with open(str(passfile), encoding="utf-8") as file:  # noqa: PTH123 - a name out of a URL
        return file.readline().strip().split(":")[4]
