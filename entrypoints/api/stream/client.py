"""One stream client: what it subscribed to, and the bounded queue between the hub and its socket."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec
import structlog

from application.ports.event_log import CursorTooOld, InvalidCursor, LogUnavailable, Place
from application.ports.market_reads import Touch
from application.ports.telemetry import Telemetry
from application.topics import FEED_EVENTS
from domain.errors import InvalidValue, NotFound
from entrypoints.api.services import NotReady, Services
from entrypoints.api.stream.channels import TOPICS_OF, Message
from entrypoints.api.stream.hub import Hub
from entrypoints.api.stream.places import oldest_to_wire, to_wire
from entrypoints.api.stream.replay import Source, open_source
from entrypoints.api.stream.requests import StreamRequest, read_names, read_request

log = structlog.get_logger(__name__)

TOO_SLOW = 4008


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may wait for one client before it is closed as too slow."""

    messages: int = 10_000
    characters: int = 8 << 20


@dataclass(slots=True, eq=False)
class _Subscription:
    """`place` is how far the client has everything of a channel of the log, `touch` how far it has the candles.

    It takes part in the live stream once `is_live`; before, its replay is catching up. Candles count from the
    generation of rewinds that this subscription asked for, in which nothing after its touch is left out. `names` None
    means all.
    """

    channel: str
    names: frozenset[str] | None
    place: Place = field(default_factory=lambda: Place({}))
    touch: Touch = (0, 0)
    is_live: bool = False
    generation: int = 0
    replay: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def at(self) -> Place | Touch:
        return self.touch if self.channel == "candles" else self.place

    def has(self, message: Message, generation: int) -> bool:
        if message.touch is not None:
            return message.touch <= self.touch or generation < self.generation
        return message.position is not None and self.place.covers(message.position)

    def move_past(self, message: Message) -> None:
        if message.touch is not None:
            self.touch = message.touch
        elif self.channel == "feeds":  # whose rows may overtake each other
            self.place = self.place if message.told is None else self.place.joined(message.told.within((FEED_EVENTS,)))
        elif message.position is not None:
            self.place = self.place.past(message.position)

    def picks(self, message: Message) -> bool:
        return self.names is None or not self.names.isdisjoint(message.names)


class Client:
    """Lives on the event loop; `outbox` yields what to send, `hear` takes what was said."""

    def __init__(self, hub: Hub, telemetry: Telemetry, limits: QueueLimits) -> None:
        self.closed = asyncio.Event()
        self.close_code = 1000
        self.close_reason = ""
        self._hub = hub
        self._telemetry = telemetry
        self._limits = limits
        self._subscriptions: dict[str, _Subscription] = {}
        self._queue: deque[str] = deque()
        self._waiting = 0
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    @property
    def channels(self) -> Iterable[str]:
        """The channels it subscribed to."""
        return self._subscriptions.keys()

    # --- the hub's side -------------------------------------------------------------------------------------------

    def offer(self, messages: Sequence[Message], generation: int) -> None:
        """Queue what it subscribed to and does not have yet."""
        for message in messages:
            subscription = self._subscriptions.get(message.channel)
            if subscription is not None and subscription.is_live and not subscription.has(message, generation):
                self._tell(subscription, message)

    def enter_session(self, services: Services) -> None:
        """The data is another session's from now on: say so, and go on live."""
        detail = f"the data is now of another session ({services.origin.value}): fetch everything again"
        self._say({"channel": "session", "origin": services.origin.value, "detail": detail})
        for subscription in self._subscriptions.values():
            _stop_replay(subscription)
            subscription.place = self._hub.place.within(TOPICS_OF[subscription.channel])
            subscription.touch = self._hub.first_touch
            self._go_live(subscription)

    def close(self, code: int, reason: str) -> None:
        """Hang up, once."""
        if not self.closed.is_set():
            self.close_code, self.close_reason = code, reason
            self._queue.clear()
            self._waiting = 0
            self.closed.set()

    def dismiss(self) -> None:
        """Let go of everything: the socket is gone."""
        for subscription in self._subscriptions.values():
            _stop_replay(subscription)
        self._subscriptions.clear()

    # --- the socket's side ----------------------------------------------------------------------------------------

    async def next_text(self) -> str:
        """The next message to send. Asked for again, it takes it that the last one is sent."""
        while not self._queue:
            self._drained.set()
            self._filled.clear()
            await self._filled.wait()
        text = self._queue.popleft()
        self._waiting -= len(text)
        return text

    async def hear(self, text: str | bytes) -> None:
        """Do what a client's message asks for, or say why not."""
        try:
            request = read_request(text)
            if request.action == "ping":
                self._say({"channel": "pong"})
            elif request.action == "subscribe":
                await self._subscribe(request)
            else:
                await self._unsubscribe(request)
        except CursorTooOld as error:
            await self._say_too_old(error)
        except (InvalidValue, NotFound, InvalidCursor, NotReady, LogUnavailable) as error:
            self._say_error(str(error))

    async def _subscribe(self, request: StreamRequest) -> None:
        services = await self._hub.session()
        channel = request.channel or ""
        names = read_names(services, channel, request.pairs)
        subscription = _Subscription(channel, names)
        if request.after is None and channel != "candles":
            subscription.place = self._hub.place.within(TOPICS_OF[channel])
            self._register(subscription)
            self._ack(request, services)
            self._go_live(subscription)
            return
        thread = ThreadPoolExecutor(1, thread_name_prefix="stream-replay")  # a log's reader may be bound to its thread
        after = None if request.after is None else str(request.after)
        opening = thread.submit(open_source, services, channel, after)
        try:
            source = await asyncio.wrap_future(opening)
            if await self._hub.session() is not services:
                raise NotReady("the data became another session's meanwhile: subscribe again")
        except BaseException:
            opening.add_done_callback(_close_opened)
            thread.shutdown(wait=False)
            raise
        _move_to(subscription, source.place)
        self._register(subscription)
        self._ack(request, services)
        subscription.replay = asyncio.create_task(self._replay(subscription, source, thread))
        subscription.replay.add_done_callback(lambda _: _close(source, thread))

    async def _unsubscribe(self, request: StreamRequest) -> None:
        services = await self._hub.session()
        channel = request.channel or ""
        names = read_names(services, channel, request.pairs)
        subscription = self._subscriptions.get(channel)
        if subscription is not None:
            if names is not None and subscription.names is None:
                raise InvalidValue("pairs", f"{channel} is subscribed for all pairs: unsubscribe without pairs")
            if names is None or subscription.names is None or subscription.names <= names:
                _stop_replay(subscription)
                del self._subscriptions[channel]
                self._hub.note_wanted()
            else:
                subscription.names -= names
        self._ack(request, services)

    def _register(self, subscription: _Subscription) -> None:
        """A later subscription to a channel takes the place of the one before."""
        before = self._subscriptions.get(subscription.channel)
        if before is not None:
            _stop_replay(before)
        self._subscriptions[subscription.channel] = subscription
        self._hub.note_wanted()

    def _go_live(self, subscription: _Subscription) -> None:
        subscription.is_live = True
        if subscription.channel == "candles":
            subscription.generation = self._hub.rewind_candles(subscription.touch)

    def _tell(self, subscription: _Subscription, message: Message) -> None:
        """Send a row, if it is of those that were asked for; either way the client is past it."""
        subscription.move_past(message)
        if subscription.picks(message):
            self._put(message.text(to_wire(subscription.at, self._hub.origin)))
            self._telemetry.count("stream_messages", channel=message.channel)

    async def _replay(self, subscription: _Subscription, source: Source, thread: ThreadPoolExecutor) -> None:
        """Send what was missed, no faster than the client takes it, then join the live stream in one step of the loop."""
        loop = asyncio.get_running_loop()
        topics = TOPICS_OF[subscription.channel]
        try:
            while True:
                await self._drained.wait()
                delivered = self._hub.place.within(topics)
                messages, at_end = await loop.run_in_executor(thread, source.read)
                for message in messages:
                    self._tell(subscription, message)
                _move_to(subscription, source.place)
                if at_end and subscription.channel != "candles":
                    subscription.place = subscription.place.joined(delivered)
                # From here to the end there is no await: the hub delivers nothing between the check and the joining.
                if (
                    at_end
                    if subscription.channel == "candles"
                    else subscription.place.reaches(self._hub.place.within(topics))
                ):
                    self._go_live(subscription)
                    return
        except CursorTooOld as error:
            self._drop(subscription)
            await self._say_too_old(error)
        except LogUnavailable as error:
            self._drop(subscription)
            self._say_error(f"{subscription.channel} could not be resumed: {error}")
        except Exception:  # the task's boundary: the client must not wait for rows that never come
            log.exception("a replay failed", channel=subscription.channel)
            self._drop(subscription)
            self._say_error(f"{subscription.channel} could not be resumed: subscribe again")

    def _drop(self, subscription: _Subscription) -> None:
        if self._subscriptions.get(subscription.channel) is subscription:
            del self._subscriptions[subscription.channel]
            self._hub.note_wanted()

    def _ack(self, request: StreamRequest, services: Services) -> None:
        subscription = self._subscriptions.get(request.channel or "")
        names = subscription.names if subscription else None
        place = subscription.at if subscription else self._hub.place.within(TOPICS_OF[request.channel or ""])
        self._say(
            {
                "channel": "ack",
                "action": request.action,
                "subscription": request.channel,
                "pairs": request.pairs,
                "picks": None if names is None else sorted(names),
                "cursor": to_wire(place, services.origin),
                "origin": services.origin.value,
            }
        )

    async def _say_too_old(self, error: CursorTooOld) -> None:
        services = await self._hub.session()
        oldest = oldest_to_wire(error.oldest, services.origin)
        detail = f"the cursor is too old: the oldest that can be resumed from is {oldest}; read earlier rows over REST"
        self._say({"channel": "error", "detail": detail, "oldest": oldest})

    def _say_error(self, detail: str) -> None:
        self._say({"channel": "error", "detail": detail})

    def _say(self, message: dict[str, object]) -> None:
        self._put(msgspec.json.encode(message).decode())

    def _put(self, text: str) -> None:
        if self.closed.is_set():
            return
        self._queue.append(text)
        self._waiting += len(text)
        self._drained.clear()
        self._filled.set()
        if len(self._queue) > self._limits.messages or self._waiting > self._limits.characters:
            self._telemetry.count("stream_clients_too_slow")
            self.close(TOO_SLOW, "too slow: more than the queue holds was waiting. Resume with your last cursor")


def _move_to(subscription: _Subscription, place: Place | Touch) -> None:
    if isinstance(place, Place):
        subscription.place = place
    else:
        subscription.touch = place


def _close(source: Source, thread: ThreadPoolExecutor) -> None:
    thread.submit(source.close)
    thread.shutdown(wait=False)


def _close_opened(opening: Future[Source]) -> None:
    """Called in the source's own thread, or after it."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _stop_replay(subscription: _Subscription) -> None:
    if subscription.replay is not None:
        subscription.replay.cancel()
        subscription.replay = None
