"""What a strategy may look at: a series' closed bars as arrays, and what sentiment was known when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil

import numpy as np
import numpy.typing as npt

from domain.analytics.sentiment import TagSentiment
from domain.market.candle import Candle

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Mean sentiment of some articles each, by when it was known, oldest first (seconds since 1970, UTC)."""

    known_at: Ints
    score: Floats
    articles: Floats


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Bars of one length (in seconds), oldest first, perhaps with holes. `starts` are seconds since 1970, UTC.

    Prices are above zero; all arrays of prices are as long as `starts`.
    """

    length: int
    starts: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    sentiment: Readings

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def ends(self) -> Ints:
        """When each bar closed: what was known by then may decide what is done next."""
        return self.starts + self.length

    @property
    def span(self) -> timedelta:
        """The bars' length."""
        return timedelta(seconds=self.length)

    @property
    def missing(self) -> int:
        """How many bars lie in holes between the first and the last."""
        return int(self.starts[-1] - self.starts[0]) // self.length + 1 - len(self) if len(self) else 0

    def first(self, bars: int) -> "History":
        """The history as it was when that many bars (at least one) had closed."""
        known = int(np.searchsorted(self.sentiment.known_at, self.starts[bars - 1] + self.length, side="right"))
        said = self.sentiment
        return replace(
            self,
            starts=self.starts[:bars],
            open=self.open[:bars],
            high=self.high[:bars],
            low=self.low[:bars],
            close=self.close[:bars],
            sentiment=Readings(said.known_at[:known], said.score[:known], said.articles[:known]),
        )

    def time(self, bar: int) -> datetime:
        """When a bar started."""
        return datetime.fromtimestamp(int(self.starts[bar]), UTC)


def history_of(candles: Sequence[Candle], length: timedelta, sentiment: Iterable[TagSentiment] = ()) -> History:
    """From candles by start, and one tag's sentiment.

    Articles count from the end of the interval in which they were recorded, or from when their scores were recorded if
    that was later: nobody could act on them earlier.
    """
    rows = [(c.start.timestamp(), float(c.open), float(c.high), float(c.low), float(c.close)) for c in candles]
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    said = sorted((_known_at(one), float(one.score), float(one.articles)) for one in sentiment)
    known_at, score, articles = np.array(said, dtype=np.float64).reshape(-1, 3).T
    return History(
        length=int(length.total_seconds()),
        starts=table[:, 0].astype(np.int64),
        open=table[:, 1].copy(),
        high=table[:, 2].copy(),
        low=table[:, 3].copy(),
        close=table[:, 4].copy(),
        sentiment=Readings(known_at.astype(np.int64), score.copy(), articles.copy()),
    )


def _known_at(one: TagSentiment) -> int:
    return ceil(max((one.start + one.interval.length).timestamp(), one.recorded_at.timestamp()))
