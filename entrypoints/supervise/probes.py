"""Whether something at an endpoint answers as it should: None, or what is wrong. Each takes a few seconds at most."""

import logging
from collections.abc import Callable

import httpx
import psycopg2
import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

_ANSWER_WITHIN_S = 3.0

Probe = Callable[[str], str | None]

_silent = logging.getLogger("probes.kafka")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False  # librdkafka reports each refused connection; the answer says so once


def kafka(bootstrap_servers: str) -> str | None:
    """A broker tells the cluster's brokers."""
    client = AdminClient({"bootstrap.servers": bootstrap_servers, "log.connection.close": False}, logger=_silent)
    try:
        brokers = client.list_topics(timeout=_ANSWER_WITHIN_S).brokers
    except KafkaException as error:
        return f"no broker answers at {bootstrap_servers} ({error.args[0].str()})"
    return None if brokers else f"no broker is up at {bootstrap_servers}"


def schema_registry(url: str) -> str | None:
    """The registry's Confluent API lists its subjects."""
    return _http(f"{url}/subjects")


def database(url: str) -> str | None:
    """The database runs a query."""
    try:
        connection = psycopg2.connect(url, connect_timeout=int(_ANSWER_WITHIN_S))
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        finally:
            connection.close()
    except psycopg2.Error as error:
        return f"the database does not answer ({' '.join(str(error).split())[:300]})"
    return None


def redis_server(url: str) -> str | None:
    """Redis answers PING."""
    try:
        with redis.Redis.from_url(
            url, socket_timeout=_ANSWER_WITHIN_S, socket_connect_timeout=_ANSWER_WITHIN_S
        ) as client:
            client.ping()
    except redis.RedisError as error:
        return f"Redis does not answer ({str(error)[:300]})"
    return None


def api(url: str) -> str | None:
    """The API says that it is ready."""
    return _http(f"{url}/api/v1/health/ready")


def _http(url: str) -> str | None:
    try:
        answer = httpx.get(url, timeout=_ANSWER_WITHIN_S, trust_env=False)
    except httpx.HTTPError as error:
        return f"{url} does not answer ({error or type(error).__name__})"
    return None if answer.is_success else f"{url} answers {answer.status_code}: {answer.text[:200]}"


PROBES: dict[str, Probe] = {
    "kafka": kafka,
    "schema_registry": schema_registry,
    "database": database,
    "redis": redis_server,
    "api": api,
}
