"""Spark's connectors to Kafka, Avro and PostgreSQL, from Maven Central."""

from pathlib import Path

from entrypoints.local import maven
from entrypoints.local.cache import Say, kept

SPARK_VERSION = "4.1.1"
CONNECTORS = (
    f"org.apache.spark:spark-sql-kafka-0-10_2.13:{SPARK_VERSION}",
    f"org.apache.spark:spark-avro_2.13:{SPARK_VERSION}",
    "org.postgresql:postgresql:42.7.7",
)
# pyspark's own jars have these already, or they are annotations only.
_THERE = (
    "org.apache.hadoop:*", "org.apache.spark:spark-tags_2.13", "org.scala-lang:*", "org.scala-lang.modules:*",
    "org.slf4j:*", "org.lz4:*", "org.xerial.snappy:*", "org.tukaani:*", "com.google.code.findbugs:*",
    "org.checkerframework:*",
)  # fmt: skip


def provide(say: Say) -> list[Path]:
    """All jars, for `spark.jars`. Raises Missing."""

    def download(into: Path) -> None:
        say(f"Downloading Spark's connectors {SPARK_VERSION} from Maven Central (11 MB)")
        maven.copy(CONNECTORS, into, without=_THERE)

    return sorted(kept(f"spark-connectors-{SPARK_VERSION}", download).glob("*.jar"))
