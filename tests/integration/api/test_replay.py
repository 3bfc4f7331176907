"""The past, played again over the stream."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.market.candle import Interval, candles_of
from domain.values import rfc3339
from tests.integration.api.server import Api, Stream, serving
from tests.unit.api.world import BTC, ETH, NOON, World, article, connected, raised, ticker, trade


@pytest.fixture
def world() -> World:
    world = World()
    world.happens(*[trade(number) for number in range(1, 21)])
    world.clock.time = after(30)
    return world


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with serving(world.services) as api:
        yield api


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def replay(stream: Stream, seconds: float, speed: float = 100) -> dict[str, Any]:
    return stream.ask(action="replay", **{"from": rfc3339(after(seconds))}, speed=speed)


def until_live(stream: Stream) -> list[dict[str, Any]]:
    """The rows of a replay, to its end."""
    rows = []
    while True:
        message = stream.hear()
        if message["channel"] != "session":
            assert message["replay"] is True
            rows.append(message)
        elif message["replay"] is None:
            return rows


def test_what_was_recorded_later_comes_in_order_and_then_the_present(world: World, api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("trades")
        begun = replay(stream, 10)
        assert begun["channel"] == "session"
        assert begun["replay"] == {"from": rfc3339(after(10)), "speed": 100.0, "at": rfc3339(after(10))}
        assert [row["data"]["trade_id"] for row in until_live(stream)] == list(range(11, 21))
        world.happens(trade(31))
        [live] = stream.rows(1)
        assert live["data"]["trade_id"] == 31
        assert "replay" not in live
        assert stream.silent()


def test_what_the_log_holds_twice_is_played_once(world: World, api: Api) -> None:
    world.log.append([trade(number) for number in range(5, 16)])
    with api.stream() as stream:
        stream.subscribe("trades")
        replay(stream, 10)
        assert [row["data"]["trade_id"] for row in until_live(stream)] == list(range(11, 21))
        assert stream.silent()


def test_it_keeps_the_pace_that_was_asked_for(api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("trades")
        begun = time.monotonic()
        replay(stream, 10, speed=20)  # to 20, where the last one is, in half a second; 30 is in a second
        rows = until_live(stream)
        assert len(rows) == 10
        assert time.monotonic() - begun >= 0.9


def test_only_what_was_subscribed_to_is_played(world: World, api: Api) -> None:
    world.happens(trade(21, ETH), ticker(21), article(21, "BTC"), raised(22), connected(at=after(23)))
    with api.stream() as stream:
        stream.subscribe("trades", pairs=["ETH-USD"])
        for channel in ("tickers", "articles", "alerts", "feeds"):
            stream.subscribe(channel)
        replay(stream, 10)
        heard = [row["channel"] for row in until_live(stream)]
        assert sorted(heard) == ["alerts", "articles", "feeds", "tickers", "trades"]


def test_candles_grow_as_they_did(world: World, api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("candles", pairs=["BTC-USD"])
        replay(stream, 10, speed=20)
        rows = [row["data"] for row in until_live(stream) if row["data"]["interval"] == "1m"]
    counts = [row["trades"] for row in rows]
    assert counts == sorted(counts)
    assert counts[0] < 20
    [whole] = candles_of([trade(number) for number in range(1, 21)], Interval.M1)
    assert (rows[-1]["trades"], rows[-1]["close"], rows[-1]["volume"]) == (20, str(whole.close).rstrip("0"), "0.02")


def test_live_ends_it_and_another_begins_anew(world: World, api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("trades")
        replay(stream, 1.5, speed=1)
        said = replay(stream, 18, speed=1)
        while said["channel"] != "session" or said["replay"]["from"] != rfc3339(after(18)):
            said = stream.hear()
        said = stream.ask(action="live")
        while said["channel"] != "session" or said["replay"] is not None:
            said = stream.hear()
        world.happens(trade(31))
        assert [row["data"]["trade_id"] for row in stream.rows(1)] == [31]
        assert stream.silent()


def test_a_channel_that_is_added_meanwhile_is_played_too(world: World, api: Api) -> None:
    world.happens(ticker(25))
    with api.stream() as stream:
        stream.subscribe("trades", pairs=["ETH-USD"])
        stream.subscribe("tickers", pairs=["ETH-USD"])
        replay(stream, 10, speed=10)
        stream.say(action="subscribe", channel="tickers", pairs=["BTC-USD"])
        message = stream.hear()
        while message["channel"] != "ack":
            message = stream.hear()
        assert message["cursor"] is None, "whoever resumed from it would get all there ever was"
        while message["channel"] != "tickers":
            message = stream.hear()
        assert message["replay"] is True
        assert message["data"]["pair"] == BTC


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ({}, "from is missing"),
        ({"from": "yesterday"}, "yesterday"),
        ({"from": rfc3339(after(31))}, "not past yet: expected an earlier time"),
        ({"from": rfc3339(after(0))}, "the log begins at 2026-11-22T12:00:01Z: expected a later time"),
        ({"from": rfc3339(after(5)), "speed": 0}, "speed is 0: expected 1 to 100"),
        ({"from": rfc3339(after(5)), "speed": 101}, "speed is 101: expected 1 to 100"),
        ({"from": rfc3339(after(5)), "speed": "fast"}, "cannot be understood"),
    ],
)
def test_a_mistake_is_explained_and_the_stream_goes_on(
    world: World, api: Api, asked: dict[str, Any], detail: str
) -> None:
    with api.stream() as stream:
        stream.subscribe("trades")
        answer = stream.ask(action="replay", **asked)
        assert answer["channel"] == "error"
        assert detail in answer["detail"]
        world.happens(trade(31))
        assert [row["data"]["trade_id"] for row in stream.rows(1)] == [31]


def test_without_a_subscription_there_is_nothing_to_play(api: Api) -> None:
    with api.stream() as stream:
        answer = replay(stream, 10)
        assert (answer["channel"], "subscribe first" in answer["detail"]) == ("error", True)
