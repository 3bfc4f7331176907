"""The services that run on this machine without containers, by the recipes of `entrypoints.local`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from entrypoints.local import kafka, redis, registry, timescaledb
from entrypoints.local.service import Service

Port = Callable[[str], int]


def local_services(names: Sequence[str], data: Path, port: Port, say: Callable[[str], None]) -> dict[str, Service]:
    """These services, with their data below `data`; what they need is downloaded first. Raises Missing."""
    services: dict[str, Service] = {}
    for name in names:
        directory = data / name
        match name:
            case "kafka":
                services[name] = kafka.service(kafka.provide(say), directory, port(name), port("kafka_controller"))
            case "schema_registry":
                services[name] = registry.service(registry.provide(say), directory, port(name))
            case "database":
                services[name] = timescaledb.service(timescaledb.provide(say), directory, port(name))
            case "redis":
                services[name] = redis.service(redis.provide(say), directory, port(name))
    return services
