"""What a collector remembers of one source: when it is due, how often it failed, what it has seen."""

from dataclasses import dataclass, field

from application.news.known_articles import Guids, KnownArticles
from application.ports.news_feed import Validators
from domain.values import Origin

_FIRST_PAUSE_S = 15.0
_CONDITIONAL_FOR_S = 86_400.0  # a server that answers 304 for ever is asked for the whole feed once a day


@dataclass(frozen=True, slots=True)
class NewsSource:
    """A feed under its name in the settings, and whose data it is."""

    name: str
    url: str
    origin: Origin


@dataclass(slots=True, kw_only=True)
class SourceState:
    """`due` and `whole_at`, when the whole feed came last, are on the monotonic clock, in seconds."""

    source: NewsSource
    due: float
    polling: bool = False
    failures: int = 0
    validators: Validators = field(default_factory=Validators)
    whole_at: float = 0.0
    guids: Guids = field(default_factory=Guids)
    known: KnownArticles = field(default_factory=KnownArticles)

    def conditions(self, now: float) -> Validators:
        """What to show the server: nothing where the whole feed has not come for a day."""
        return self.validators if now - self.whole_at < _CONDITIONAL_FOR_S else Validators()

    def starts(self, now: float) -> bool:
        """Whether a poll is to start now; then it has."""
        if self.polling or self.due > now:
            return False
        self.polling = True
        return True

    def answered(self, now: float, interval_s: float, validators: Validators, *, is_whole: bool) -> None:
        """The feed answered at `now`."""
        self.polling = False
        self.failures = 0
        self.validators = validators
        self.due = now + interval_s
        if is_whole:
            self.whole_at = now

    def failed(self, now: float, interval_s: float, retry_after_s: float | None) -> float:
        """The feed failed at `now`; returns how long it is left alone."""
        self.polling = False
        self.failures += 1
        pause_s = self.pause_s(interval_s, retry_after_s)
        self.due = now + pause_s
        return pause_s

    def pause_s(self, interval_s: float, retry_after_s: float | None) -> float:
        """How long to wait after the last failure: 15 s, doubled with each, up to four intervals; or as the server asks."""
        backoff = min(min(_FIRST_PAUSE_S, interval_s) * 2.0 ** min(self.failures - 1, 20), 4 * interval_s)
        return max(backoff, retry_after_s or 0.0)
