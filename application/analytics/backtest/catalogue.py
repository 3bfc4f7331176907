"""All strategies that are offered, by name."""

from collections.abc import Mapping
from functools import partial

from application.analytics.backtest.following import ForecastFollowing, SentimentFollowing
from application.analytics.backtest.strategies import Breakout, BuyAndHold, SmaCross
from application.analytics.backtest.strategy import Offer
from application.ports.forecaster import Forecasters


def catalogue(models: Forecasters) -> Mapping[str, Offer]:
    """`models` are those that serve forecasts."""
    offers = (
        Offer(BuyAndHold, BuyAndHold),
        Offer(SmaCross, SmaCross),
        Offer(Breakout, Breakout),
        Offer(ForecastFollowing, partial(ForecastFollowing, models)),
        Offer(SentimentFollowing, SentimentFollowing),
    )
    return {offer.strategy.name: offer for offer in offers}
