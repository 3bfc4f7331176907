"""All tables, on SQLite, PostgreSQL and TimescaleDB.

The types stand here for themselves, not in adapters/sql: a migration stays what it was when the code moves on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
PROSE = sa.Text()
TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
DECIMAL = sa.Text().with_variant(sa.Numeric(38, 18), "postgresql")
WIDE_DECIMAL = sa.Text().with_variant(sa.Numeric(), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Time column and length of a chunk in days.
HYPERTABLES = {
    "ticker_data": ("timestamp", 1),
    "trade_data": ("timestamp", 1),
    "candle_data": ("start", 30),
    "article_data": ("occurred_at", 30),
    "prediction_data": ("target_at", 30),
    "sentiment_data": ("timestamp", 30),
    "alert_data": ("timestamp", 30),
}


def not_null(kind, *names):
    return [sa.Column(name, kind, nullable=False) for name in names]


def nullable(kind, *names):
    return [sa.Column(name, kind, nullable=True) for name in names]


def has_timescaledb():
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return False
    # Only a server that loads the extension at its start knows this setting; any other ends the connection on CREATE.
    if bind.scalar(sa.text("SELECT current_setting('timescaledb.max_background_workers', true)")) is not None:
        op.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    return bind.scalar(sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'")) == 1


def upgrade():
    timescaledb = has_timescaledb()

    def key(table, *columns):
        # A hypertable's unique keys must hold its time column.
        time = HYPERTABLES.get(table, (None,))[0]
        missing = [time] if timescaledb and time and time not in columns else []
        return sa.PrimaryKeyConstraint(*columns, *missing, name=f"{table}_pkey")

    op.create_table(
        "ticker_data",
        *not_null(NAME, "pair"),
        *not_null(TIME, "timestamp"),
        *not_null(NAME, "event_id", "venue"),
        *not_null(DECIMAL, "last", "bid", "bid_qty", "ask", "ask_qty", "volume_24h", "vwap_24h", "low_24h", "high_24h"),
        *not_null(DECIMAL, "change_24h", "pct_change"),
        *nullable(NAME, "frame_hash"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "origin"),
        key("ticker_data", "pair", "timestamp", "event_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trade_data",
        *not_null(NAME, "pair"),
        sa.Column("trade_id", sa.BigInteger, nullable=False, autoincrement=False),
        *not_null(TIME, "timestamp"),
        *not_null(DECIMAL, "price", "volume"),
        *nullable(NAME, "side", "order_type"),
        *not_null(NAME, "venue", "event_id"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "origin"),
        key("trade_data", "pair", "trade_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("trade_data_by_time", "trade_data", ["pair", "timestamp", "trade_id"])
    op.create_table(
        "candle_data",
        *not_null(NAME, "pair", "interval"),
        *not_null(TIME, "start"),
        *not_null(DECIMAL, "open", "high", "low", "close", "volume"),
        *nullable(WIDE_DECIMAL, "turnover", "vwap"),
        *not_null(sa.BigInteger, "trades"),
        *not_null(TIME, "opened_at"),
        *not_null(sa.BigInteger, "opened_id"),
        *not_null(TIME, "closed_at"),
        *not_null(sa.BigInteger, "closed_id"),
        *not_null(sa.SmallInteger, "source"),
        *not_null(sa.BigInteger, "touched"),
        *not_null(sa.Integer, "touched_nth"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "origin"),
        key("candle_data", "pair", "interval", "start"),
        sqlite_with_rowid=False,
    )
    op.create_index("candle_data_by_touch", "candle_data", ["touched", "touched_nth"])
    op.create_table(
        "article_data",
        *not_null(NAME, "article_id", "event_id", "source", "guid", "url"),
        *not_null(PROSE, "title", "summary", "content"),
        *not_null(JSON, "authors", "tags"),
        *not_null(TIME, "occurred_at"),
        *nullable(TIME, "published_at"),
        *not_null(TIME, "scraped_at"),
        *not_null(NAME, "extracted_by"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "origin"),
        key("article_data", "article_id"),
    )
    op.create_index("article_data_by_time", "article_data", ["occurred_at", "article_id"])
    op.create_table(
        "article_tag",
        *not_null(NAME, "tag"),
        *not_null(TIME, "occurred_at"),
        *not_null(NAME, "article_id"),
        key("article_tag", "tag", "occurred_at", "article_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sentiment_data",
        *not_null(NAME, "article_id", "model", "model_version", "event_id", "article_event_id"),
        *not_null(DECIMAL, "score"),
        *not_null(NAME, "label"),
        *not_null(TIME, "timestamp", "recorded_at"),
        *not_null(NAME, "origin"),
        key("sentiment_data", "article_id", "model", "model_version"),
    )
    op.create_index("sentiment_data_by_time", "sentiment_data", ["timestamp"])
    op.create_table(
        "prediction_data",
        *not_null(NAME, "event_id"),
        *not_null(TIME, "target_at"),
        *not_null(NAME, "pair"),
        *not_null(sa.BigInteger, "horizon_s"),
        *not_null(TIME, "issued_at"),
        *not_null(DECIMAL, "price", "lower", "upper", "level"),
        *not_null(NAME, "model", "served_because"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "origin"),
        key("prediction_data", "event_id", "target_at"),
    )
    op.create_index("prediction_data_by_pair", "prediction_data", ["pair", "target_at"])
    op.create_table(
        "forecast_score",
        *not_null(NAME, "forecast_event_id", "pair"),
        *not_null(sa.BigInteger, "horizon_s"),
        *not_null(NAME, "model"),
        *not_null(DECIMAL, "actual", "naive"),
        *not_null(sa.Boolean(create_constraint=False), "inside"),
        *not_null(TIME, "timestamp", "recorded_at"),
        *not_null(NAME, "origin"),
        key("forecast_score", "forecast_event_id"),
    )
    op.create_index("forecast_score_by_pair", "forecast_score", ["pair", "horizon_s", "timestamp"])
    op.create_table(
        "alert_data",
        *not_null(NAME, "alert_id", "event_id", "rule_id", "pair", "kind"),
        *not_null(DECIMAL, "pct_change", "price", "reference_price"),
        *not_null(sa.BigInteger, "window_s"),
        *not_null(TIME, "timestamp"),
        *not_null(NAME, "status"),
        *nullable(TIME, "silenced_until"),
        *not_null(sa.BigInteger, "version"),
        *not_null(TIME, "changed_at", "recorded_at"),
        *not_null(NAME, "origin"),
        key("alert_data", "alert_id"),
    )
    op.create_index("alert_data_by_time", "alert_data", ["timestamp", "alert_id"])
    op.create_table(
        "feed_data",
        *not_null(NAME, "name", "kind", "state"),
        *not_null(TIME, "since"),
        *nullable(TIME, "last_message_at"),
        *not_null(sa.BigInteger, "gaps", "backfilled"),
        *not_null(JSON, "open_runs", "history_runs"),
        *nullable(NAME, "error"),
        *nullable(TIME, "next_try_at"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "origin"),
        key("feed_data", "name"),
    )
    op.create_table(
        "feed_event",
        sa.Column("position", POSITION, primary_key=True, autoincrement=True),
        *not_null(NAME, "event_id", "feed", "name"),
        *not_null(sa.SmallInteger, "event_version"),
        *not_null(TIME, "occurred_at", "recorded_at"),
        *not_null(NAME, "origin", "payload"),
        sa.UniqueConstraint("event_id", name="feed_event_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "event_store",
        sa.Column("position", POSITION, primary_key=True, autoincrement=True),
        *not_null(NAME, "stream"),
        *not_null(sa.BigInteger, "version"),
        *not_null(NAME, "event_id", "name"),
        *not_null(sa.SmallInteger, "event_version"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "origin", "payload"),
        sa.UniqueConstraint("stream", "version", name="event_store_stream_version"),
        sqlite_autoincrement=True,
    )
    op.create_table("checkpoint", *not_null(NAME, "reader", "cursor", "state"), key("checkpoint", "reader"))
    op.create_table(
        "dead_letter",
        *not_null(NAME, "letter_id", "event_id", "kind", "place", "reason"),
        *not_null(sa.LargeBinary, "raw"),
        *nullable(sa.BigInteger, "partition", "offset"),
        *not_null(TIME, "occurred_at", "recorded_at"),
        *not_null(NAME, "origin"),
        key("dead_letter", "letter_id"),
    )
    op.create_index("dead_letter_by_time", "dead_letter", ["recorded_at", "letter_id"])
    op.create_table(
        "dead_letter_settlement",
        *not_null(NAME, "letter_id", "outcome"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "origin"),
        key("dead_letter_settlement", "letter_id"),
    )
    if timescaledb:
        make_hypertables()


def make_hypertables():
    for table, (column, days) in HYPERTABLES.items():
        op.execute(
            f"SELECT create_hypertable('{table}', by_range('{column}', INTERVAL '{days} days'),"
            " create_default_indexes => FALSE)"
        )


def downgrade():
    for table in (
        "dead_letter_settlement", "dead_letter", "checkpoint", "event_store", "feed_event", "feed_data", "alert_data",
        "forecast_score", "prediction_data", "sentiment_data", "article_tag", "article_data", "candle_data",
        "trade_data", "ticker_data",
    ):  # fmt: skip
        op.drop_table(table)
