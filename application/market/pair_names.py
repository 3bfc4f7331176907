"""Names of pairs as the venue spells them, and whether it trades them at all."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import structlog

from application.ports.pair_listing import ListingUnavailable, PairListing
from domain.turns import Backoff
from domain.values import Pair

log = structlog.get_logger(__name__)

_GOOD_FOR_S = 3_600.0
_NEW_AFTER_S = 60.0  # a pair that is not on the list may have been listed since
_RETRY = Backoff(first_s=5, longest_s=300)
_SHOWN = 3
_ALIKE = 0.6  # of difflib's ratio


@dataclass(frozen=True, slots=True)
class Checked:
    """Pairs under the venue's own names; those it does not trade, each with the nearest names that it does.

    `unchecked` says why nobody knows, where the list could not be had.
    """

    pairs: tuple[Pair, ...]
    unlisted: Mapping[Pair, tuple[Pair, ...]]
    unchecked: str | None = None


class PairNames:
    """Keeps a venue's list for an hour. Safe for several threads.

    `own` and `hint` answer at once from the list that is known; `check` asks the venue where it must.
    """

    def __init__(self, listing: PairListing, seconds: Callable[[], float] = time.monotonic) -> None:
        self._listing = listing
        self._seconds = seconds
        self._known: Mapping[str, Pair] = {}
        self._fetched_at: float | None = None
        self._fetching = threading.Lock()
        self._tried = threading.Event()
        self._stop = threading.Event()

    @property
    def known(self) -> Mapping[str, Pair]:
        """The pairs that are known so far, by their names without case: another object when the list is another one."""
        return self._known

    def begin(self) -> None:
        """Fetch the list in the background, trying again until it is had or `close` is called."""
        threading.Thread(target=self._fetch_until_had, name="pair-names", daemon=True).start()

    def close(self) -> None:
        """Try no more."""
        self._stop.set()

    def wait(self, timeout_s: float) -> None:
        """Wait until the first try to fetch the list has ended, however it did."""
        self._tried.wait(timeout_s)

    def own(self, pair: Pair) -> Pair:
        """Return the venue's spelling of a pair, as far as it is known."""
        return self._known.get(pair.lower(), pair)

    def hint(self, pair: str) -> str:
        """Return what to say of a pair that the venue refuses: the nearest names; empty where the list does not help."""
        if not self._known or pair.lower() in self._known:
            return ""
        return f"; {pair} is not on its list of pairs{_words(self._nearest(pair))}"

    def check(self, pairs: Sequence[Pair]) -> Checked:
        """Compare pairs with the venue's list."""
        reason = None
        if self._is_older_than(_GOOD_FOR_S) or (self._unlisted(pairs) and self._is_older_than(_NEW_AFTER_S)):
            reason = self._fetch()
        if not self._known:
            return Checked(tuple(pairs), {}, reason or "its list is empty")
        unlisted = {pair: self._nearest(pair) for pair in self._unlisted(pairs)}
        return Checked(tuple(dict.fromkeys(map(self.own, pairs))), unlisted)

    def _unlisted(self, pairs: Sequence[Pair]) -> list[Pair]:
        return [pair for pair in pairs if pair.lower() not in self._known]

    def _is_older_than(self, seconds: float) -> bool:
        return self._fetched_at is None or self._seconds() - self._fetched_at > seconds

    def _nearest(self, pair: str) -> tuple[Pair, ...]:
        """Those whose base is alike, the most alike first; among them those whose quote is."""
        base, _, quote = pair.lower().partition("/")
        near: list[tuple[float, float, Pair]] = []
        for name, known in self._known.items():
            of, _, to = name.partition("/")
            alike = SequenceMatcher(None, base, of).ratio()
            if alike >= _ALIKE:
                near.append((-alike, -SequenceMatcher(None, quote, to).ratio(), known))
        return tuple(known for _, _, known in sorted(near)[:_SHOWN])

    def _fetch(self) -> str | None:
        """Fetch the list. Return why it cannot be had; what was known before stays."""
        with self._fetching:
            try:
                pairs = self._listing.pairs()
            except ListingUnavailable as unavailable:
                return str(unavailable)
            finally:
                self._tried.set()
            self._known = {pair.lower(): pair for pair in pairs}
            self._fetched_at = self._seconds()
        return None

    def _fetch_until_had(self) -> None:
        failures = 0
        while not self._stop.is_set() and (reason := self._fetch()) is not None:
            failures += 1
            wait_s = _RETRY.after(failures)
            log.info("the venue's list of pairs cannot be had", reason=reason, next_try_in_s=wait_s)
            self._stop.wait(wait_s)


def refusal(unlisted: Mapping[Pair, tuple[Pair, ...]], venue: str) -> str:
    """Say in a sentence that the venue does not trade these, with the nearest names."""
    told = "; ".join(f"{pair}{_words(nearest)}" for pair, nearest in unlisted.items())
    return f"{venue} does not list {told}"


def _words(nearest: Sequence[Pair]) -> str:
    return f", the nearest names are {', '.join(nearest)}" if nearest else ", and nothing like it"
