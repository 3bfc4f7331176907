"""Kafka as one process: broker and KRaft controller, from Maven Central."""

import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from entrypoints.local import maven
from entrypoints.local.cache import Say, kept
from entrypoints.local.jvm import prepare_directory, temporary_files
from entrypoints.local.programs import java, run
from entrypoints.local.service import HOST, Service

VERSION = "4.1.0"
_LOG4J = (
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"  # as Kafka's own distribution has; without it nothing is logged
)
_READY_S = 3

_LOGGING = """\
status = warn
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z'}{UTC} %p %m (%c)%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


def provide(say: Say) -> Path:
    """The directory of its jars. Raises Missing."""

    def download(into: Path) -> None:
        say(f"Downloading Kafka {VERSION} from Maven Central (43 MB)")
        maven.copy([f"org.apache.kafka:kafka_2.13:{VERSION}", _LOG4J], into)

    return kept(f"kafka-{VERSION}", download)


def service(install: Path, directory: Path, port: int, controller_port: int) -> Service:
    """A broker on these two ports of loopback. Raises Missing where there is no Java."""
    properties = directory / "server.properties"
    logging = directory / "log4j2.properties"
    classes = ("-cp", f"{install}/*")
    java_path = java()

    def prepare() -> None:
        prepare_directory(directory)
        logging.write_text(_LOGGING, encoding="utf-8")
        properties.write_text(_properties(directory / "log", port, controller_port), encoding="utf-8")
        if not (directory / "log" / "meta.properties").exists():
            cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")
            run(
                "Kafka's log directory could not be formatted",
                [java_path, "-XX:TieredStopAtLevel=1", *temporary_files(directory), *classes, "kafka.tools.StorageTool", "format",
                 "--ignore-formatted", "-t", cluster, "-c", str(properties)],
                cwd=directory,
            )  # fmt: skip

    endpoint = f"{HOST}:{port}"
    return Service(
        name="kafka",
        command=(
            java_path, "-Xmx512m", "-XX:+UseSerialGC", *temporary_files(directory),
            f"-Dlog4j2.configurationFile={logging}", *classes, "kafka.Kafka", str(properties),
        ),
        directory=directory,
        endpoint=endpoint,
        prepare=prepare,
        ready=lambda: _waits_for(endpoint),
    )  # fmt: skip


def _waits_for(endpoint: str) -> str | None:
    # Level 0: that nobody listens yet is what we are here to find out.
    admin = AdminClient({"bootstrap.servers": endpoint, "log_level": 0})
    try:
        admin.describe_cluster(request_timeout=_READY_S).result(_READY_S)
    except (KafkaException, TimeoutError):
        return f"Kafka to answer on {endpoint}"
    return None


def _properties(log: Path, port: int, controller_port: int) -> str:
    # One copy of everything, as there is one broker. Topics are made by `cryptoviz topics create` alone.
    return "\n".join([
        "process.roles=broker,controller",
        "node.id=1",
        f"controller.quorum.voters=1@{HOST}:{controller_port}",
        f"listeners=PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        f"advertised.listeners=PLAINTEXT://{HOST}:{port}",
        "controller.listener.names=CONTROLLER",
        f"log.dirs={log}",
        "auto.create.topics.enable=false",
        "group.initial.rebalance.delay.ms=0",
        "offsets.topic.replication.factor=1",
        "offsets.topic.num.partitions=1",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=1",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        "share.coordinator.state.topic.num.partitions=1",
        "",
    ])  # fmt: skip
