"""Analytics events and their records."""

from adapters.avro.mapping import DECIMAL, PAIR, PLAIN, TIME, enveloped
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored

MAPPINGS = (
    enveloped(
        SentimentScored,
        article_event_id=PLAIN,
        article_recorded_at=TIME,
        model=PLAIN,
        model_version=PLAIN,
        score=DECIMAL,
        label=PLAIN,
    ),
    enveloped(
        ForecastIssued,
        pair=PAIR,
        horizon_s=PLAIN,
        target_at=TIME,
        price=DECIMAL,
        lower=DECIMAL,
        upper=DECIMAL,
        level=DECIMAL,
        model=PLAIN,
        served_because=PLAIN,
        served=PLAIN,
    ),
    enveloped(
        ForecastScored,
        forecast_event_id=PLAIN,
        pair=PAIR,
        horizon_s=PLAIN,
        model=PLAIN,
        actual=DECIMAL,
        naive=DECIMAL,
        inside=PLAIN,
    ),
)
