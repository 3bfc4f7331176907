"""What can go wrong with Spark, in a sentence."""

import re

_NAMED = re.compile(r"(?:[\w$]+\.)+[\w$]+: (.+)")  # an exception's class, and what it says
_PYTHON = "Traceback (most recent call last)"
_FRAME = "  "
_LONGEST = 400


class SparkUnavailable(Exception):
    """Spark cannot run here, or has stopped; the message says what to do."""


def reason_of(error: BaseException) -> str:
    """Why a batch failed, in one line: what ended a task's Python traceback, or the innermost of the JVM's causes."""
    text = str(error)
    if _PYTHON in text:
        lines = text[text.rindex(_PYTHON) :].split("\n")
        frames = [number for number, line in enumerate(lines) if line.startswith(_FRAME)]
        lines = lines[frames[-1] + 1 :] if frames else lines
    else:
        causes = [line.removeprefix("Caused by: ") for line in text.split("\n") if line.startswith("Caused by: ")]
        lines = causes[-1:] or text.split("\n")
    line = next((line.strip() for line in lines if line.strip()), type(error).__name__)
    named = _NAMED.fullmatch(line)
    return (named[1] if named else line)[:_LONGEST]


def is_lost_progress(error: BaseException) -> bool:
    """Whether a query ended only because its progress could not be told.

    Spark 4.1.1 does so after the batch that it repeats first after a crash: the batch is done and committed, but how far
    it is behind the log is asked of offsets that were never fetched (SPARK-55271).
    """
    return "scala.collection.IterableOps.map" in str(error) and "scala.Option.get()" in str(error)
