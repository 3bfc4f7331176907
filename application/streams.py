"""Folding many streams: one whose events do not follow each other is left out and told, and keeps no other from us."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

import structlog

from domain.event import Event
from domain.numbering import BrokenStream

log = structlog.get_logger(__name__)

T = TypeVar("T")


def folded(streams: Mapping[str, Iterable[Event]], fold: Callable[[Iterable[Event]], T | None]) -> list[T]:
    """What each stream comes to, in their order, without those that are empty or broken."""
    found: list[T] = []
    for stream, events in streams.items():
        try:
            state = fold(events)
        except BrokenStream as broken:
            _tell(stream, str(broken))
        else:
            if state is not None:
                found.append(state)
    return found


@lru_cache(maxsize=1024)
def _tell(stream: str, reason: str) -> None:
    """Once a process: streams are folded at every question."""
    log.error("a stored stream cannot be folded and is left out", stream=stream, reason=reason)
