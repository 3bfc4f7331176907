"""Why nothing comes from what lies outside: the venue's feed of a pair, or a news source. As the collectors tell it."""

import time
from collections.abc import Callable, Collection, Sequence

from domain.event import Event
from domain.market.feed import FeedConnected, FeedDisconnected, FeedEnded, MarketFeedEvent, SubscriptionRejected
from domain.news.source import NewsSourceEvent, NewsSourceFailed

_SHOWN = 3


class SourceTroubles:
    """Notes what happens to each source. Safe for several threads; `note` looks at the type of each event only.

    With `silent_after_s` it is a trouble too when nothing at all has come for so long while all seems well.
    """

    def __init__(
        self,
        what: str,
        *,
        silent_after_s: float | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._silent_after_s = silent_after_s
        self._now = now
        self._reasons: dict[str, str] = {}
        self._heard = now()

    def note(self, events: Sequence[Event]) -> None:
        """Look at what a collector hands on."""
        for event in events:
            if isinstance(event, MarketFeedEvent):
                self._note_market(event)
            elif isinstance(event, NewsSourceEvent):
                self._reasons.pop(event.source, None)
                if isinstance(event, NewsSourceFailed):
                    self._reasons[event.source] = event.reason
        self._heard = self._now()

    def follow(self, names: Collection[str]) -> None:
        """Only these are collected from now on."""
        for name in [name for name in list(self._reasons) if name not in names]:
            self._reasons.pop(name, None)
        self._heard = self._now()
        if not names:
            self._heard = float("inf")

    def look(self) -> str | None:
        """Why nothing comes, in a sentence; None where all is well."""
        reasons = dict(self._reasons)
        if reasons:
            by_reason: dict[str, list[str]] = {}
            for name, reason in reasons.items():
                by_reason.setdefault(reason, []).append(name)
            shown = [f"{', '.join(names)}: {reason}" for reason, names in list(by_reason.items())[:_SHOWN]]
            more = f"; and {len(by_reason) - _SHOWN} more" if len(by_reason) > _SHOWN else ""
            return f"nothing comes from {self._what} for {'; '.join(shown)}{more}"
        silent_s = self._now() - self._heard
        if self._silent_after_s is not None and silent_s > self._silent_after_s:
            return f"nothing has come from {self._what} for {silent_s:.0f} s"
        return None

    def _note_market(self, event: MarketFeedEvent) -> None:
        if isinstance(event, FeedDisconnected | SubscriptionRejected):
            self._reasons[event.pair] = event.reason
        elif isinstance(event, FeedConnected):
            self._reasons.pop(event.pair, None)
        elif isinstance(event, FeedEnded):
            self._reasons.pop(event.pair, None)
            self._silent_after_s = None  # a recording came to its end
