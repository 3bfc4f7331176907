"""Bars of a series and the holes between them, treated alike wherever a forecaster is fed.

A bar is missing when nothing was traded in it, or when we were not there. The price does not move where nothing is
traded: so a forecast for a bar that is missing turned out as the price before it, as long as the hole is short
(SHORT_HOLE bars). The price after a hole is no one-bar step from the price before it, so forecasters forget what was last.
Of the ways tried on hourly candles since 2013 (carrying the price over all missing bars, learning the step over the hole)
this one forecasts best.
"""

from datetime import datetime, timedelta

from application.ports.forecaster import Forecaster

SHORT_HOLE = 5  # bars


def missing_between(last_start: datetime, start: datetime, length: timedelta) -> int:
    """How many bars are missing between two that start at these times."""
    return (start - last_start) // length - 1


def pass_hole(forecaster: Forecaster, missing: int, last_price: float) -> None:
    """Let a forecaster know that bars are missing before the next one."""
    if 0 < missing <= SHORT_HOLE:
        forecaster.step(last_price)
    if missing:
        forecaster.forget_last()
