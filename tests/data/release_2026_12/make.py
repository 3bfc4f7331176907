"""Made `data.zip` and `avro.json.gz` beside this file, once, with the code of commit dc9e0bd (2026-12-01).

Later code cannot run it, and need not: the two files are what that release wrote, and stay as they are. The data is our
own: a made-up market of two pairs, every event type that there was, a house with users, keys, channels and sources.

To read it as it was: `git checkout dc9e0bd`, put this file back, and `python tests/data/release_2026_12/make.py`.
"""

import base64
import gzip
import json
import tempfile
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from dependency_injector import providers
from sqlalchemy import select

from adapters.embedded.log_file import AVRO_SCHEMA, EVENT_LOG
from adapters.memory.clock import FixedClock
from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.sql.event_json import encode_event
from adapters.sql.migrate import upgrade
from application.ports.event_log import BEGINNING
from application.ports.page import Window
from application.topics import EVENTS_OF
from domain.access.role import Role
from domain.alerting.channel import ChannelTerms, Mailbox, Security, Webhook
from domain.alerting.rule import RuleTerms
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.event import Event
from domain.market.candle import Interval
from domain.market.feed import (
    FeedConnected,
    FeedConnecting,
    FeedDisconnected,
    FeedEnded,
    SubscriptionRejected,
    TradeGapDetected,
    TradeGapFilled,
    TradeHistoryRequested,
)
from domain.market.history import CandleImported
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ArticlePublished
from domain.news.source import NewsSourceFailed, NewsSourcePolled, NewsSourceRecovered
from domain.sources import NewsFeed
from domain.values import Origin, Pair, Side
from entrypoints.container import SessionContainer
from entrypoints.house import HouseContainer, open_house
from entrypoints.settings import Settings
from entrypoints.source import KRAKEN

HERE = Path(__file__).parent
BTC, ETH = Pair("BTC/USD"), Pair("ETH/USD")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PASSWORD = "a boat of the first release"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def facts(seconds: float, **fields: Any) -> dict[str, Any]:
    times = {"occurred_at": at(seconds), "recorded_at": at(seconds + 0.05), "origin": Origin.LIVE}
    return {**times, **fields}


def _price(number: int) -> Decimal:
    return Decimal(90000) + Decimal("22.5") * number - (Decimal(90) * (number - 80) if number > 80 else 0)


def trades() -> list[Event]:
    """Ten minutes: BTC rises by 2 % and falls again, trade 7 to 9 are fetched afterwards; ETH stands still, at prices of 18 decimals."""
    made: list[Event] = []
    for number in range(1, 121):
        late = number in (7, 8, 9)
        made.append(
            TradeExecuted(
                **facts(number * 5) | ({"recorded_at": at(900), "origin": Origin.BACKFILL} if late else {}),
                venue="kraken", pair=BTC, trade_id=number, price=_price(number),
                volume=Decimal("0.00100001"), side=(Side.BUY, Side.SELL)[number % 2], order_type="market",
            )
        )  # fmt: skip
        made.append(
            TradeExecuted(
                **facts(number * 5 + 1), venue="kraken", pair=ETH, trade_id=number + 5000,
                price=Decimal("3000.000000000000000001"), volume=Decimal("0.25"), side=None, order_type=None,
            )
        )  # fmt: skip
    return sorted(made, key=lambda event: event.recorded_at)


def others() -> list[Event]:
    gap: dict[str, Any] = {"venue": "kraken", "pair": BTC, "first": 7, "last": 9, "since": at(30), "until": at(50)}
    letter = DeadLettered(
        **facts(100), kind="kraken-frame", place="wss://ws.kraken.com/v2", reason="the frame was cut off", raw=b'{"chan'
    )
    issued = ForecastIssued(
        **facts(200), pair=BTC, horizon_s=300, target_at=at(500), price=Decimal(91000), lower=Decimal(90000),
        upper=Decimal(92000), level=Decimal("0.9"), model="naive", served_because="it is the best so far", served=True,
    )  # fmt: skip
    return [
        FeedConnecting(**facts(0), venue="kraken", pair=BTC, endpoint="wss://ws.kraken.com/v2"),
        FeedConnected(**facts(1), venue="kraken", pair=BTC),
        FeedConnected(**facts(1), venue="kraken", pair=ETH),
        SubscriptionRejected(**facts(2), venue="kraken", pair="NO/SUCH", channel="trade", reason="unknown pair"),
        TradeGapDetected(**facts(50), **gap),
        TradeHistoryRequested(**facts(51), **gap | {"first": 1, "last": 6}),
        TradeGapFilled(**facts(901), **gap),
        FeedDisconnected(
            **facts(950), venue="kraken", pair=ETH, reason="connection closed (1006)", next_try_at=at(955)
        ),
        FeedEnded(**facts(960), venue="kraken", pair=ETH),
        *(
            CandleImported(
                **facts(-3600 + 60 * (minute + 1)) | {"origin": Origin.BACKFILL}, venue="kraken", pair=BTC,
                interval=Interval.M1, start=at(-3600 + 60 * minute), open=Decimal(89900), high=Decimal("90010.1"),
                low=Decimal(89800), close=Decimal(90000), volume=Decimal("1.5"),
                vwap=None if minute % 2 else Decimal("89950.3"), trades=12,
            )
            for minute in range(60)
        ),
        TickerUpdated(
            **facts(3), venue="kraken", pair=BTC, last=Decimal("90022.5"), bid=Decimal("90022.4"), bid_qty=Decimal(1),
            ask=Decimal("90022.5"), ask_qty=Decimal("0.5"), volume_24h=Decimal("2411.12309876"),
            vwap_24h=Decimal("90001.2"), low_24h=Decimal("89000.1"), high_24h=Decimal("91000.1"),
            change_24h=Decimal("-123.4"), pct_change=Decimal("-0.14"), frame_hash="0a1b2c3d",
        ),
        TickerUpdated(
            **facts(4) | {"origin": Origin.SNAPSHOT}, venue="kraken", pair=ETH, last=Decimal(3000), bid=Decimal(0),
            bid_qty=Decimal(0), ask=Decimal(3001), ask_qty=Decimal(1), volume_24h=Decimal(10), vwap_24h=Decimal(3000),
            low_24h=Decimal(2999), high_24h=Decimal(3001), change_24h=Decimal(0), pct_change=Decimal(0), frame_hash=None,
        ),
        ArticlePublished(
            **facts(60), source="CoinDesk", guid="g-1", url="https://example.org/1", title="Bitcoin rises – a great gain",
            summary="A strong day.", content="Bitcoin gains. Traders are happy, prices surge. 比特币",
            authors=("Ada Lovelace", "Grace Hopper"), tags=("BTC",), published_at=at(55), scraped_at=at(60),
            extracted_by="trafilatura",
        ),
        ArticlePublished(
            **facts(70), source="Decrypt", guid="g-2", url="https://example.org/2", title="Ethereum falls in a bad crash",
            summary="Fear and losses.", content="", authors=(), tags=("ETH", "BTC"), published_at=None,
            scraped_at=at(70), extracted_by="feed",
        ),
        NewsSourcePolled(**facts(60), source="CoinDesk", entries=10, new=1),
        NewsSourceFailed(**facts(80), source="Decrypt", reason="answered 503", next_try_at=at(140)),
        NewsSourceRecovered(**facts(140), source="Decrypt"),
        issued,
        ForecastScored(
            **facts(505), forecast_event_id=issued.event_id, pair=BTC, horizon_s=300, model="naive",
            actual=Decimal(91100), naive=Decimal(90900), inside=True,
        ),
        letter,
        DeadLetterSettled(**facts(300), letter_id=letter.letter_id, outcome="dropped"),
        DeadLettered(
            **facts(110), kind="log-record", place="rawtrade", reason="unknown schema", raw=b"\x00\x00\x00\x00\x63",
            partition=1, offset=17,
        ),
    ]  # fmt: skip


def until_read(run: Callable[[threading.Event], None], box: SessionContainer, reader: str) -> None:
    """Run a worker until it has saved the log's end as its place."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(stop,))
    thread.start()
    head = box.event_log().head()
    while True:
        with box.store().begin() as tx:
            checkpoint = tx.checkpoint(reader)
        if checkpoint and checkpoint.cursor == head:
            break
        stop.wait(0.05)
    stop.set()
    thread.join()


def make_live(settings: Settings, clock: FixedClock) -> tuple[dict[int, Any], list[dict[str, Any]]]:
    box: SessionContainer = SessionContainer(
        settings=settings, source=KRAKEN, telemetry=PrometheusTelemetry(), clock=providers.Object(clock)
    )
    box.directory().lock(command="make")
    upgrade(box.engine())
    clock.advance(at(-10) - clock.now())
    commands = box.alert_commands(pairs=(BTC, ETH), check_channels=lambda wanted: None)
    commands.set_up()
    for kind, pair, threshold, window_s in (
        ("price-move", BTC, Decimal("0.5"), 60), ("volume-burst", BTC, Decimal(200), 60), ("spread-widening", ETH, Decimal(300), 60),
        ("sentiment-swing", BTC, Decimal(30), 3600), ("forecast-broken", BTC, Decimal(1), 300),
        ("feed-silent", ETH, Decimal(0), 60),
    ):  # fmt: skip
        commands.create_rule(RuleTerms(title=kind, kind=kind, pair=pair, threshold_pct=threshold, window_s=window_s))
    clock.advance(timedelta(seconds=1))
    changed = commands.rules()[1]
    commands.change_rule(
        changed.rule_id,
        RuleTerms(
            title="a quarter of a percent", kind="price-move", pair=BTC, threshold_pct=Decimal("0.25"), window_s=120,
            notify=("channel-1",),
        ),
    )  # fmt: skip
    commands.disable_rule(commands.rules()[3].rule_id)
    commands.unwatch(ETH)
    commands.watch(ETH)
    box.relay().relay_pending()
    log = box.event_log()
    log.append(sorted([*others(), *trades()], key=lambda event: event.recorded_at))
    clock.advance(at(1000) - clock.now())
    box.projection().catch_up()
    until_read(box.alert_watch().run, box, "alerting")
    box.sentiment_scoring().catch_up()
    while box.forecasting().advance(BTC):
        pass
    alerts = [alert.raised.alert_id for alert in box.alert_reads().alerts(Window(limit=1000)).items]
    clock.advance(timedelta(seconds=5))
    commands.acknowledge(alerts[0])
    commands.silence(alerts[0], 30)
    commands.resolve(alerts[1])
    commands.silence(alerts[2], 60)
    box.relay().relay_pending()
    box.projection().catch_up()
    until_read(box.alert_watch().run, box, "alerting")
    box.sentiment_scoring().catch_up()
    with log.reader(list(EVENTS_OF), after=BEGINNING) as reader:
        events = {record.position.number: record.event for record in reader.read(limit=10_000, timeout_s=0)}
    with log.file.reading() as connection:
        schemas = {
            row.id: {"topic": row.topic, "schema": row.schema} for row in connection.execute(select(AVRO_SCHEMA))
        }
        values = [
            {
                "topic": row.topic, "key": row.key, "value": base64.b64encode(row.value).decode(),
                "name": events[row.position].name, "event_id": events[row.position].event_id,
                "version": events[row.position].version, "fields": json.loads(encode_event(events[row.position])),
            }
            for row in connection.execute(select(EVENT_LOG).order_by(EVENT_LOG.c.position))
        ]  # fmt: skip
    missing = {event.name for kinds in EVENTS_OF.values() for event in kinds} - {value["name"] for value in values}
    if missing:
        raise SystemExit(f"missing: {missing}")
    log.close()
    box.engine().dispose()
    box.directory().release()
    return schemas, values


def make_house(settings: Settings, clock: FixedClock) -> None:
    with open_house(settings):
        pass
    house: HouseContainer = HouseContainer(settings=settings, clock=providers.Object(clock))
    users, keys, channels, sources = house.users(), house.keys(), house.channels(), house.sources()
    users.create("ada", PASSWORD, Role.ADMIN)
    users.create("grace", PASSWORD, Role.VIEWER)
    users.change("grace", enabled=False)
    house.sessions().sign_in("ada", PASSWORD, address="192.0.2.7")
    keys.create("a reader", ("read",), created_by="ada")
    kept = channels.create(ChannelTerms(title="hook", webhook=Webhook(url="https://example.org/hook")), None).channel
    channels.change(
        kept.channel_id, ChannelTerms(title="another hook", webhook=Webhook(url="https://example.org/hook2")), None
    )
    mail = Mailbox(
        to=("ops@example.org",), host="smtp.example.org", port=465, security=Security.TLS, user="ops", sender="cv@example.org"
    )  # fmt: skip
    gone = channels.create(ChannelTerms(title="mail", mailbox=mail), "a password").channel
    channels.delete(gone.channel_id)
    sources.configure((BTC, ETH), (NewsFeed("CoinDesk", "https://example.org/feed"),), by="ada")
    sources.pause("ETH/USD", by="ada")
    sources.resume("ETH/USD", by="ada")
    sources.pause("CoinDesk", by="ada")
    sources.ask_backfill("BTC/USD", clock.now() - timedelta(days=1), by="ada")
    house.audit().note(actor="ada", action="POST /api/v1/alert-rules", outcome=201, address="192.0.2.7", target="x")
    house.engine().dispose()


def main() -> None:
    clock = FixedClock(NOON - timedelta(hours=1))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        settings = Settings(
            data_dir=root, profile="embedded", pairs="BTC/USD,ETH/USD", sentiment_model="lexicon", _env_file=None
        )
        make_house(settings, clock)
        schemas, values = make_live(settings, clock)
        with zipfile.ZipFile(HERE / "data.zip", "w", zipfile.ZIP_LZMA) as archive:
            for file in sorted(root.rglob("*")):
                if file.is_file() and file.name != "lock":
                    archive.write(file, file.relative_to(root))
    with gzip.open(HERE / "avro.json.gz", "wt", encoding="utf-8") as file:
        json.dump({"schemas": schemas, "values": values}, file)


if __name__ == "__main__":
    main()
