"""Starting Spark for a job: on loopback unless told otherwise, without its web page, and with our own Python."""

import logging
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from adapters.spark.config import JobConfig
from adapters.spark.errors import SparkUnavailable

# A hostile length in front of a string or of bytes must not make the decoder take gigabytes. No record has so much.
_LONGEST_VALUE = 32 * 1024 * 1024
_AVRO_LIMITS = f"-Dorg.apache.avro.limits.bytes.maxLength={_LONGEST_VALUE} -Dorg.apache.avro.limits.string.maxLength={_LONGEST_VALUE}"


@contextmanager
def spark_session(config: JobConfig) -> Iterator[SparkSession]:
    """Spark for one job, stopped at the end. To be called by the main thread. Raises SparkUnavailable.

    PYSPARK_PYTHON names the Python that executors start, with this package installed; by default it is our own.
    """
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise SparkUnavailable(
            "Spark needs Java 17 or later: install it (Debian: openjdk-17-jre-headless), or set JAVA_HOME"
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    logging.getLogger("py4j").setLevel(logging.CRITICAL)  # what a batch raises is said by `queries`, in a sentence
    scratch = config.checkpoints / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    builder = SparkSession.builder.appName(f"cryptoviz {config.name}").master(config.master)
    for name, value in _settings(config, str(scratch)).items():
        builder = builder.config(name, value)
    try:
        with _sheltered_from_signals():
            session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise SparkUnavailable(f"Spark could not start with master {config.master}: {error}") from error
    try:
        yield session
    finally:
        session.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def _settings(config: JobConfig, scratch: str) -> dict[str, str]:
    quiet = f"-Dlog4j2.configurationFile={files('adapters.spark') / 'log4j2.properties'}"
    settings = {
        "spark.jars": ",".join(str(jar) for jar in config.jars),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": config.driver_memory,
        "spark.driver.extraJavaOptions": f"{quiet} {_AVRO_LIMITS}",
        "spark.executor.extraJavaOptions": _AVRO_LIMITS,
        "spark.local.dir": scratch,
        "spark.sql.warehouse.dir": f"{scratch}/warehouse",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
        "spark.sql.streaming.minBatchesToRetain": "10",
        "spark.python.worker.reuse": "true",
        "spark.python.daemon.module": config.python_daemon,
        "spark.speculation": "false",
    }
    if config.is_local:
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return settings


@contextmanager
def _sheltered_from_signals() -> Iterator[None]:
    """What ends the process group (Ctrl-C, the supervisor) must not end the JVM: the job finishes its batch and then does.

    Signals that a child finds ignored stay ignored in it, in Java too. Blocked meanwhile, they wait for us.
    """
    ending = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in ending}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ending)
