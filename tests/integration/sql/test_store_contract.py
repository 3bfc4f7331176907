from tests.contracts.store import EventStoreContract, SavepointContract, TransactionContract
from tests.contracts.store_alerts import AlertContract, DeadLetterContract
from tests.contracts.store_candles import CandleContract
from tests.contracts.store_deliveries import DeliveryContract
from tests.contracts.store_feeds import FeedContract
from tests.contracts.store_forecasts import ForecastContract
from tests.contracts.store_market import TickerContract, TradeContract
from tests.contracts.store_news import NewsContract
from tests.contracts.store_sentiment import SentimentContract
from tests.contracts.store_statistics import StatisticsContract


class TestTransactions(TransactionContract): ...


class TestSavepoints(SavepointContract): ...


class TestEventStore(EventStoreContract): ...


class TestTrades(TradeContract): ...


class TestTickers(TickerContract): ...


class TestCandles(CandleContract): ...


class TestFeeds(FeedContract): ...


class TestNews(NewsContract): ...


class TestSentiment(SentimentContract): ...


class TestStatistics(StatisticsContract): ...


class TestForecasts(ForecastContract): ...


class TestAlerts(AlertContract): ...


class TestDeadLetters(DeadLetterContract): ...


class TestDeliveries(DeliveryContract): ...
