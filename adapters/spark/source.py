"""The log as Spark reads it: Kafka's records as they are."""

from collections.abc import Collection

from pyspark.sql import DataFrame, SparkSession

from adapters.spark.config import JobConfig


def read_log(session: SparkSession, config: JobConfig, topics: Collection[str]) -> DataFrame:
    """A stream of `topics` from their beginning, or from where the query's checkpoint ends: topic, partition, offset, value.

    Records that were deleted before they were read stop the query (failOnDataLoss): nothing is ever left out in silence.
    """
    options = {
        "kafka.bootstrap.servers": config.bootstrap_servers,
        "subscribe": ",".join(topics),
        "startingOffsets": "earliest",
        "failOnDataLoss": "true",
        "maxOffsetsPerTrigger": str(config.records_at_once),
        "groupIdPrefix": f"cryptoviz-{config.name}",
        # An unreachable broker is noticed in seconds; the query is then started again until it answers.
        "kafka.request.timeout.ms": "10000",
        "kafka.default.api.timeout.ms": "15000",
        "kafkaConsumer.pollTimeoutMs": "15000",
        "fetchOffset.numRetries": "1",
        "kafka.isolation.level": "read_committed",
        "kafka.max.poll.records": "5000",
        "kafka.fetch.max.bytes": str(64 * 1024 * 1024),
        "kafka.max.partition.fetch.bytes": str(8 * 1024 * 1024),
    }
    stream = session.readStream.format("kafka").options(**options).load()
    return stream.select("topic", "partition", "offset", "value")
