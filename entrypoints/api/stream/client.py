"""One stream client: what it subscribed to, between the hub and the outbox of its socket."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog

from application.ports.event_log import CursorTooOld, InvalidCursor, LogUnavailable, Place
from application.ports.market_reads import AsOfTooOld
from application.ports.store import StoreUnavailable
from application.ports.telemetry import Telemetry
from application.time_machine import Pace
from domain.errors import InvalidValue, NotAllowed, NotFound
from domain.values import rfc3339
from entrypoints.api.params import read_time
from entrypoints.api.services import NotReady, Services
from entrypoints.api.stream.channels import TOPICS_OF, Message, count_taken
from entrypoints.api.stream.hub import Hub
from entrypoints.api.stream.outbox import Outbox
from entrypoints.api.stream.past import Past
from entrypoints.api.stream.places import oldest_to_wire, to_wire
from entrypoints.api.stream.reading import Reading
from entrypoints.api.stream.replay import Source, open_source
from entrypoints.api.stream.requests import StreamRequest, read_names, read_request
from entrypoints.api.stream.subscription import Subscription

log = structlog.get_logger(__name__)

TOO_SLOW = 4008
_TICK_S = 0.1  # rows of a replay come in steps of this
_TELL_EVERY_S = 1.0
_TAKEN_WITHIN_S = 1.0
_TURN_S = 2.0  # of reading what was missed, while others wait
_PRESENT = timedelta(seconds=1)  # a replay that is this near has arrived


class Client:
    """Lives on the event loop; `hear` takes what was said, the answers go to the outbox."""

    def __init__(self, hub: Hub, telemetry: Telemetry, outbox: Outbox) -> None:
        self.closed = asyncio.Event()
        self.close_code = 1000
        self.close_reason = ""
        self._hub = hub
        self._telemetry = telemetry
        self._outbox = outbox
        self._subscriptions: dict[str, Subscription] = {}
        self._playing: asyncio.Task[None] | None = None
        self._player: asyncio.Task[None] | None = None  # the latest, also while it joins the present

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

    def hear_of_change(self, services: Services) -> None:
        """The pairs or feeds are others: nothing that is subscribed changes by that, and nothing is left out."""
        detail = "the pairs or news feeds have changed: fetch everything again"
        self._say({"channel": "session", "origin": services.origin.value, "detail": detail})

    def enter_session(self, services: Services) -> None:
        """The data is another session's from now on: say so, and go on live."""
        detail = f"the data is now of another session ({services.origin.value}): fetch everything again"
        self._say({"channel": "session", "origin": services.origin.value, "detail": detail})
        self._stop_playing()
        for subscription in self._subscriptions.values():
            subscription.stop_replay()
            subscription.place = self._hub.place.within(TOPICS_OF[subscription.channel])
            subscription.touch = self._hub.first_touch
            self._go_live(subscription)

    def close(self, code: int, reason: str) -> None:
        """Hang up, once."""
        if not self.closed.is_set():
            self.close_code, self.close_reason = code, reason
            self._outbox.clear()
            self.closed.set()

    def dismiss(self) -> None:
        """Let go of everything: the socket is gone."""
        self.closed.set()
        if self._player is not None:
            self._player.cancel()  # also while it goes on live
        for subscription in self._subscriptions.values():
            subscription.stop_replay()
        self._subscriptions.clear()

    # --- the socket's side ----------------------------------------------------------------------------------------

    async def hear(self, text: str | bytes) -> None:
        """Do what a client's message asks for, or say why not."""
        try:
            request = read_request(text)
            if request.action == "ping":
                self._say({"channel": "pong"})
            elif request.action == "subscribe":
                await self._subscribe(request)
            elif request.action == "replay":
                await self._play_again(request)
            elif request.action == "live":
                await self._return_to_live()
            else:
                await self._unsubscribe(request)
        except CursorTooOld as error:
            await self._say_too_old(error)
        except (InvalidValue, NotAllowed, NotFound, InvalidCursor, NotReady, LogUnavailable, StoreUnavailable) as error:
            self._say_error(str(error))

    async def _subscribe(self, request: StreamRequest) -> None:
        services = await self._hub.session()
        channel = request.channel or ""
        names = read_names(services, channel, request.pairs)
        subscription = Subscription(channel, names)
        if self._playing is not None:
            self._register(subscription)
            self._ack(request, services)
            return  # its rows come with those of the past
        if request.after is None and channel != "candles":
            subscription.place = self._hub.place.within(TOPICS_OF[channel])
            self._register(subscription)
            self._ack(request, services)
            self._go_live(subscription)
            return
        reading = await self._open(services, channel, None if request.after is None else str(request.after))
        subscription.move_to(reading.source.place)
        self._register(subscription)
        self._ack(request, services)
        self._catch_up(subscription, services, reading)

    async def _open(self, services: Services, channel: str, after: str | None) -> Reading[Source]:
        reading = await self._hub.readers.catch_up(partial(open_source, services, channel, after))
        try:
            if await self._hub.session() is not services:
                raise NotReady("the data became another session's meanwhile: subscribe again")
        except BaseException:
            reading.close()
            raise
        return reading

    def _catch_up(self, subscription: Subscription, services: Services, reading: Reading[Source]) -> None:
        subscription.replay = asyncio.create_task(self._replay(subscription, services, reading))
        subscription.replay.add_done_callback(lambda _: reading.close())  # also where it never began

    async def _play_again(self, request: StreamRequest) -> None:
        """Play the past of what is subscribed to, from a time on; begun again, it goes on from there."""
        services = await self._hub.session()
        start = read_time(request.start, "from")
        if start is None:
            raise InvalidValue(
                "from", "from is missing: expected the time to replay from, such as 2026-01-31T12:00:00Z"
            )
        pace = Pace(start, request.speed, services.clock.now())
        if not self._subscriptions:
            raise InvalidValue("action", "nothing is subscribed to: subscribe first, then ask for its replay")
        reading = await self._hub.readers.play(partial(Past, services, tuple(self._subscriptions), start))
        try:
            if await self._hub.session() is not services:
                raise NotReady("the data became another session's meanwhile: ask for the replay again")
        except BaseException:
            reading.close()
            raise
        self._stop_playing()
        for subscription in self._subscriptions.values():
            subscription.stop_replay()
            subscription.is_live = False
        self._playing = self._player = asyncio.create_task(self._play(services, reading, pace))
        self._playing.add_done_callback(lambda _: reading.close())

    async def _play(self, services: Services, reading: Reading[Past], pace: Pace) -> None:
        """Send what is due, no faster than the client takes it; at the present go on live without gap or duplicate."""
        loop, past = asyncio.get_running_loop(), reading.source
        begun, told_at = loop.time(), 0.0
        cursor = to_wire(past.place, services.origin)
        self._say_replay(services, pace, pace.start)
        try:
            while True:
                await self._outbox.drained.wait()
                until = min(pace.at(loop.time() - begun), services.clock.now())
                messages, more, at_end = await reading.run(partial(past.due, until))
                for message in messages:
                    subscription = self._subscriptions.get(message.channel)
                    if subscription is not None and subscription.picks(message):
                        self._put(message.text(cursor, replay=True))
                if at_end and until >= services.clock.now() - _PRESENT:
                    self._playing = None
                    await self._go_on_live(services, past.place)
                    return
                if loop.time() - told_at >= _TELL_EVERY_S:
                    told_at = loop.time()
                    self._say_replay(services, pace, until)
                if not more:
                    await asyncio.sleep(_TICK_S)
        except (CursorTooOld, AsOfTooOld, LogUnavailable) as error:
            await self._give_up_playing(services, str(error))
        except Exception:  # the task's boundary: the client must not wait for rows that never come
            log.exception("playing the past failed")
            await self._give_up_playing(services, "ask for it again")

    async def _give_up_playing(self, services: Services, why: str) -> None:
        self._playing = None
        self._say_error(f"the replay ended: {why}")
        await self._go_on_live(services, None)

    async def _return_to_live(self) -> None:
        services = await self._hub.session()
        if self._playing is not None:
            self._stop_playing()
            await self._go_on_live(services, None)

    async def _go_on_live(self, services: Services, place: Place | None) -> None:
        """From a place in the log on, or from now on."""
        self._say({"channel": "session", "origin": services.origin.value, "replay": None})
        for subscription in list(self._subscriptions.values()):
            channel = subscription.channel
            if channel != "candles" and place is None:
                subscription.place = self._hub.place.within(TOPICS_OF[channel])
                self._go_live(subscription)
                continue
            after = None if place is None or channel == "candles" else place.within(TOPICS_OF[channel])
            wire = None if after is None else to_wire(after, services.origin)
            reading = await self._open(services, channel, wire)
            if self._subscriptions.get(channel) is not subscription:
                reading.close()  # unsubscribed meanwhile
                continue
            subscription.move_to(reading.source.place)
            self._catch_up(subscription, services, reading)

    def _stop_playing(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None

    def _say_replay(self, services: Services, pace: Pace, at: datetime) -> None:
        replay = {"from": rfc3339(pace.start), "speed": pace.speed, "at": rfc3339(at)}
        self._say({"channel": "session", "origin": services.origin.value, "replay": replay})

    async def _unsubscribe(self, request: StreamRequest) -> None:
        services = await self._hub.session()
        channel = request.channel or ""
        names = read_names(services, channel, request.pairs)
        subscription = self._subscriptions.get(channel)
        if subscription is not None:
            if names is not None and subscription.names is None:
                raise InvalidValue("pairs", f"{channel} is subscribed for all pairs: unsubscribe without pairs")
            if names is None or subscription.names is None or subscription.names <= names:
                subscription.stop_replay()
                del self._subscriptions[channel]
                self._hub.note_wanted()
            else:
                subscription.names -= names
        self._ack(request, services)

    def _register(self, subscription: Subscription) -> None:
        """A later subscription to a channel takes the place of the one before."""
        before = self._subscriptions.get(subscription.channel)
        if before is not None:
            before.stop_replay()
        self._subscriptions[subscription.channel] = subscription
        self._hub.note_wanted()

    def _go_live(self, subscription: Subscription) -> None:
        subscription.is_live = True
        if subscription.channel == "candles":
            subscription.generation = self._hub.rewind_candles(subscription.touch)

    def _tell(self, subscription: Subscription, message: Message) -> None:
        """Send a row, if it is of those that were asked for; either way the client is past it."""
        subscription.move_past(message)
        if subscription.picks(message):
            self._put(message.text_at(subscription.at, self._hub.origin))
            message.takers += 1

    async def _replay(self, subscription: Subscription, services: Services, opened: Reading[Source]) -> None:
        """Send what was missed, no faster than the client takes it, then join the live stream in one step of the loop."""
        reading: Reading[Source] | None = opened
        topics = TOPICS_OF[subscription.channel]
        loop = asyncio.get_running_loop()
        opened_at = loop.time()
        try:
            while True:
                taken = await self._drained_soon()
                its_turn_is_over = self._hub.readers.others_wait and loop.time() - opened_at > _TURN_S
                if reading and (its_turn_is_over or not taken):
                    reading.close()  # others wait for it, or the client does not read
                    reading = None
                await self._outbox.drained.wait()
                if reading is None:
                    where = to_wire(subscription.at, services.origin)
                    reading = await self._open(services, subscription.channel, where)
                    opened_at = loop.time()
                delivered = self._hub.place.within(topics)
                messages, at_end = await reading.run(reading.source.read)
                for message in messages:
                    self._tell(subscription, message)
                count_taken(self._telemetry, messages)
                subscription.move_to(reading.source.place)
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
        except (LogUnavailable, NotReady) as error:
            self._drop(subscription)
            self._say_error(f"{subscription.channel} could not be resumed: {error}")
        except Exception:  # the task's boundary: the client must not wait for rows that never come
            log.exception("a replay failed", channel=subscription.channel)
            self._drop(subscription)
            self._say_error(f"{subscription.channel} could not be resumed: subscribe again")
        finally:
            if reading:
                reading.close()

    async def _drained_soon(self) -> bool:
        """Whether the client takes what it was sent: at once where others wait for a reader, else within a second."""
        drained = self._outbox.drained
        if drained.is_set() or self._hub.readers.others_wait:
            return drained.is_set()
        try:
            await asyncio.wait_for(drained.wait(), _TAKEN_WITHIN_S)
        except TimeoutError:
            return False
        return True

    def _drop(self, subscription: Subscription) -> None:
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
                # While the past is played there is no place yet that it could resume from.
                "cursor": None if self._playing is not None else to_wire(place, services.origin),
                "origin": services.origin.value,
            }
        )

    async def _say_too_old(self, error: CursorTooOld) -> None:
        try:
            services = await self._hub.session()
        except NotReady as not_ready:
            self._say_error(str(not_ready))
            return
        oldest = oldest_to_wire(error.oldest, services.origin)
        detail = f"the cursor is too old: the oldest that can be resumed from is {oldest}; read earlier rows over REST"
        self._say({"channel": "error", "detail": detail, "oldest": oldest})

    def _say_error(self, detail: str) -> None:
        self._say({"channel": "error", "detail": detail})

    def _say(self, message: dict[str, object]) -> None:
        self._put(msgspec.json.encode(message).decode())

    def _put(self, text: str) -> None:
        if not self.closed.is_set() and not self._outbox.put(text):
            self._telemetry.count("stream_clients_too_slow")
            self.close(TOO_SLOW, "too slow: more than the queue holds was waiting. Resume with your last cursor")
