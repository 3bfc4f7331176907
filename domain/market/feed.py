"""What happened to the market feed itself: connections, refusals, gaps in the trade ids."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.event import Event
from domain.values import Pair, rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFeedEvent(Event):
    """Something that befell the feed of one pair. `pair` is a plain name: a rejected one need not have a pair's form."""

    venue: str
    pair: str

    @property
    def event_id(self) -> str:
        """One event of a kind for a pair at a time."""
        return f"{self.venue}:{self.pair}:{self.name}:{rfc3339(self.recorded_at)}"

    @property
    def key(self) -> str:
        """Feed events are in order within a pair."""
        return self.pair


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedConnecting(MarketFeedEvent):
    """A session begins to connect to `endpoint` for this pair."""

    name: ClassVar[str] = "feed-connecting"
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedConnected(MarketFeedEvent):
    """Data for this pair flows: its subscription was confirmed, or its first frame came."""

    name: ClassVar[str] = "feed-connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDisconnected(MarketFeedEvent):
    """No data flows for this pair any more. `reason` is for people; `next_try_at` is None when nobody will try again."""

    name: ClassVar[str] = "feed-disconnected"
    reason: str
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEnded(MarketFeedEvent):
    """A recording came to its end."""

    name: ClassVar[str] = "feed-ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRejected(MarketFeedEvent):
    """The venue refused to send this pair on `channel`, and said why."""

    name: ClassVar[str] = "subscription-rejected"
    channel: str
    reason: str

    @property
    def event_id(self) -> str:
        """Both channels of a pair can be refused in the same microsecond."""
        return f"{self.venue}:{self.pair}:{self.name}:{self.channel}:{rfc3339(self.recorded_at)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeGapEvent(Event):
    """A run of trade ids, `first` to `last`, both inclusive.

    `since` and `until` are the times of the known trades on either side of it; `occurred_at` is `until`.
    """

    venue: str
    pair: Pair
    first: int
    last: int
    since: datetime
    until: datetime

    @property
    def event_id(self) -> str:
        """`kraken:BTC/USD:trade-gap-detected:17-19:2026-…`: trades that were fetched may be lost, and fetched, again."""
        return f"{self.venue}:{self.pair}:{self.name}:{self.first}-{self.last}:{rfc3339(self.recorded_at)}"

    @property
    def key(self) -> str:
        """Gaps are in order within a pair."""
        return self.pair

    @property
    def size(self) -> int:
        """How many trades."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeIdsRestarted(Event):
    """The venue does not go on with its trade ids: another trade came under a known id, or ids jumped or went back.

    Nothing was missed. From the trade stored as `first` on, trades are kept under the venue's id + `offset` (see
    `numbering.py`). `occurred_at` is that trade's time; `reason` is for people.
    """

    name: ClassVar[str] = "trade-ids-restarted"

    venue: str
    pair: Pair
    first: int
    offset: int
    reason: str

    @property
    def event_id(self) -> str:
        """`kraken:BTC/USD:trade-ids-restarted:1000000000000017`: a line of ids begins once."""
        return f"{self.venue}:{self.pair}:{self.name}:{self.first}"

    @property
    def key(self) -> str:
        """In order with the gaps of the pair."""
        return self.pair


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeGapDetected(TradeGapEvent):
    """Trades `first` to `last` did not reach us."""

    name: ClassVar[str] = "trade-gap-detected"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeHistoryRequested(TradeGapEvent):
    """Trades `first` to `last`, from before the first that we saw, are to be fetched. Nothing was missed."""

    name: ClassVar[str] = "trade-history-requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeGapFilled(TradeGapEvent):
    """Trades `first` to `last`, missing or requested before, are in the log now."""

    name: ClassVar[str] = "trade-gap-filled"
