"""Closing what replays read from, in the thread that it may be bound to."""

from concurrent.futures import Future, ThreadPoolExecutor

from entrypoints.api.stream.past import Past
from entrypoints.api.stream.replay import Source


def close_in(thread: ThreadPoolExecutor, source: Source | Past) -> None:
    """Close it after whatever its thread is doing, and let the thread end."""
    thread.submit(source.close)
    thread.shutdown(wait=False)


def close_opened(opening: Future[Source] | Future[Past]) -> None:
    """Close what was opened for nobody. Called in the source's own thread, or after it."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
