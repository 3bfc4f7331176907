"""The parts of the cluster profile: what `start`, `status` and `logs` call them, and how each wants to be stopped."""

from dataclasses import dataclass
from typing import Literal

Group = Literal["services", "producers", "spark", "api"]
GROUPS: tuple[Group, ...] = ("services", "producers", "spark", "api")  # in the order they start


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `stop_signal` goes to its process alone, and `stop_within_s` later its whole process group is killed."""

    name: str
    group: Group
    words: str
    stop_within_s: int = 30
    stop_signal: Literal["TERM", "INT"] = "TERM"
    command: str | None = None  # `cryptoviz COMMAND`, for those that are ours


PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("kafka", "services", "Kafka", 60),
        Part("schema_registry", "services", "the schema registry"),
        # SIGINT is PostgreSQL's fast shutdown; at SIGTERM it would wait until every client has left.
        Part("database", "services", "the database", 60, "INT"),
        Part("redis", "services", "Redis"),
        Part("feed", "producers", "the market feed", command="feed"),
        Part("news", "producers", "the news collector", command="news"),
        Part("alerting", "producers", "the alerting", command="alerting"),
        Part("spark_ingestion", "spark", "the ingestion job", 60, command="ingest"),
        Part("spark_analytics", "spark", "the analytics job", 60, command="analytics"),
        Part("api", "api", "the API", command="api"),
    )
}


def parts_of(group: Group) -> tuple[Part, ...]:
    """A group's parts, in the order they are listed."""
    return tuple(part for part in PARTS.values() if part.group == group)
