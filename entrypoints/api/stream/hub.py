"""All stream clients, and the tail they share."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from typing import Protocol

from application.ports.event_log import Place
from application.ports.market_reads import Touch
from application.ports.telemetry import Telemetry
from domain.values import Origin
from entrypoints.api.services import CurrentServices, NotReady, Services
from entrypoints.api.stream.channels import Message, count_taken
from entrypoints.api.stream.reading import PastReaders
from entrypoints.api.stream.tail import Tail

MOST_CLIENTS = 2_000
_PATIENCE_S = 10.0


class Subscriber(Protocol):
    """A client, as the hub sees it."""

    @property
    def channels(self) -> Iterable[str]:
        """The channels it subscribed to."""
        ...

    def offer(self, messages: Sequence[Message], generation: int) -> None:
        """Take what it subscribed to."""
        ...

    def hear_of_change(self, services: Services) -> None:
        """The same session has other pairs or feeds from now on."""
        ...

    def enter_session(self, services: Services) -> None:
        """Go on with another session's data from its present place."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Hang up."""
        ...


class Hub:
    """Lives on the event loop. Its tail's thread runs while there are clients."""

    def __init__(self, current: CurrentServices, telemetry: Telemetry) -> None:
        self.wanted: frozenset[str] = frozenset()
        self.place = Place({})
        self.first_touch: Touch = (0, 0)
        self.readers = PastReaders()
        self._current = current
        self._telemetry = telemetry
        self._clients: set[Subscriber] = set()
        self._services: Services | None = None
        self._ready = asyncio.Event()
        self._tail: Tail | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._read: list[tuple[Sequence[Message], Place, int]] = []  # and not handed out yet

    @property
    def origin(self) -> Origin:
        """Whose data the session is that is followed."""
        assert self._services is not None
        return self._services.origin

    @property
    def is_full(self) -> bool:
        """No more clients are taken."""
        return len(self._clients) >= MOST_CLIENTS

    def attach(self, client: Subscriber) -> None:
        """Count a client in; the first one starts the tail."""
        self._clients.add(client)
        self._telemetry.gauge("stream_clients", len(self._clients))
        if self._tail is None:
            self._begin()

    def detach(self, client: Subscriber) -> None:
        """Count a client out; the last one stops the tail."""
        self._clients.discard(client)
        self._telemetry.gauge("stream_clients", len(self._clients))
        self.note_wanted()
        if not self._clients:
            self._end()

    async def session(self) -> Services:
        """The session that is followed, once it is. Raises NotReady after ten seconds without one."""
        try:
            await asyncio.wait_for(self._ready.wait(), _PATIENCE_S)
        except TimeoutError:
            raise NotReady("there is no data to stream yet; try again in a moment") from None
        assert self._services is not None
        return self._services

    def note_wanted(self) -> None:
        """Tell the tail which channels anybody listens to."""
        self.wanted = frozenset(channel for client in self._clients for channel in client.channels)

    def rewind_candles(self, touch: Touch) -> int:
        """Have the candles written after `touch` delivered; returns the generation that they come in."""
        return self._tail.rewind_candles(touch) if self._tail else 0

    async def close(self) -> None:
        """Stop the tail and wait for its thread."""
        thread = self._thread
        self._end()
        self.readers.close()
        if thread is not None:
            await asyncio.to_thread(thread.join)

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        listener = _Listener(self, self._stop)
        self._tail = Tail(self._current, listener, loop.call_soon_threadsafe, self._stop)
        self._thread = threading.Thread(target=self._tail.run, name="stream-tail", daemon=True)
        self._thread.start()

    def _end(self) -> None:
        self._stop.set()
        self._tail = None
        self._read.clear()
        self._services = None
        self._ready.clear()

    def started(self, services: Services, place: Place, touch: Touch) -> None:
        """The tail follows a session from `place` on; its candles were last written at `touch`."""
        self._hand_out()
        is_another = self._services is not None
        self._services, self.place, self.first_touch = services, place, touch
        self._ready.set()
        if is_another:
            for client in tuple(self._clients):
                client.enter_session(services)

    def configured(self, services: Services) -> None:
        """The session that is followed has other pairs or feeds."""
        self._hand_out()
        self._services = services
        for client in tuple(self._clients):
            client.hear_of_change(services)

    def deliver(self, messages: Sequence[Message], place: Place, generation: int) -> None:
        """Hand out what the tail read, together with what else it has read while the loop was busy.

        What a client gets in one go costs less than what it gets piece by piece, on both sides.
        """
        self._read.append((messages, place, generation))
        if len(self._read) == 1:
            asyncio.get_running_loop().call_soon(self._hand_out)

    def _hand_out(self) -> None:
        batches, self._read = self._read, []
        if not batches:
            return
        self.place = batches[-1][1]
        filled = [(messages, generation) for messages, _, generation in batches if messages]
        if filled:
            for client in tuple(self._clients):
                for messages, generation in filled:
                    client.offer(messages, generation)
            for messages, _ in filled:
                count_taken(self._telemetry, messages)

    def lost(self) -> None:
        """Nobody can be told what was deleted unread: all are to connect anew, and read the history over REST."""
        self._hand_out()
        for client in tuple(self._clients):
            client.close(1011, "we fell behind what the log retains: connect again")


class _Listener:
    """The hub as seen by one tail: what a stopped tail still had under way does not count."""

    def __init__(self, hub: Hub, stop: threading.Event) -> None:
        self._hub = hub
        self._stop = stop

    @property
    def wanted(self) -> frozenset[str]:
        return self._hub.wanted

    def started(self, services: Services, place: Place, touch: Touch) -> None:
        if not self._stop.is_set():
            self._hub.started(services, place, touch)

    def configured(self, services: Services) -> None:
        if not self._stop.is_set():
            self._hub.configured(services)

    def deliver(self, messages: Sequence[Message], place: Place, generation: int) -> None:
        if not self._stop.is_set():
            self._hub.deliver(messages, place, generation)

    def lost(self) -> None:
        if not self._stop.is_set():
            self._hub.lost()
