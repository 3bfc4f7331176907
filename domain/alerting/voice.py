"""How often a rule speaks of one market: a value that swings around a threshold makes no storm of alerts."""

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.alerting.detector import Detector, Sighting
from domain.alerting.feed_silent import FeedSilentDetector
from domain.event import Event
from domain.values import parse_time, rfc3339

MOST_AN_HOUR = 6
SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
_HOUR = timedelta(hours=1)


def pause_after(window: timedelta) -> timedelta:
    """For how long a rule is quiet after an alert: its window, but at least a minute and at most an hour."""
    return max(SHORTEST_PAUSE, min(window, LONGEST_PAUSE))


class Voice:
    """A detector whose sightings become alerts only now and then: one state for a rule and a market.

    After an alert the rule is quiet for `pause_after(window)`, and it speaks MOST_AN_HOUR times within an hour at most.
    What its detector sees meanwhile is counted, and the next alert says how much that was (`held_back`). A state that
    lasts beyond the pause is told then. The detector itself reports a state again only after it has come back by half of
    the threshold. Time is that of what was seen, so a preview speaks as the rule would have.
    """

    __slots__ = ("_held_back", "_holding", "_pause", "_spoken", "detector")

    def __init__(self, detector: Detector, window: timedelta) -> None:
        self.detector = detector
        self._pause = pause_after(window)
        self._spoken: deque[datetime] = deque(maxlen=MOST_AN_HOUR)
        self._held_back = 0
        self._holding: bool | None = None  # what was seen last and held back still goes on: upwards, or downwards

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Sighting | None:
        """As the detector, where the rule may speak."""
        seen = self.detector.observe(event, timely=timely, price=price)
        if seen is None:
            return None
        is_silence = isinstance(self.detector, FeedSilentDetector)
        return self._admit(seen, event.recorded_at if is_silence else seen.occurred_at)

    def pass_time(self, now: datetime) -> Sighting | None:
        """As the detector of silences; others see nothing in time that passes."""
        if not isinstance(self.detector, FeedSilentDetector):
            return None
        seen = self.detector.pass_time(now)
        return self._admit(seen, now) if seen else None

    def begin(self, at: datetime) -> None:
        """Listen from `at` on, where silences are waited for."""
        if isinstance(self.detector, FeedSilentDetector):
            self.detector.begin(at)

    def refill(self, event: Event, *, price: Decimal | None) -> None:
        """Show the detector what it has seen before, and say nothing."""
        self.detector.observe(event, timely=True, price=price)

    def again(self) -> None:
        """As the detector."""
        self.detector.again()

    def memory(self) -> Any:
        """What the detector must remember, and when the rule spoke; None for nothing."""
        detector = self.detector.memory()
        if not self._spoken:
            return None if detector is None else {"detector": detector}
        spoken = [rfc3339(at) for at in self._spoken]
        return {"detector": detector, "spoken": spoken, "held_back": self._held_back, "holding": self._holding}

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave, or what the detector alone gave before rules had voices."""
        if not isinstance(memory, dict) or "detector" not in memory:
            self.detector.remember(memory)
            return
        if memory["detector"] is not None:
            self.detector.remember(memory["detector"])
        self._spoken.extend(parse_time(at) for at in memory.get("spoken", ()))
        self._held_back = memory.get("held_back", 0)
        self._holding = memory.get("holding")

    def _admit(self, seen: Sighting, at: datetime) -> Sighting | None:
        if self._may_speak(at):
            found = replace(seen, held_back=self._held_back)
            self._spoken.append(at)
            self._held_back, self._holding = 0, None
            return found
        rises = seen.pct_change > 0
        if self._holding is not rises:
            self._held_back += 1
            self._holding = rises
        self.detector.again()
        return None

    def _may_speak(self, at: datetime) -> bool:
        spoken = self._spoken
        if not spoken:
            return True
        if at - spoken[-1] < self._pause:
            return False
        return len(spoken) < MOST_AN_HOUR or at - spoken[0] >= _HOUR
