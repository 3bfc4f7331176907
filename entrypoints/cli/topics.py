"""`cryptoviz topics`: the log's topics on Kafka."""

from enum import StrEnum
from typing import Annotated

import typer

from entrypoints.cli.errors import FAILED, fail
from entrypoints.settings import load_settings

app = typer.Typer(help="The event log's topics on Kafka.", no_args_is_help=True)


class Compression(StrEnum):
    """A topic's compression.type. `producer` keeps records as they were sent, by us with zstd."""

    PRODUCER = "producer"
    LZ4 = "lz4"
    ZSTD = "zstd"
    SNAPPY = "snappy"
    GZIP = "gzip"
    UNCOMPRESSED = "uncompressed"


def _servers() -> str:
    servers = load_settings().kafka_bootstrap_servers
    if not servers:
        fail("CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS is not set: expected host:port of a Kafka broker", 2)
    return servers


@app.command()
def create(
    partitions: Annotated[int, typer.Option(min=1, max=1000, help="Partitions of each topic.")] = 3,
    replication: Annotated[
        int | None, typer.Option(min=1, max=32, help="Copies of each partition; not given: the brokers' default.")
    ] = None,
    retention_days: Annotated[
        int, typer.Option(min=1, max=36_500, help="How long rawticker and rawtrade are kept; the others are, for ever.")
    ] = 30,
    compression: Annotated[Compression, typer.Option(help="How the brokers keep records.")] = Compression.PRODUCER,
    wait: Annotated[int, typer.Option(min=0, max=3600, help="Seconds to wait for brokers that are starting.")] = 60,
) -> None:
    """Make the topics that are missing. A second run changes nothing; a topic that differs is reported, with exit code 1."""
    from adapters.kafka.topics import TopicAdmin, TopicSettings

    admin = TopicAdmin(_servers())
    wanted = TopicSettings(partitions, replication, retention_days, compression.value)
    made = admin.create(wanted, wait_s=wait, say=lambda text: typer.echo(text, err=True))
    differences = admin.differences(wanted)
    typer.echo(f"Made {', '.join(made)}." if made else "All topics are there.")
    for sentence in differences:
        typer.echo(f"cryptoviz: {sentence}", err=True)
    if differences:
        raise typer.Exit(FAILED)


@app.command("list")
def list_() -> None:
    """Show the topics: partitions, replicas, how many records they hold, how long they are kept."""
    from rich.console import Console
    from rich.table import Table

    from adapters.kafka.topics import TopicAdmin
    from application.topics import TOPICS

    found = TopicAdmin(_servers()).found()
    if not found:
        fail("none of our topics is there: run `cryptoviz topics create`")
    table = Table("topic", "partitions", "replicas", "records", "kept")
    for column in table.columns[1:4]:
        column.justify = "right"
    for topic in found:
        kept = "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms / 86_400_000:g} days"
        table.add_row(topic.topic, str(topic.partitions), str(topic.replication), f"{topic.records:,}", kept)
    Console().print(table)
    if missing := sorted(set(TOPICS) - {topic.topic for topic in found}):
        fail(f"missing: {', '.join(missing)}; run `cryptoviz topics create`")
