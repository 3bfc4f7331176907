"""A store that refuses chosen events: stands for whatever a record may do to the code or the database behind it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from application.ports.store import Store, StoreRefused
from domain.event import Event


class Poison(Exception):
    """What the poisoned code raises."""


class PoisonedTransaction:
    """Writes like the transaction within, but raises for events that `is_poison` names, after it has written the others."""

    def __init__(self, within: Any, is_poison: Callable[[Event], bool], error: type[Exception]) -> None:
        self._within = within
        self._is_poison = is_poison
        self._error = error

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._within, name)
        if not name.startswith(("add_", "settle_")):
            return method

        def write(events: Sequence[Any]) -> Any:
            bad = [event for event in events if self._is_poison(event)]
            written = method([event for event in events if event not in bad])
            if bad:
                raise self._error(f"cannot take {bad[0].event_id}\x00\ud800")
            return written

        return write


class PoisonedStore:
    """See application.ports.store.Store. It is mended by setting `is_poison` to something that is never true."""

    def __init__(
        self, store: Store, is_poison: Callable[[Event], bool], *, error: type[Exception] = StoreRefused
    ) -> None:
        self._store = store
        self.is_poison = is_poison
        self.error = error
        self.begun = 0

    def begin(self) -> AbstractContextManager[Any]:
        return self._begin()

    @contextmanager
    def _begin(self) -> Iterator[Any]:
        self.begun += 1
        with self._store.begin() as tx:
            yield PoisonedTransaction(tx, self.is_poison, self.error)
