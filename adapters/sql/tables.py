"""The tables. Columns are named as the topics' fields; an event's `occurred_at` is `timestamp` where the topic says so.

`alembic/` makes the same tables on SQLite, PostgreSQL and TimescaleDB; a test holds the two together. On TimescaleDB the
primary key of a hypertable also holds its time column: there it is the writers who see that a trade, an article, a score
or an alert is one by the other columns alone, whatever its time.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    true,
)

from adapters.sql.columns import (
    JSON_TEXT,
    POSITION,
    decimal,
    metadata,
    prose,
    text,
    text_or_null,
    time,
    time_or_null,
    whole,
)
from adapters.sql.house_tables import HOUSE
from adapters.sql.types import ExactDecimal

ticker_data = Table(
    "ticker_data",
    metadata,
    text("pair", key=True),
    time("timestamp", key=True),
    text("event_id", key=True),
    text("venue"),
    decimal("last"),
    decimal("bid"),
    decimal("bid_qty"),
    decimal("ask"),
    decimal("ask_qty"),
    decimal("volume_24h"),
    decimal("vwap_24h"),
    decimal("low_24h"),
    decimal("high_24h"),
    decimal("change_24h"),
    decimal("pct_change"),
    text_or_null("frame_hash"),
    time("recorded_at"),
    text("origin"),
    sqlite_with_rowid=False,
)

# Without a rowid the rows lie in the key's own tree: one tree less to write on the hottest path.
trade_data = Table(
    "trade_data",
    metadata,
    text("pair", key=True),
    Column("trade_id", BigInteger, primary_key=True, autoincrement=False, nullable=False),
    time("timestamp"),
    decimal("price"),
    decimal("volume"),
    text_or_null("side"),
    text_or_null("order_type"),
    text("venue"),
    text("event_id"),
    time("recorded_at"),
    text("origin"),
    Index("trade_data_by_time", "pair", "timestamp", "trade_id"),
    sqlite_with_rowid=False,
)

candle_data = Table(
    "candle_data",
    metadata,
    text("pair", key=True),
    text("interval", key=True),
    time("start", key=True),
    decimal("open"),
    decimal("high"),
    decimal("low"),
    decimal("close"),
    decimal("volume"),
    decimal("buy_volume"),
    decimal("sell_volume"),
    Column("turnover", ExactDecimal(wide=True, nullable=True), nullable=True),
    Column("vwap", ExactDecimal(wide=True, nullable=True), nullable=True),
    whole("trades"),
    time("opened_at"),
    whole("opened_id"),
    time("closed_at"),
    whole("closed_id"),
    Column("source", SmallInteger, nullable=False),
    whole("touched"),  # the transaction that wrote it last, and which of its candles this is: see touches.py
    Column("touched_nth", Integer, nullable=False),
    time("recorded_at"),
    text("origin"),
    Index("candle_data_by_touch", "touched", "touched_nth"),
    sqlite_with_rowid=False,
)

# The venue's own candles that are not, or no longer, those of candle_data: what was known before trades said more.
replaced_candle = Table(
    "replaced_candle",
    metadata,
    text("pair", key=True),
    text("interval", key=True),
    time("start", key=True),
    time("recorded_at", key=True),
    decimal("open"),
    decimal("high"),
    decimal("low"),
    decimal("close"),
    decimal("volume"),
    decimal("buy_volume"),
    decimal("sell_volume"),
    Column("turnover", ExactDecimal(wide=True, nullable=True), nullable=True),
    whole("trades"),
    time("opened_at"),
    whole("opened_id"),
    time("closed_at"),
    whole("closed_id"),
    Column("source", SmallInteger, nullable=False),
    text("origin"),
    sqlite_with_rowid=False,
)

article_data = Table(
    "article_data",
    metadata,
    text("article_id", key=True),  # short: a guid may be longer than PostgreSQL allows in an index
    text("event_id"),
    text("source"),
    text("guid"),
    text("url"),
    prose("title"),
    prose("summary"),
    prose("content"),
    Column("authors", JSON_TEXT, nullable=False),
    Column("tags", JSON_TEXT, nullable=False),
    time("occurred_at"),
    time_or_null("published_at"),
    time("scraped_at"),
    text("extracted_by"),
    time("recorded_at"),
    text("origin"),
    # Of a later version of an article; null in the first. Each version is a row, and the last has not been superseded.
    text_or_null("first_id"),
    text_or_null("event"),
    Column("revision", BigInteger, nullable=True),
    time_or_null("first_recorded_at"),
    time_or_null("superseded_at"),
    Index("article_data_by_time", "occurred_at", "article_id"),
    Index("article_data_by_recording", "recorded_at", "article_id"),
    Index("article_data_by_first", "first_id"),
)

article_tag = Table(
    "article_tag",
    metadata,
    text("tag", key=True),  # in lower case
    time("occurred_at", key=True),
    text("article_id", key=True),
    sqlite_with_rowid=False,
)

sentiment_data = Table(
    "sentiment_data",
    metadata,
    text("article_id", key=True),
    text("model", key=True),
    text("model_version", key=True),
    text("event_id"),
    text("article_event_id"),
    decimal("score"),
    text("label"),
    time("timestamp"),
    time("recorded_at"),
    text("origin"),
    Index("sentiment_data_by_time", "timestamp"),
    Index("sentiment_data_by_recording", "recorded_at"),
)

prediction_data = Table(
    "prediction_data",
    metadata,
    text("event_id", key=True),
    time("target_at", key=True),  # part of the event id
    text("pair"),
    whole("horizon_s"),
    time("issued_at"),
    decimal("price"),
    decimal("lower"),
    decimal("upper"),
    decimal("level"),
    text("model"),
    text("served_because"),
    Column("served", Boolean(create_constraint=False), nullable=False, server_default=true()),
    time("recorded_at"),
    text("origin"),
    Index("prediction_data_by_time", "issued_at", "event_id"),
    Index("prediction_data_by_pair", "pair", "issued_at", "event_id"),
    Index("prediction_data_by_horizon", "pair", "horizon_s", "issued_at", "event_id"),
)

forecast_score = Table(
    "forecast_score",
    metadata,
    text("forecast_event_id", key=True),
    text("pair"),
    whole("horizon_s"),
    text("model"),
    decimal("actual"),
    decimal("naive"),
    Column("inside", Boolean(create_constraint=False), nullable=False),
    time("timestamp"),
    time("recorded_at"),
    text("origin"),
    Index("forecast_score_by_pair", "pair", "horizon_s", "timestamp"),
)

alert_data = Table(
    "alert_data",
    metadata,
    text("alert_id", key=True),
    text("event_id"),
    text("rule_id"),
    text("pair"),
    text("kind"),
    decimal("pct_change"),
    decimal("price"),
    decimal("reference_price"),
    whole("window_s"),
    Column("observed", ExactDecimal(nullable=True), nullable=True),
    Column("usual", ExactDecimal(nullable=True), nullable=True),
    Column("held_back", BigInteger, nullable=False, server_default="0"),
    time("timestamp"),
    text("status"),
    time_or_null("silenced_until"),
    whole("version"),
    time("changed_at"),  # when its latest event was recorded
    time("recorded_at"),  # when it was raised
    text("origin"),
    Index("alert_data_by_time", "timestamp", "alert_id"),
)

feed_data = Table(
    "feed_data",
    metadata,
    text("name", key=True),
    text("kind"),
    text("state"),
    time("since"),
    time_or_null("last_message_at"),
    whole("gaps"),
    whole("backfilled"),
    Column("open_runs", JSON_TEXT, nullable=False),
    Column("history_runs", JSON_TEXT, nullable=False),
    text_or_null("error"),
    time_or_null("next_try_at"),
    time("recorded_at"),
    text("origin"),
    Column("left_out", BigInteger, nullable=True),
)

feed_event = Table(
    "feed_event",
    metadata,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    text("event_id"),
    text("feed"),
    text("name"),
    Column("event_version", SmallInteger, nullable=False),
    time("occurred_at"),
    time("recorded_at"),
    text("origin"),
    text("payload"),
    UniqueConstraint("event_id", name="feed_event_event_id"),
    sqlite_autoincrement=True,
)

event_store = Table(
    "event_store",
    metadata,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    text("stream"),
    whole("version"),
    text("event_id"),
    text("name"),
    Column("event_version", SmallInteger, nullable=False),
    time("recorded_at"),
    text("origin"),
    text("payload"),
    UniqueConstraint("stream", "version", name="event_store_stream_version"),
    sqlite_autoincrement=True,
)

checkpoint = Table("checkpoint", metadata, text("reader", key=True), text("cursor"), text("state"))

dead_letter = Table(
    "dead_letter",
    metadata,
    text("letter_id", key=True),
    text("event_id"),
    text("kind"),
    text("place"),
    text("reason"),
    Column("raw", LargeBinary, nullable=False),
    Column("partition", BigInteger, nullable=True),
    Column("offset", BigInteger, nullable=True),
    text_or_null("reader"),
    text_or_null("location"),
    time("occurred_at"),
    time("recorded_at"),
    text("origin"),
    Index("dead_letter_by_time", "recorded_at", "letter_id"),
)

# Apart from the letters: in a log with partitions the settlement may be read before the letter.
dead_letter_settlement = Table(
    "dead_letter_settlement",
    metadata,
    text("letter_id", key=True),
    text("outcome"),
    time("recorded_at"),
    text("origin"),
)

# What became of each alert on its way to a channel is known from nowhere else: no rebuild makes these rows again.
delivery = Table(
    "delivery",
    metadata,
    text("alert_id", key=True),
    text("channel_id", key=True),
    text("state"),
    whole("attempts"),
    text_or_null("last_error"),
    time_or_null("next_try_at"),
    time("created_at"),
    time_or_null("sent_at"),
    Index("delivery_by_time", "created_at", "alert_id", "channel_id"),
    Index("delivery_by_turn", "state", "next_try_at", "channel_id"),
)

channel_secret = Table("channel_secret", metadata, text("channel_id", key=True), text("secret"))

# What the Spark jobs did last: to be looked at, not to go on from.
job_batch = Table(
    "job_batch",
    metadata,
    text("job", key=True),
    Column("batch_id", BigInteger, primary_key=True, autoincrement=False, nullable=False),
    time("started_at"),
    whole("duration_ms"),
    whole("rows"),
    Index("job_batch_by_time", "started_at", "job", "batch_id"),
)

# How each process of the cluster was when it reported last: `parts` is JSON.
process_report = Table(
    "process_report",
    metadata,
    text("name", key=True),
    text("instance", key=True),
    text("version"),
    time("started_at"),
    time("at"),
    text("parts"),
)

_NO_READ_MODELS = (event_store, checkpoint, delivery, channel_secret, job_batch, process_report, *HOUSE)
READ_MODELS = [table for table in metadata.sorted_tables if table not in _NO_READ_MODELS]
