"""Histories of bars, made up."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from application.analytics.backtest.history import History, Readings

HOUR = 3600


def history(
    closes: Sequence[float], *, opens: Sequence[float] | None = None, starts: Sequence[int] | None = None,
    said: Sequence[tuple[int, float, int]] = (),
) -> History:  # fmt: skip
    """Hourly bars that open where the one before closed; `said`: known at, score, articles."""
    close = np.array(closes, dtype=np.float64)
    open_ = np.array(opens, dtype=np.float64) if opens else np.concatenate((close[:1], close[:-1]))
    known_at, score, articles = np.array(said, dtype=np.float64).reshape(-1, 3).T
    return History(
        length=HOUR,
        starts=np.array(starts if starts else range(0, HOUR * len(close), HOUR), dtype=np.int64),
        open=open_,
        high=np.maximum(open_, close),
        low=np.minimum(open_, close),
        close=close,
        sentiment=Readings(known_at.astype(np.int64), score, articles),
    )


@st.composite
def histories(draw: st.DrawFn, *, least: int = 2, most: int = 60) -> History:
    """With holes, jumps, spells of one price, and sentiment."""
    bars = draw(st.integers(least, most))
    moves = st.one_of(st.just(1.0), st.sampled_from([0.1, 0.99, 1.01, 1.9]), st.floats(0.9, 1.1))
    factors = draw(st.lists(moves, min_size=2 * bars, max_size=2 * bars))
    prices = 100 * np.cumprod(factors)
    gaps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 9]), min_size=bars, max_size=bars))
    starts = (np.cumsum(gaps) * HOUR).tolist()
    reading = st.tuples(st.integers(0, starts[-1] + 2 * HOUR), st.floats(-1, 1), st.integers(1, 9))
    said = sorted(draw(st.lists(reading, max_size=20)))
    return history(prices[1::2].tolist(), opens=prices[::2].tolist(), starts=starts, said=said)
