"""What people read of Spark's long stories."""

import pytest

from adapters.spark.errors import is_lost_progress, reason_of

_TASK = """An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "/x/ingest_tasks.py", line 9, in _store
    with own.store.begin() as tx:
         ^^^^^^^^^^^^^^^^^^^
psycopg2.OperationalError: connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/x/engine.py", line 170, in _in_words
    raise StoreUnavailable(f"the store {url} cannot be used now: {reason}") from error
application.ports.store.StoreUnavailable: the store postgresql://x cannot be used now: connection failed
\tIs the server running on that host?
DETAIL: Consistent recovery state has not been yet reached.
"""


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        (_TASK, "the store postgresql://x cannot be used now: connection failed"),
        ("Job aborted\n\tat x\nCaused by: a.b.One: first\n\tat y\nCaused by: c.d.Two$: second\n\tat z", "second"),
        ("org.apache.kafka.common.errors.TimeoutException: Timed out\nmore", "Timed out"),
        ("just words", "just words"),
        ("", "RuntimeError"),
    ],
)
def test_a_failure_is_said_in_its_last_words(story: str, reason: str) -> None:
    assert reason_of(RuntimeError(story)) == reason


def test_what_the_store_says_itself_is_left_as_it_is() -> None:
    assert reason_of(ValueError("the trades up to rawtrade/0:1 are not stored yet")).startswith(
        "the trades up to rawtrade/0"
    )
    assert not is_lost_progress(ValueError("anything else"))
