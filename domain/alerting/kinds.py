"""What rules can watch for: each kind with its words, the bounds of its parameters, and its detector."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from domain.alerting.detector import Detector
from domain.alerting.feed_silent import FeedSilentDetector
from domain.alerting.forecast_broken import ForecastBrokenDetector
from domain.alerting.price_move import PriceMoveDetector
from domain.alerting.sentiment_swing import SentimentSwingDetector
from domain.alerting.spread_widening import SpreadWideningDetector
from domain.alerting.volume_burst import VolumeBurstDetector
from domain.alerting.windows import BEFORE
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import ZERO, exact, plain

DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """What `threshold_pct` means to a kind. It may be anything above zero up to `most`.

    With `default`, what a rule has that leaves it out, it may be zero too.
    """

    meaning: str
    most: Decimal
    default: Decimal | None = None

    @property
    def bounds(self) -> str:
        """In words."""
        return f"{'above 0' if self.default is None else '0 or more'} and at most {plain(self.most)} percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of rule. `hears` are the events that its detector observes.

    `threshold` None: the kind has none, and rules give 0 or leave it out. `window_s` may be `shortest_s` to
    `longest_s`, or one of `windows_s` where these are named. `observed` says what an alert's `observed` and `usual` are.
    `reach` is how many windows back its detector looks; with `learns`, a new one is shown what was stored of that time.
    """

    name: str
    meaning: str
    threshold: Threshold | None
    window: str
    shortest_s: int = 1
    longest_s: int = DAY_S
    windows_s: tuple[int, ...] = ()
    pct_change: str
    observed: str | None
    hears: tuple[type[Event], ...]
    reach: int = 1
    learns: bool = False
    make: Callable[[Decimal, timedelta], Detector]

    def threshold_of(self, given: Decimal | None) -> Decimal:
        """The threshold of a rule that gives this one, or none. Raises InvalidValue for one that must be given."""
        if given is not None:
            return given
        if self.threshold is None:
            return ZERO
        if self.threshold.default is None:
            raise InvalidValue("threshold_pct", f"threshold_pct is missing: a rule of kind {self.name} needs one")
        return self.threshold.default

    def check(self, threshold_pct: Decimal, window_s: int) -> None:
        """Raises InvalidValue, naming the field, for what cannot be watched for."""
        value, expected = exact(threshold_pct, "threshold_pct"), self.threshold
        if expected is None:
            if value:
                raise InvalidValue(
                    "threshold_pct", f"threshold_pct must be left out: a rule of kind {self.name} has none"
                )
        else:
            least_wrong = value < 0 if expected.default is not None else value <= 0
            if least_wrong or value > expected.most:
                raise InvalidValue(
                    "threshold_pct", f"threshold_pct is {value}: expected {expected.bounds} for kind {self.name}"
                )
        if self.windows_s:
            if window_s not in self.windows_s:
                known = ", ".join(map(str, self.windows_s))
                raise InvalidValue("window_s", f"window_s is {window_s}: expected one of {known} for kind {self.name}")
        elif not self.shortest_s <= window_s <= self.longest_s:
            raise InvalidValue(
                "window_s",
                f"window_s is {window_s}: expected {self.shortest_s} to {self.longest_s} seconds for kind {self.name}",
            )


PRICE_MOVE = Kind(
    name="price-move",
    meaning="The price moved by more than the threshold within the window, up or down.",
    threshold=Threshold(meaning="how large a move, in percent of the price", most=Decimal(1000)),
    window="within how many seconds",
    pct_change="the move from the window's extreme price",
    observed=None,
    hears=(TradeExecuted,),
    make=PriceMoveDetector,
)
VOLUME_BURST = Kind(
    name="volume-burst",
    meaning="In the window more was traded than usual, which is the mean of the 12 windows before it; "
    "windows without trades do not count, and 6 with trades are needed.",
    threshold=Threshold(meaning="how much more than usual, in percent: 300 is four times as much", most=Decimal(10**6)),
    window="over how many seconds volume is summed",
    shortest_s=10,
    longest_s=14_400,
    pct_change="how much more was traded than usual",
    observed="the volume of the window, in the base currency",
    hears=(TradeExecuted,),
    reach=1 + BEFORE,
    learns=True,
    make=VolumeBurstDetector,
)
SPREAD_WIDENING = Kind(
    name="spread-widening",
    meaning="In the window the mean spread was wider than usual, which is the mean of the 12 windows before it; "
    "6 with tickers are needed.",
    threshold=Threshold(meaning="how much wider than usual, in percent: 100 is twice as wide", most=Decimal(10**6)),
    window="over how many seconds the spread is averaged",
    shortest_s=10,
    longest_s=14_400,
    pct_change="how much wider the spread was than usual",
    observed="the mean spread of the window relative to the mid price, in basis points",
    hears=(TickerUpdated,),
    reach=1 + BEFORE,
    learns=True,
    make=SpreadWideningDetector,
)
SENTIMENT_SWING = Kind(
    name="sentiment-swing",
    meaning="The articles recorded in the window that are tagged with the pair's asset sound better or worse than those "
    "of the 12 windows before it; 3 articles in the window and 6 before it are needed.",
    threshold=Threshold(
        meaning="how large a change of the mean score, in points: a score of -1 to 1 is -100 to 100 points",
        most=Decimal(200),
    ),
    window="over how many seconds scores are averaged",
    shortest_s=60,
    pct_change="the change of the mean score, in points of a hundredth",
    observed="the mean score of the window's articles, -1 to 1",
    hears=(SentimentScored,),
    reach=1 + BEFORE,
    learns=True,
    make=SentimentSwingDetector,
)
FEED_SILENT = Kind(
    name="feed-silent",
    meaning="Neither a ticker nor a trade of the pair reached us for longer than the window.",
    threshold=None,
    window="after how many seconds of silence",
    shortest_s=5,
    pct_change="always -100: nothing is left of the flow",
    observed="how long it was silent when the alert was raised, in seconds; `usual` is null",
    hears=(TickerUpdated, TradeExecuted),
    make=FeedSilentDetector,
)
FORECAST_BROKEN = Kind(
    name="forecast-broken",
    meaning="At its target the price lay outside the interval of the forecast that was shown.",
    threshold=Threshold(
        meaning="how far outside, in percent of the forecast price; 0 for every one", most=Decimal(1000), default=ZERO
    ),
    window="the horizon of the forecasts that are looked at, in seconds",
    windows_s=(60, 300, 3600),
    pct_change="how far the price was from the forecast",
    observed="the price at the target; `usual` is the end of the interval that it passed",
    hears=(ForecastIssued, ForecastScored),
    learns=True,
    make=ForecastBrokenDetector,
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (PRICE_MOVE, VOLUME_BURST, SPREAD_WIDENING, SENTIMENT_SWING, FEED_SILENT, FORECAST_BROKEN)
}


def kind_named(name: str) -> Kind:
    """Raises InvalidValue, naming those that there are."""
    kind = KINDS.get(name)
    if kind is None:
        raise InvalidValue("kind", f"kind '{name[:40]}' is unknown: expected one of {', '.join(KINDS)}")
    return kind
