"""What can go wrong with Spark, in a sentence."""

import re

_LAST_LINE = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Z]\w*): (.+)$", re.MULTILINE)
_KAFKA = "org.apache.kafka.common.errors."
_LONGEST = 400


class SparkUnavailable(Exception):
    """Spark cannot run here, or has stopped; the message says what to do."""


def reason_of(error: BaseException) -> str:
    """The cause of a failed batch: the last line of a task's Python traceback, or of the JVM's causes."""
    text = str(error)
    if "Traceback (most recent call last)" in text:
        text = text[text.rindex("Traceback (most recent call last)") :].partition("\n\n")[0]
        found = [match for match in _LAST_LINE.finditer(text) if not match[0].startswith(" ")]
        if found:
            return " ".join(found[-1][2].split())[:_LONGEST]
    causes = re.findall(r"Caused by: (?:[\w$]+\.)*([\w$]+)(?:: (.+))?$", text, re.MULTILINE)
    if causes:
        kind, message = causes[-1]
        return f"{kind}: {message}"[:_LONGEST] if message else kind
    return " ".join(text.split("\n")[0].split())[:_LONGEST] or type(error).__name__


def is_lost_progress(error: BaseException) -> bool:
    """Whether a query ended only because its progress could not be told.

    Spark 4.1.1 does so after the batch that it repeats first after a crash: the batch is done and committed, but how far
    it is behind the log is asked of offsets that were never fetched (SPARK-55271).
    """
    return "scala.collection.IterableOps.map" in str(error) and "scala.Option.get()" in str(error)
