import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from websockets.exceptions import InvalidStatus

from domain.values import Origin, Pair
from entrypoints.api.services import Services
from entrypoints.api.stream.outbox import QueueLimits
from tests.integration.api.server import Api, serving, until
from tests.unit.api.world import BTC, ETH, NOON, World, article, connected, raised, ticker, trade


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with serving(world.services) as api:
        yield api


def ids(rows: list[dict[str, object]]) -> list[object]:
    return [row["data"]["trade_id"] for row in rows]  # type: ignore[index]


def test_rows_come_as_they_happen_and_equal_those_of_rest(world: World, api: Api) -> None:
    with api.stream() as stream, api.http() as http:
        stream.subscribe("trades")
        world.happens(trade(1), ticker(1), trade(2))
        first, second = stream.rows(2)
        assert (first["channel"], first["origin"], first["cursor"]) == ("trades", "live", "1")
        assert second["data"] == http.get("/api/v1/trades/").json()["items"][0]
        assert stream.silent()


def test_pairs_pick_trades_and_the_tags_of_articles(world: World, api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("trades", pairs=["ETH/USD"])
        stream.subscribe("articles", pairs=["XBT-USD"])
        world.happens(trade(1), trade(2, ETH), article(1, "ETF"), article(2, "BTC", "ETF"))
        heard = {row["channel"]: row["data"] for row in stream.rows(2)}
        assert heard["trades"]["pair"] == ETH
        assert heard["articles"]["title"] == "Title 2" and heard["articles"]["sentiment"] is None
        assert stream.silent()


def test_a_later_subscribe_replaces_the_pairs_and_unsubscribe_takes_them_off(world: World, api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("trades", pairs=["ETH-USD"])
        stream.subscribe("trades", pairs=["BTC-USD", "DOGE-USD"])
        world.happens(trade(1, ETH), trade(2))
        assert ids(stream.rows(1)) == [2]
        assert stream.ask(action="unsubscribe", channel="trades", pairs=["BTC-USD"])["picks"] == ["DOGE/USD"]
        assert stream.ask(action="unsubscribe", channel="trades")["channel"] == "ack"
        world.happens(trade(3))
        assert stream.silent()


def test_a_resuming_client_gets_what_it_missed_without_gap_or_duplicate_while_more_comes(
    world: World, api: Api
) -> None:
    total = 6_000
    world.log.append([trade(number) for number in range(1, 2_001)])

    def write() -> None:
        for first in range(2_001, total + 1, 4):
            world.log.append([trade(number) for number in range(first, first + 4)])

    writer = threading.Thread(target=write)
    with api.stream() as stream:
        writer.start()
        stream.subscribe("trades", after="0")
        seen = ids(stream.rows(total))
        writer.join()
        assert seen == list(range(1, total + 1))
        assert stream.silent()


def test_after_is_exclusive(world: World, api: Api) -> None:
    world.happens(trade(1), trade(2), ticker(3), trade(4))
    with api.stream() as stream:
        stream.subscribe("trades", after="2")
        assert ids(stream.rows(1)) == [4]
        stream.subscribe("tickers", after="2")
        cursor = stream.hear()["cursor"]
        assert cursor == "3"
        stream.subscribe("trades", after=cursor)
        assert ids(stream.rows(1)) == [4]


def test_a_row_that_the_log_holds_twice_is_told_once_live_and_to_who_resumes(world: World, api: Api) -> None:
    world.log.append([trade(1), ticker(1), article(1, "BTC")])
    with api.stream() as early, api.stream() as late:
        for channel in ("trades", "tickers", "articles"):
            early.subscribe(channel)
        world.log.append([trade(1), trade(2), ticker(1), trade(2), article(1, "BTC"), raised(3), trade(1), trade(3)])
        assert ids(early.rows(2)) == [2, 3]
        assert early.silent()
        late.subscribe("trades", after="1")  # which lies before the copy, and after the first
        assert ids(late.rows(2)) == [2, 3]
        late.subscribe("trades", after="0")
        assert ids(late.rows(3)) == [1, 2, 3]
        world.log.append([trade(2), trade(4)])
        assert [ids(stream.rows(1)) for stream in (early, late)] == [[4], [4]]
        assert early.silent()
        assert late.silent()


def test_candles_resume_by_cursors_of_their_own(world: World, api: Api) -> None:
    world.happens(trade(1))
    with api.stream() as stream:
        stream.subscribe("candles", after="0")
        cursors = [row["cursor"] for row in stream.rows(6)]
        stream.subscribe("candles", after=cursors[3])
        assert [row["cursor"] for row in stream.rows(2)] == cursors[4:]
        assert stream.silent()
        refused = stream.ask(action="subscribe", channel="trades", after=cursors[3])
        assert refused["channel"] == "error" and "one of the channel candles" in refused["detail"]
        refused = stream.ask(action="subscribe", channel="candles", after="1")
        assert refused["channel"] == "error" and "not a cursor of the channel candles" in refused["detail"]
        refused = stream.ask(action="subscribe", channel="candles", after="c9999.0")
        assert refused["channel"] == "error" and "later than all there is" in refused["detail"]


def test_a_cursor_that_is_too_old_names_the_oldest(world: World, api: Api) -> None:
    world.happens(*[trade(number) for number in range(1, 11)])
    world.log.delete_before(world.log.reader((), after=world.log.head()).cursor)
    with api.stream() as stream:
        answer = stream.ask(action="subscribe", channel="trades", after="3")
        assert answer["channel"] == "error" and answer["oldest"] == "10" and "10" in answer["detail"]
        stream.subscribe("trades", after=answer["oldest"])
        world.happens(trade(11))
        assert ids(stream.rows(1)) == [11]


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ("{", "not JSON"),
        ("[]", "cannot be understood"),
        ('{"action": "buy"}', "action 'buy' is unknown: expected subscribe, unsubscribe, replay, live, ping"),
        ('{"action": "subscribe"}', "channel is missing: expected one of tickers, trades"),
        ('{"action": "subscribe", "channel": "gold"}', "'gold', which is unknown"),
        ('{"action": "subscribe", "channel": "trades", "pairs": ["FOO-USD"]}', "known are BTC-USD"),
        ('{"action": "subscribe", "channel": "trades", "pairs": []}', "pairs has 0 entries"),
        ('{"action": "subscribe", "channel": "trades", "pairs": "BTC-USD"}', "cannot be understood"),
        ('{"action": "subscribe", "channel": "trades", "after": "yesterday"}', "not a cursor"),
        ('{"action": "subscribe", "channel": "trades", "after": "999"}', "not a cursor"),
        ('{"action": "subscribe", "channel": "trades", "after": "1@simulated"}', "other data"),
        ('{"action": "ping", "x": "' + "y" * 20_000 + '"}', "too long"),
        ('{"action": "ping", "x": ' + "[" * 8_000 + "]" * 8_000 + "}", "not JSON"),
    ],
)
def test_a_mistake_is_explained_and_the_socket_stays_open(api: Api, said: str, detail: str) -> None:
    with api.stream() as stream:
        stream.connection.send(said)
        answer = stream.hear()
        assert answer["channel"] == "error" and detail in answer["detail"]
        assert stream.silent()


def test_candles_come_when_the_store_has_made_them(world: World, api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("candles", pairs=["BTC-USD"])
        world.happens(trade(1), trade(2, ETH))
        rows = stream.rows(6)
        assert [row["data"]["interval"] for row in rows] == ["1m", "5m", "15m", "1h", "4h", "1d"]
        assert {row["data"]["pair"] for row in rows} == {BTC} and rows[0]["cursor"] == "c1.0"
        world.log.append([trade(3)])  # the store comes later
        assert stream.silent()
        world.log.append([])
        world.keep_up(trade(4))
        assert stream.hear()["data"]["trades"] == 2


def test_several_clients_of_the_candles_get_each_once(world: World, api: Api) -> None:
    with api.stream() as first, api.stream() as second:
        first.subscribe("candles")
        world.happens(trade(1))
        assert len(first.rows(6)) == 6
        second.subscribe("candles", after="0")
        assert len(second.rows(6)) == 6
        world.happens(trade(2))
        for stream in (first, second):
            assert {row["cursor"].partition(".")[0] for row in stream.rows(6)} == {"c2"}
            assert stream.silent()


def test_alerts_show_what_became_of_them(world: World, api: Api) -> None:
    with api.stream() as stream, api.http() as http:
        stream.subscribe("alerts")
        alert = raised(1)
        world.happens(alert)
        assert stream.hear()["data"]["status"] == "raised"
        assert http.post(f"/api/v1/alerts/{alert.alert_id}/acknowledge/").status_code == 200
        world.log.append(world.stream_events[f"alert:{alert.alert_id}"][1:])
        row = stream.hear()["data"]
        assert (row["id"], row["status"]) == (alert.alert_id, "acknowledged")


def test_feeds_tell_of_changes_and_of_silence(world: World, api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("feeds")
        world.happens(connected(BTC, at=NOON))
        row = stream.hear()
        assert (row["data"]["name"], row["data"]["state"], row["cursor"]) == (BTC, "live", "1")
        world.clock.time = NOON.replace(minute=2)
        row = stream.hear()
        assert (row["data"]["name"], row["data"]["state"]) == (BTC, "stale")
        stream.subscribe("feeds", after="0")
        assert stream.hear()["data"]["state"] == "stale"
        assert stream.silent()


def test_a_slow_client_is_closed_with_4008_and_can_resume(world: World) -> None:
    total = 40_000
    with serving(world.services, queue_limits=QueueLimits(messages=500)) as api:
        raw = socket.create_connection(("127.0.0.1", api.port))
        with api.stream(sock=raw, max_queue=1) as slow:
            slow.subscribe("trades")
            until(lambda: _flood(world, api, total), "the client to be found too slow")
            cursors = []
            try:
                while True:
                    cursors.append(slow.hear()["cursor"])
            except Exception:  # noqa: BLE001 - whatever ends it: the code is what counts
                assert slow.connection.close_code == 4008
        head = int(world.log.head())
        with api.stream() as again:
            again.subscribe("trades", after=cursors[-1])
            missed = [int(row["cursor"]) for row in again.rows(head - int(cursors[-1]))]
        assert [*map(int, cursors), *missed] == list(range(1, head + 1))


def _flood(world: World, api: Api, most: int) -> bool:
    head = int(world.log.head())
    if head < most:
        world.log.append([trade(number) for number in range(head + 1, head + 101)])
    return b"stream_clients_too_slow_total 1.0" in api.meter.exposition()


def test_too_many_messages_end_the_connection(api: Api) -> None:
    with api.stream() as stream:
        for _ in range(150):
            stream.say(action="ping")
        assert stream.close_code() == 1008


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(api: Api, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, api.stream(origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_our_own_pages_origin_is_accepted(api: Api) -> None:
    with api.stream(origin=f"http://127.0.0.1:{api.port}") as stream:
        assert stream.silent()


def test_when_the_session_is_swapped_clients_are_told_and_go_on_with_the_new_one() -> None:
    simulated, live = World(Origin.SIMULATED), World()
    present = [simulated]

    def services() -> Services:
        return present[0].services()

    with serving(services) as api, api.stream() as stream:
        stream.subscribe("trades")
        simulated.happens(trade(1, origin=Origin.SIMULATED))
        row = stream.hear()
        assert (row["origin"], row["cursor"]) == ("simulated", "1@simulated")
        live.happens(trade(10), trade(11))
        present[0] = live
        told = stream.hear()
        assert (told["channel"], told["origin"]) == ("session", "live")
        live.happens(trade(12))
        assert ids(stream.rows(1)) == [12]
        answer = stream.ask(action="subscribe", channel="trades", after=row["cursor"])
        assert answer["channel"] == "error" and "other data" in answer["detail"]


def test_when_pairs_are_chosen_anew_clients_are_told_and_miss_nothing() -> None:
    world = World()
    present = [world.services()]
    with serving(lambda: present[0]) as api, api.stream() as stream:
        stream.subscribe("trades", pairs=["BTC-USD"])
        world.happens(trade(1), trade(2))
        assert ids(stream.rows(2)) == [1, 2]
        present[0] = replace(world.services(), pairs=(BTC, Pair("SOL/USD")))
        world.happens(trade(3))
        heard = [stream.hear(), stream.hear()]
        told = next(message for message in heard if message["channel"] == "session")
        assert (told["origin"], "pairs" in told["detail"]) == ("live", True)
        assert [message["data"]["trade_id"] for message in heard if message["channel"] == "trades"] == [3]
        world.happens(trade(4))
        assert ids(stream.rows(1)) == [4]
        assert stream.ask(action="subscribe", channel="trades", pairs=["SOL-USD"])["channel"] != "error"
        assert "SOL-USD" in stream.ask(action="subscribe", channel="trades", pairs=["ETH-USD"])["detail"]


def test_clients_are_counted_and_the_tail_rests_without_any(world: World, api: Api) -> None:
    with api.stream() as stream:
        stream.subscribe("trades")
        assert api.clients() == 1
    until(lambda: api.clients() == 0, "the client to be counted out")
    until(lambda: not any(thread.name == "stream-tail" for thread in threading.enumerate()), "the tail's thread to end")
    with api.stream() as stream:
        stream.subscribe("trades")
        world.happens(trade(1))
        assert ids(stream.rows(1)) == [1]
