"""What we asked Kraken for, and how far each (channel, pair) has come. No I/O; time is given in seconds.

An acknowledgement says nothing about data, and a heartbeat nothing about one subscription: so each is followed from
`wanted` over `pending` (asked) and `acked` to `live` (data came). One that stays behind is asked for again; then, once,
the whole connection is made anew; and if that does not help while others are live, it is asked for alone, now and then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from adapters.kraken.config import KrakenConfig
from adapters.kraken.errors import ConnectionLost
from adapters.kraken.messages import Answer, Method, Request, RequestParams

CHANNELS = ("trade", "ticker")
_SLOWEST_INTERVAL_S = 5.0
_STRIKES_TO_RECONNECT = 2
_PASSING = ("exceeded msg rate", "rate limit", "throttled", "eservice:", "temporar", "internal error", "try again")


class State(Enum):
    """How far a subscription has come on the present connection."""

    WANTED = "wanted"
    PENDING = "pending"
    ACKED = "acked"
    LIVE = "live"
    SILENT = "silent"  # given up for now, asked for again alone
    REJECTED = "rejected"


@dataclass(slots=True)
class Subscription:
    """One channel of one pair. `strikes` counts deadlines missed in a row, over all connections."""

    channel: str
    pair: str
    state: State = State.WANTED
    deadline: float = 0
    strikes: int = 0
    request: int = 0
    unsubscribe_first: bool = False
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A subscription that is asked for alone from now on, next in `retry_in_s` seconds."""

    pair: str
    reason: str
    retry_in_s: float


class Subscriptions:
    """All subscriptions of a feed."""

    def __init__(self, config: KrakenConfig, pairs: Sequence[str] | None = None) -> None:
        self._config = config
        pairs = config.pairs if pairs is None else pairs
        self._all = {(channel, pair): Subscription(channel, pair) for pair in pairs for channel in CHANNELS}
        self._leaving: list[tuple[str, str]] = []
        self._requests = 0
        self._own_unsubscribes: set[int] = set()
        self._interval = config.request_interval_s
        self._next_request = 0.0
        self._next_check = 0.0
        self._last_error: str | None = None

    def follow(self, pairs: Sequence[str]) -> None:
        """Want these pairs from now on: what is known of those that stay, stays."""
        before = self._all
        wanted = [(channel, pair) for pair in pairs for channel in CHANNELS]
        self._leaving = [key for key in self._leaving if key not in wanted]
        for key, one in before.items():
            if key not in wanted and one.state not in {State.WANTED, State.REJECTED}:
                self._leaving.append(key)
        self._all = {key: before.get(key) or Subscription(*key) for key in wanted}

    def begin(self, now: float) -> None:
        """A new connection: everything is wanted anew, at the first pace; strikes stay."""
        self._own_unsubscribes.clear()
        self._leaving.clear()
        self._last_error = None
        self._interval = self._config.request_interval_s
        self._next_request = self._next_check = now
        for one in self._all.values():
            one.state, one.unsubscribe_first = State.WANTED, False

    def next_request(self, now: float) -> str | None:
        """The next message to send, if there is one and its time has come."""
        if now < self._next_request:
            return None
        if self._leaving:
            return self._next_leave(now)
        wanted = [one for one in self._all.values() if one.state is State.WANTED]
        if not wanted:
            return None
        self._next_request = now + self._interval
        first = wanted[0]
        batch = [
            one for one in wanted if (one.channel, one.unsubscribe_first) == (first.channel, first.unsubscribe_first)
        ][: self._config.pairs_per_request]
        self._requests += 1
        method: Method = "unsubscribe" if first.unsubscribe_first else "subscribe"
        if method == "unsubscribe":
            self._own_unsubscribes.add(self._requests)
        for one in batch:
            if one.unsubscribe_first:
                one.unsubscribe_first = False
            else:
                one.state, one.request = State.PENDING, self._requests
                one.deadline = now + self._config.ack_deadline_s
        params = RequestParams(first.channel, [one.pair for one in batch], snapshot=True)
        return msgspec.json.encode(Request(method, params, self._requests)).decode()

    def _next_leave(self, now: float) -> str:
        """Unsubscribe from pairs that are not wanted any more, a channel at a time."""
        self._next_request = now + self._interval
        channel = self._leaving[0][0]
        pairs = [pair for of, pair in self._leaving if of == channel][: self._config.pairs_per_request]
        self._leaving = [key for key in self._leaving if key[0] != channel or key[1] not in pairs]
        self._requests += 1
        self._own_unsubscribes.add(self._requests)
        params = RequestParams(channel, pairs, snapshot=True)
        return msgspec.json.encode(Request("unsubscribe", params, self._requests)).decode()

    def answered(self, answer: Answer, now: float) -> list[Subscription]:
        """Take an answer; returns the subscriptions that it rejects, unless it said the same before."""
        if answer.method == "unsubscribe":
            self._unsubscribed(answer)
            return []
        if answer.success and answer.result is not None and answer.result.symbol is not None:
            self._acked(self._all.get((answer.result.channel, answer.result.symbol)), now)
            return []
        if answer.error is None:
            return []
        meant = self._meant(answer)
        if not meant:
            self._last_error = answer.error  # whoever it meant stays unconfirmed, and then this is why
        return [one for one in meant if self._refuse(one, answer.error, now)]

    def heard(self, channel: str, pair: str) -> bool:
        """Data came; returns whether it is the first on this connection."""
        one = self._all.get((channel, pair))
        if one is None or one.state is State.LIVE:
            return False
        one.state, one.strikes, one.refusal = State.LIVE, 0, None
        return True

    def heard_nothing(self, channel: str) -> str | None:
        """A snapshot without rows names no pair; it can only be that of a pair that never traded. Returns the pair taken."""
        for one in self._all.values():
            if one.channel == channel and one.state is State.ACKED:
                self.heard(channel, one.pair)
                return one.pair
        return None

    def slow_down(self, now: float) -> None:
        """We asked too much at once: ask again for what is unconfirmed, after a pause and at half the pace."""
        self._interval = min(max(self._interval, 0.01) * 2, _SLOWEST_INTERVAL_S)
        self._next_request = now + self._config.rate_pause_s
        for one in self._all.values():
            if one.state is State.PENDING:
                one.state = State.WANTED

    def overdue(self, now: float) -> list[Silence]:
        """Act on missed deadlines; returns those given up for now. Raises ConnectionLost when a new connection is needed."""
        if now < self._next_check:
            return []
        self._next_check = now + min(self._config.ack_deadline_s, self._config.snapshot_deadline_s) / 10
        late = [
            one
            for one in self._all.values()
            if one.state in {State.PENDING, State.ACKED, State.SILENT} and now > one.deadline
        ]
        any_live = any(one.state is State.LIVE for one in self._all.values())
        silences = []
        lost = None
        for one in late:
            reason = self._reason(one)
            was_silent = one.state is State.SILENT
            one.unsubscribe_first = one.state is not State.PENDING
            one.state = State.WANTED
            if was_silent:
                continue
            one.strikes += 1
            if one.strikes == _STRIKES_TO_RECONNECT or (one.strikes > _STRIKES_TO_RECONNECT and not any_live):
                lost = reason
            elif one.strikes > _STRIKES_TO_RECONNECT:
                one.state, one.deadline = State.SILENT, now + self._config.retry_alone_s
                silences.append(Silence(one.pair, reason, self._config.retry_alone_s))
        if lost is not None:
            raise ConnectionLost(lost)
        return silences

    def is_settled(self) -> bool:
        """Whether nothing is left to wait for: then data needs no looking at, and no deadline runs."""
        return not self._leaving and all(one.state in {State.LIVE, State.REJECTED} for one in self._all.values())

    def is_connected(self, pair: str) -> bool:
        """Whether the pair's data flows: something came, or all is confirmed and nothing of it was silent before."""
        channels = [self._all[channel, pair] for channel in CHANNELS if (channel, pair) in self._all]
        if any(one.state in {State.REJECTED, State.SILENT} or one.strikes > 1 for one in channels):
            return False
        confirmed = all(one.state in {State.ACKED, State.LIVE} and not one.strikes for one in channels)
        return confirmed or any(one.state is State.LIVE for one in channels)

    def rejected_pairs(self) -> set[str]:
        """Pairs of which a channel was refused for good."""
        return {one.pair for one in self._all.values() if one.refusal is not None}

    def _reason(self, one: Subscription) -> str:
        what = f"the {'trades' if one.channel == 'trade' else 'ticker'} of {one.pair}"
        if one.state is State.PENDING:
            said = f"; it said: {self._last_error[:200]}" if self._last_error else ""
            return f"Kraken did not confirm the subscription to {what} within {self._config.ack_deadline_s:g} s{said}"
        return f"Kraken confirmed the subscription to {what} but sent nothing within {self._config.snapshot_deadline_s:g} s"

    def _acked(self, one: Subscription | None, now: float) -> None:
        if one is not None and one.state in {State.WANTED, State.PENDING, State.REJECTED, State.SILENT}:
            one.state, one.refusal = State.ACKED, None
            one.deadline = now + self._config.snapshot_deadline_s

    def _refuse(self, one: Subscription, error: str, now: float) -> bool:
        text = error.lower()
        if "already subscribed" in text:
            self._acked(one, now)
            return False
        if any(passing in text for passing in _PASSING):
            self._last_error = error
            return False  # it stays pending: the deadline asks again
        one.state = State.REJECTED
        is_new, one.refusal = one.refusal != error, error
        return is_new

    def _meant(self, answer: Answer) -> list[Subscription]:
        """Whom an error means: by request and symbol where it names them. Some name neither."""
        pending = [one for one in self._all.values() if one.state is State.PENDING]
        if answer.req_id is not None:
            pending = [one for one in pending if one.request == answer.req_id]
        if answer.symbol is not None:
            pending = [one for one in pending if one.pair == answer.symbol]
            return pending if answer.req_id is not None else pending[:1]
        return pending if answer.req_id is not None else []

    def _unsubscribed(self, answer: Answer) -> None:
        """An end that we did not ask for: the venue took a subscription away, so we ask for it again."""
        if answer.req_id in self._own_unsubscribes or not answer.success or answer.result is None:
            return
        one = self._all.get((answer.result.channel, answer.result.symbol or ""))
        if one is not None and one.state in {State.ACKED, State.LIVE}:
            one.state = State.WANTED
