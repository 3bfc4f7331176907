"""What a collector remembers of one source: when it is due, how often it failed, what it has seen."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from application.ports.news_feed import Validators
from domain.values import Origin

_FIRST_PAUSE_S = 15.0
_MOST_REMEMBERED = 2_000  # ids; older ones are in the store, which is asked too


@dataclass(frozen=True, slots=True)
class NewsSource:
    """A feed under its name in the settings, and whose data it is."""

    name: str
    url: str
    origin: Origin


@dataclass(slots=True, kw_only=True)
class SourceState:
    """`due` is on the monotonic clock, in seconds."""

    source: NewsSource
    due: float
    polling: bool = False
    failures: int = 0
    validators: Validators = field(default_factory=Validators)
    _seen: dict[str, None] = field(default_factory=dict)

    def pause_s(self, interval_s: float, retry_after_s: float | None) -> float:
        """How long to wait after the last failure: 15 s, doubled with each, up to four intervals; or as the server asks."""
        backoff = min(min(_FIRST_PAUSE_S, interval_s) * 2.0 ** min(self.failures - 1, 20), 4 * interval_s)
        return max(backoff, retry_after_s or 0.0)

    def unseen(self, ids: Iterable[str]) -> list[str]:
        """Those ids, each once, that did not come before."""
        return [each for each in dict.fromkeys(ids) if each not in self._seen]

    def remember(self, ids: Iterable[str]) -> None:
        """Take note that these came now; the longest not seen are forgotten first."""
        for each in ids:
            self._seen.pop(each, None)
            self._seen[each] = None
        for oldest in list(self._seen)[: max(0, len(self._seen) - _MOST_REMEMBERED)]:
            del self._seen[oldest]
