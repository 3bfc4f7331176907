"""Everything is wired here, once: what uses what. The two profiles differ in the log and the database alone.

A session is one source with its data directory. The API outlives sessions (the simulator's gives way to Kraken's), so
it asks for the present one's services at each request.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from dependency_injector import containers, providers
from sqlalchemy import Engine

from adapters.embedded.data_directory import HOUSE_FILE, DataDirectory
from adapters.embedded.disk import DirectoryUsage
from adapters.embedded.event_log import SqliteEventLog
from adapters.embedded.file_watch import FileWatch
from adapters.embedded.log_inspection import SqliteLogInspection
from adapters.embedded.schema_listing import SqliteSchemaListing
from adapters.forecasting.models import SERVED
from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.log_inspection import KafkaLogInspection
from adapters.kafka.schema_listing import RegistrySchemaListing
from adapters.kafka.schema_registry import RegistrySchemaIds
from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.sentiment.models import sentiment_model
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.batches import SqlBatches
from adapters.sql.checkpoints import SqlCheckpointReads
from adapters.sql.dead_letter_reads import SqlDeadLetterReads
from adapters.sql.deliveries import SqlDeliveryReads
from adapters.sql.engine import create_engine
from adapters.sql.forecast_reads import SqlForecastReads
from adapters.sql.generations import SqliteGenerations
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.news_reads import SqlNewsReads
from adapters.sql.process_reports import SqlProcessReports
from adapters.sql.retention import SqlExpiry
from adapters.sql.schema_generation import SchemaGenerations
from adapters.sql.sentiment_reads import SqlSentimentReads
from adapters.sql.storage_report import SqlStorageReport
from adapters.sql.store import SqlStore
from adapters.sql.stream_reads import SqlStreamReads
from adapters.system.clock import SystemClock
from application.alerting.channels import Channels
from application.alerting.commands import AlertCommands, no_channels
from application.alerting.deliveries import DeliveryCommands
from application.alerting.notify import Notifying
from application.alerting.preview import RulePreview
from application.alerting.relay import Relay
from application.alerting.watch import AlertWatch
from application.analytics.backtest.backtests import Backtests
from application.analytics.forecasting import Forecasting
from application.analytics.market_statistics import MarketStatistics
from application.analytics.news_price import NewsPrice
from application.analytics.sentiment import SentimentScoring
from application.failed_records import FailedRecords
from application.health import Board
from application.market.collect import MarketCollector
from application.market.inbox import Inbox
from application.market.record_log import LogWriter
from application.operations.room import Rooms
from application.operations.storage import Storage
from application.operations.topics import Topics, consumers_in_cluster, consumers_in_one_process
from application.ports.event_log import EventLog
from application.ports.log_inspection import LogInspection
from application.ports.schema_listing import SchemaListing
from application.rebuild import Rebuild
from application.retention import KEPT, NOTHING_EXPIRES, LogRetention, Retention
from application.store import StoreProjection
from application.tables_up_to import TablesUpTo
from application.watched_log import WatchedLog
from entrypoints.api.operations import Operations
from entrypoints.data_files import DataFiles
from entrypoints.settings import Settings
from entrypoints.source import Source

ESSENTIAL = frozenset({"database", "store", "log-writer"})
"""The parts without which the API cannot serve."""


def _kept(settings: Settings, source: Source) -> Mapping[str, timedelta]:
    """How long rows stay. A recording's are as old as they were from the first day on: they are not deleted for that."""
    return NOTHING_EXPIRES if settings.keeps_everything or source.recording else KEPT


def _databases(own: Engine, house: Engine | None) -> Sequence[Engine]:
    return (own, house) if house else (own,)


def _data_files_of(directory: DataDirectory, settings: Settings) -> Sequence[Path]:
    house = settings.data_dir / HOUSE_FILE
    return (*directory.files, house) if house.exists() else directory.files


def _wholeness(event_log: SqliteEventLog | KafkaEventLog) -> Callable[[], bool]:
    """Whether the log has all that it was ever given; Kafka deletes records by its own retention."""
    return lambda: isinstance(event_log, SqliteEventLog) and event_log.is_whole


def _channel_check(channels: Channels | None) -> Callable[[Collection[str]], None]:
    return channels.must_be_there if channels else no_channels


def _watched(event_log: EventLog, board: Board, part: str) -> WatchedLog:
    """Return the log as a part reads it, which reports how far it has come."""
    return WatchedLog(event_log, board.progress(part))


class SessionContainer(containers.DeclarativeContainer):
    """One source's log, store and use cases. What reaches outside (feeds, simulator) is added by `session.py`.

    Everything that a use case needs is given when the container is made; no provider is configured by its first caller.
    `channels` are the notification channels (None: nobody is notified), `house_engine` the database of the house where
    it is another one than the session's, `changed` is called after each command on alerts.
    """

    settings = providers.Dependency(instance_of=Settings)
    source = providers.Dependency(instance_of=Source)
    telemetry = providers.Dependency(instance_of=PrometheusTelemetry)
    channels: providers.Provider[Channels | None] = providers.Object(None)
    house_engine: providers.Provider[Engine | None] = providers.Object(None)
    clock = providers.Singleton(SystemClock)
    board = providers.Singleton(Board, clock, essential=ESSENTIAL)

    directory = providers.Singleton(
        DataDirectory, settings.provided.data_dir, origin=source.provided.origin, recording=source.provided.recording
    )
    schema_ids = providers.Singleton(RegistrySchemaIds, settings.provided.schema_registry_url)
    kafka = providers.Singleton(
        KafkaConfig, bootstrap_servers=settings.provided.kafka_bootstrap_servers, pairs=settings.provided.pairs
    )
    event_log: providers.Provider[SqliteEventLog | KafkaEventLog] = providers.Selector(
        settings.provided.profile,
        embedded=providers.Singleton(SqliteEventLog, directory.provided.log_file, clock=clock),
        cluster=providers.Singleton(KafkaEventLog, kafka, schema_ids, clock),
    )
    engine: providers.Provider[Engine] = providers.Selector(
        settings.provided.profile,
        embedded=providers.Singleton(create_engine, directory.provided.store_url),
        cluster=providers.Singleton(create_engine, settings.provided.database_url),
    )
    store = providers.Singleton(SqlStore, engine)
    market_reads = providers.Singleton(SqlMarketReads, engine)
    sentiment_model = providers.Singleton(sentiment_model, settings.provided.sentiment_model)
    news_reads = providers.Singleton(SqlNewsReads, engine, sentiment_model.provided.identity)
    sentiment_reads = providers.Singleton(SqlSentimentReads, engine, sentiment_model.provided.identity)
    alert_reads = providers.Singleton(SqlAlertReads, engine)
    delivery_reads = providers.Singleton(SqlDeliveryReads, engine)
    forecast_reads = providers.Singleton(SqlForecastReads, engine)
    dead_letter_reads = providers.Singleton(SqlDeadLetterReads, engine)

    inbox = providers.Singleton(Inbox, telemetry)
    log_writer = providers.Singleton(LogWriter, inbox, event_log, telemetry, board.provided.progress.call("log-writer"))
    collector = providers.Singleton(MarketCollector, inbox, market_reads, telemetry)
    projection = providers.Singleton(
        StoreProjection, providers.Callable(_watched, event_log, board, "store"), store, clock, telemetry,
        origin=source.provided.origin,
    )  # fmt: skip
    log_consumers = providers.Selector(
        settings.provided.profile,
        embedded=providers.Callable(consumers_in_one_process, sentiment_model),
        cluster=providers.Callable(consumers_in_cluster),
    )
    data_files = providers.Singleton(
        DataFiles, directory, clock, telemetry, origin=source.provided.origin, readers=log_consumers
    )
    generations = providers.Selector(
        settings.provided.profile,
        embedded=providers.Singleton(SqliteGenerations, engine),
        cluster=providers.Singleton(SchemaGenerations, engine),
    )
    rebuild = providers.Singleton(
        Rebuild, event_log, generations, clock, telemetry,
        origin=source.provided.origin, log_is_whole=providers.Callable(_wholeness, event_log),
    )  # fmt: skip
    retention = providers.Singleton(
        Retention, providers.Singleton(SqlExpiry, engine), clock, telemetry,
        kept=providers.Callable(_kept, settings, source),
        log_retention=providers.Selector(
            settings.provided.profile,
            embedded=providers.Singleton(
                LogRetention, event_log, providers.Singleton(SqlCheckpointReads, engine), log_consumers, clock
            ),
            cluster=providers.Object(None),
        ),
    )  # fmt: skip
    failed_records = providers.Singleton(FailedRecords, event_log, clock, telemetry, origin=source.provided.origin)
    relay = providers.Singleton(Relay, event_log, store, failed_records, clock)
    changed: providers.Provider[Callable[[], None]] = relay.provided.wake
    alert_watch = providers.Singleton(
        AlertWatch, providers.Callable(_watched, event_log, board, "alerting"), store, market_reads, news_reads, forecast_reads, clock, telemetry,
        origin=source.provided.origin, raised=relay.provided.wake,
    )  # fmt: skip
    delivery_commands = providers.Singleton(DeliveryCommands, store, clock)
    notifying = providers.Singleton(
        Notifying, providers.Callable(_watched, event_log, board, "notifying"), store, delivery_reads, channels, clock,
        telemetry, failed_records,
    )  # fmt: skip
    sentiment_scoring = providers.Singleton(
        SentimentScoring, providers.Callable(_watched, event_log, board, "sentiment"), store, sentiment_model,
        failed_records, clock,
    )  # fmt: skip
    forecasting = providers.Singleton(
        Forecasting,
        event_log,
        store,
        market_reads,
        clock,
        providers.Object(SERVED),
        failed_records,
        origin=source.provided.origin,
    )
    news_price = providers.Factory(NewsPrice, market_reads, news_reads, clock, pairs=settings.provided.pairs)
    statistics = providers.Factory(MarketStatistics, market_reads, clock, pairs=settings.provided.pairs)
    backtests = providers.Singleton(Backtests, market_reads, sentiment_reads, clock, providers.Object(SERVED))
    rule_preview = providers.Factory(
        RulePreview, market_reads, news_reads, forecast_reads, clock,
        origin=source.provided.origin, pairs=settings.provided.pairs,
    )  # fmt: skip
    alert_commands = providers.Singleton(
        AlertCommands, store, alert_reads, clock,
        origin=source.provided.origin, changed=changed, check_channels=providers.Callable(_channel_check, channels),
    )  # fmt: skip

    databases = providers.Callable(_databases, engine, house_engine)
    batches = providers.Singleton(SqlBatches, engine)
    process_reports = providers.Singleton(SqlProcessReports, engine)
    log_inspection: providers.Provider[LogInspection] = providers.Selector(
        settings.provided.profile,
        embedded=providers.Singleton(SqliteLogInspection, event_log),
        cluster=providers.Singleton(KafkaLogInspection, kafka),
    )
    checkpoint_reads = providers.Singleton(SqlCheckpointReads, engine)
    topics = providers.Singleton(Topics, log_inspection, checkpoint_reads, log_consumers)
    tables_up_to = providers.Singleton(TablesUpTo, event_log, log_inspection, checkpoint_reads, clock)
    schemas: providers.Provider[SchemaListing] = providers.Selector(
        settings.provided.profile,
        embedded=providers.Singleton(SqliteSchemaListing, event_log),
        cluster=providers.Singleton(RegistrySchemaListing, settings.provided.schema_registry_url),
    )
    storage = providers.Singleton(
        Storage, providers.Singleton(SqlStorageReport, databases), clock,
        kept=providers.Callable(_kept, settings, source),
        disk=providers.Selector(
            settings.provided.profile,
            embedded=providers.Singleton(DirectoryUsage, directory),
            cluster=providers.Object(None),
        ),
    )  # fmt: skip
    rooms = providers.Singleton(
        Rooms, providers.Singleton(DirectoryUsage, directory), providers.Singleton(SqlStorageReport, databases),
        event_log, clock,
    )  # fmt: skip
    file_watch = providers.Singleton(FileWatch, providers.Callable(_data_files_of, directory, settings))
    operations = providers.Singleton(
        Operations,
        topics=topics,
        schemas=schemas,
        streams=providers.Singleton(SqlStreamReads, databases),
        storage=storage,
        batches=batches,
    )
