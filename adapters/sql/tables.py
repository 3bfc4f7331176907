"""The tables. Columns are named as the topics' fields; an event's `occurred_at` is `timestamp` where the topic says so.

`alembic/` makes the same tables on SQLite, PostgreSQL and TimescaleDB; a test holds the two together. On TimescaleDB the
primary key of a hypertable also holds its time column: there it is the writers who see that a trade, an article, a score
or an alert is one by the other columns alone, whatever its time.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.sql.types import ExactDecimal, SoundText, UtcTime

metadata = MetaData()

_JSON = JSON().with_variant(JSONB(), "postgresql")
_POSITION = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up INTEGER keys only


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, SoundText(), primary_key=key, nullable=False)


def _prose(name: str) -> Column[str]:
    return Column(name, SoundText(prose=True), nullable=False)


def _text_or_null(name: str) -> Column[str]:
    return Column(name, SoundText(), nullable=True)


def _time(name: str, *, key: bool = False) -> Column[object]:
    return Column(name, UtcTime(), primary_key=key, nullable=False)


def _time_or_null(name: str) -> Column[object]:
    return Column(name, UtcTime(nullable=True), nullable=True)


def _decimal(name: str) -> Column[object]:
    return Column(name, ExactDecimal(), nullable=False)


def _int(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


ticker_data = Table(
    "ticker_data",
    metadata,
    _text("pair", key=True),
    _time("timestamp", key=True),
    _text("event_id", key=True),
    _text("venue"),
    _decimal("last"),
    _decimal("bid"),
    _decimal("bid_qty"),
    _decimal("ask"),
    _decimal("ask_qty"),
    _decimal("volume_24h"),
    _decimal("vwap_24h"),
    _decimal("low_24h"),
    _decimal("high_24h"),
    _decimal("change_24h"),
    _decimal("pct_change"),
    _text_or_null("frame_hash"),
    _time("recorded_at"),
    _text("origin"),
    sqlite_with_rowid=False,
)

# Without a rowid the rows lie in the key's own tree: one tree less to write on the hottest path.
trade_data = Table(
    "trade_data",
    metadata,
    _text("pair", key=True),
    Column("trade_id", BigInteger, primary_key=True, autoincrement=False, nullable=False),
    _time("timestamp"),
    _decimal("price"),
    _decimal("volume"),
    _text_or_null("side"),
    _text_or_null("order_type"),
    _text("venue"),
    _text("event_id"),
    _time("recorded_at"),
    _text("origin"),
    Index("trade_data_by_time", "pair", "timestamp", "trade_id"),
    sqlite_with_rowid=False,
)

candle_data = Table(
    "candle_data",
    metadata,
    _text("pair", key=True),
    _text("interval", key=True),
    _time("start", key=True),
    _decimal("open"),
    _decimal("high"),
    _decimal("low"),
    _decimal("close"),
    _decimal("volume"),
    _decimal("buy_volume"),
    _decimal("sell_volume"),
    Column("turnover", ExactDecimal(wide=True, nullable=True), nullable=True),
    Column("vwap", ExactDecimal(wide=True, nullable=True), nullable=True),
    _int("trades"),
    _time("opened_at"),
    _int("opened_id"),
    _time("closed_at"),
    _int("closed_id"),
    Column("source", SmallInteger, nullable=False),
    _int("touched"),  # the transaction that wrote it last, and which of its candles this is: see touches.py
    Column("touched_nth", Integer, nullable=False),
    _time("recorded_at"),
    _text("origin"),
    Index("candle_data_by_touch", "touched", "touched_nth"),
    sqlite_with_rowid=False,
)

article_data = Table(
    "article_data",
    metadata,
    _text("article_id", key=True),  # short: a guid may be longer than PostgreSQL allows in an index
    _text("event_id"),
    _text("source"),
    _text("guid"),
    _text("url"),
    _prose("title"),
    _prose("summary"),
    _prose("content"),
    Column("authors", _JSON, nullable=False),
    Column("tags", _JSON, nullable=False),
    _time("occurred_at"),
    _time_or_null("published_at"),
    _time("scraped_at"),
    _text("extracted_by"),
    _time("recorded_at"),
    _text("origin"),
    Index("article_data_by_time", "occurred_at", "article_id"),
    Index("article_data_by_recording", "recorded_at", "article_id"),
)

article_tag = Table(
    "article_tag",
    metadata,
    _text("tag", key=True),  # in lower case
    _time("occurred_at", key=True),
    _text("article_id", key=True),
    sqlite_with_rowid=False,
)

sentiment_data = Table(
    "sentiment_data",
    metadata,
    _text("article_id", key=True),
    _text("model", key=True),
    _text("model_version", key=True),
    _text("event_id"),
    _text("article_event_id"),
    _decimal("score"),
    _text("label"),
    _time("timestamp"),
    _time("recorded_at"),
    _text("origin"),
    Index("sentiment_data_by_time", "timestamp"),
)

prediction_data = Table(
    "prediction_data",
    metadata,
    _text("event_id", key=True),
    _time("target_at", key=True),  # part of the event id
    _text("pair"),
    _int("horizon_s"),
    _time("issued_at"),
    _decimal("price"),
    _decimal("lower"),
    _decimal("upper"),
    _decimal("level"),
    _text("model"),
    _text("served_because"),
    Column("served", Boolean(create_constraint=False), nullable=False, server_default=true()),
    _time("recorded_at"),
    _text("origin"),
    Index("prediction_data_by_time", "issued_at", "event_id"),
    Index("prediction_data_by_pair", "pair", "issued_at", "event_id"),
    Index("prediction_data_by_horizon", "pair", "horizon_s", "issued_at", "event_id"),
)

forecast_score = Table(
    "forecast_score",
    metadata,
    _text("forecast_event_id", key=True),
    _text("pair"),
    _int("horizon_s"),
    _text("model"),
    _decimal("actual"),
    _decimal("naive"),
    Column("inside", Boolean(create_constraint=False), nullable=False),
    _time("timestamp"),
    _time("recorded_at"),
    _text("origin"),
    Index("forecast_score_by_pair", "pair", "horizon_s", "timestamp"),
)

alert_data = Table(
    "alert_data",
    metadata,
    _text("alert_id", key=True),
    _text("event_id"),
    _text("rule_id"),
    _text("pair"),
    _text("kind"),
    _decimal("pct_change"),
    _decimal("price"),
    _decimal("reference_price"),
    _int("window_s"),
    Column("observed", ExactDecimal(nullable=True), nullable=True),
    Column("usual", ExactDecimal(nullable=True), nullable=True),
    _time("timestamp"),
    _text("status"),
    _time_or_null("silenced_until"),
    _int("version"),
    _time("changed_at"),  # when its latest event was recorded
    _time("recorded_at"),  # when it was raised
    _text("origin"),
    Index("alert_data_by_time", "timestamp", "alert_id"),
)

feed_data = Table(
    "feed_data",
    metadata,
    _text("name", key=True),
    _text("kind"),
    _text("state"),
    _time("since"),
    _time_or_null("last_message_at"),
    _int("gaps"),
    _int("backfilled"),
    Column("open_runs", _JSON, nullable=False),
    Column("history_runs", _JSON, nullable=False),
    _text_or_null("error"),
    _time_or_null("next_try_at"),
    _time("recorded_at"),
    _text("origin"),
)

feed_event = Table(
    "feed_event",
    metadata,
    Column("position", _POSITION, primary_key=True, autoincrement=True),
    _text("event_id"),
    _text("feed"),
    _text("name"),
    Column("event_version", SmallInteger, nullable=False),
    _time("occurred_at"),
    _time("recorded_at"),
    _text("origin"),
    _text("payload"),
    UniqueConstraint("event_id", name="feed_event_event_id"),
    sqlite_autoincrement=True,
)

event_store = Table(
    "event_store",
    metadata,
    Column("position", _POSITION, primary_key=True, autoincrement=True),
    _text("stream"),
    _int("version"),
    _text("event_id"),
    _text("name"),
    Column("event_version", SmallInteger, nullable=False),
    _time("recorded_at"),
    _text("origin"),
    _text("payload"),
    UniqueConstraint("stream", "version", name="event_store_stream_version"),
    sqlite_autoincrement=True,
)

checkpoint = Table("checkpoint", metadata, _text("reader", key=True), _text("cursor"), _text("state"))

dead_letter = Table(
    "dead_letter",
    metadata,
    _text("letter_id", key=True),
    _text("event_id"),
    _text("kind"),
    _text("place"),
    _text("reason"),
    Column("raw", LargeBinary, nullable=False),
    Column("partition", BigInteger, nullable=True),
    Column("offset", BigInteger, nullable=True),
    _time("occurred_at"),
    _time("recorded_at"),
    _text("origin"),
    Index("dead_letter_by_time", "recorded_at", "letter_id"),
)

# Apart from the letters: in a log with partitions the settlement may be read before the letter.
dead_letter_settlement = Table(
    "dead_letter_settlement",
    metadata,
    _text("letter_id", key=True),
    _text("outcome"),
    _time("recorded_at"),
    _text("origin"),
)

READ_MODELS = [table for table in metadata.sorted_tables if table not in (event_store, checkpoint)]
