"""Kafka's errors in our words."""

from confluent_kafka import KafkaError, KafkaException

from application.ports.event_log import LogUnavailable

_UNKNOWN_TOPIC = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)


def reason_of(error: BaseException | KafkaError) -> str:
    """What Kafka's client said, without its decoration."""
    cause = error.args[0] if isinstance(error, KafkaException) and error.args else error
    text = cause.str() if isinstance(cause, KafkaError) else str(cause)
    return " ".join(text[:300].split()).rstrip(".") or type(cause).__name__


def unavailable(what: str, servers: str, error: BaseException | KafkaError) -> LogUnavailable:
    """`Kafka at SERVERS WHAT: why`, and what to do where we know."""
    cause = error.args[0] if isinstance(error, KafkaException) and error.args else error
    if isinstance(cause, KafkaError) and cause.code() in _UNKNOWN_TOPIC:
        return LogUnavailable(f"Kafka at {servers} {what}: a topic is missing, run `cryptoviz topics create`")
    return LogUnavailable(f"Kafka at {servers} {what}: {reason_of(error)}")
