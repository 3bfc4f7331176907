"""Whether a strategy looks ahead: what it decided must stay when the future is cut off, or comes otherwise."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from application.analytics.backtest.history import Bools, History
from application.analytics.backtest.strategy import Strategy
from domain.errors import InvalidValue
from domain.values import rfc3339

_CUTS = 8
_DISTURBANCE = 1.5


class LooksAhead(InvalidValue):
    """A strategy decided by what came later."""

    def __init__(self, strategy: Strategy, history: History, bar: int) -> None:
        super().__init__(
            "strategy",
            f"{strategy.name} looks ahead: what it decides at the bar of {rfc3339(history.time(bar))} "
            "changes with what comes after",
        )


def check_look_ahead(strategy: Strategy, history: History, hold: Bools) -> None:
    """Decide again at 8 places, evenly spread, with the rest cut off, with all later prices raised by half and lowered
    likewise, and with later sentiment at its ends. Raises LooksAhead where any earlier decision becomes another.

    Prices both higher and lower than they were leave hardly a peek unnoticed; still, it is a check and no proof.
    """
    seen = history.first(min(len(history), strategy.checked_bars))
    for cut in sorted({len(seen) * part // (_CUTS + 1) for part in range(1, _CUTS + 1)} | {len(seen)}):
        if not cut:
            continue
        for other in _otherwise(seen, cut):
            changed = np.flatnonzero(strategy.positions(other)[:cut] != hold[:cut])
            if len(changed):
                raise LooksAhead(strategy, history, int(changed[0]))


def _otherwise(history: History, cut: int) -> Iterator[History]:
    yield history.first(cut)
    if cut < len(history):
        yield _disturbed(history, cut, _DISTURBANCE, 1.0)
        yield _disturbed(history, cut, 1 / _DISTURBANCE, -1.0)


def _disturbed(history: History, cut: int, factor: float, score: float) -> History:
    factors = np.where(np.arange(len(history)) < cut, 1.0, factor)
    said = history.sentiment
    later = said.known_at > history.ends[cut - 1]
    return replace(
        history,
        open=history.open * factors,
        high=history.high * factors,
        low=history.low * factors,
        close=history.close * factors,
        sentiment=replace(said, score=np.where(later, score, said.score)),
    )
