"""Kraken lost and found, the simulator in its place, and what people are told."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.e2e.program import NOWHERE, Program
from tests.servers.kraken import KrakenServer, frame, trade_row
from tests.waiting import until

NO_NEWS = {
    "feeds": "Nothing=http://127.0.0.1:9/feed",
    "pairs": "BTC/USD,ETH/USD",
    "kraken_rest_url": "http://127.0.0.1:9",
}


def test_kraken_that_cannot_be_reached_is_said_in_words_with_the_next_try(tmp_path: Path) -> None:
    with Program(tmp_path / "data", "--source", "kraken", kraken_ws_url=NOWHERE, **NO_NEWS) as program:
        assert until(lambda: program.feed("BTC/USD")["state"] == "down")
        feed = program.feed("BTC/USD")
        assert "127.0.0.1:9" in feed["error"]
        assert feed["next_try_at"]
        assert until(lambda: program.feed("Nothing")["state"] == "down")
        assert program.feed("Nothing")["error"]
        assert program.get("health/")["origin"] == "live"


@pytest.mark.slow
def test_auto_simulates_loudly_until_kraken_answers(tmp_path: Path) -> None:
    with KrakenServer() as kraken:
        kraken.refuse_connections = True
        kraken.snapshots["trade", "BTC/USD"] = [trade_row(7)]
        with Program(tmp_path / "data", "--source", "auto", kraken_ws_url=kraken.url, **NO_NEWS) as program:
            assert "SIMULATED" in program.said
            assert until(lambda: program.get("trades/?pair=BTC-USD")["items"])
            assert {row["origin"] for row in program.get("trades/?pair=BTC-USD")["items"]} == {"simulated"}
            assert program.url
            with connect(program.url.replace("http", "ws") + "/api/v1/stream") as stream:
                stream.send(json.dumps({"action": "subscribe", "channel": "trades", "pairs": ["BTC-USD"]}))
                kraken.refuse_connections = False
                told: dict[str, Any] = {}
                while told.get("channel") != "session":
                    told = json.loads(stream.recv(60))
                assert told["origin"] == "live"
                assert until(lambda: program.get("trades/?pair=BTC-USD")["items"], seconds=60)
                kraken.send(frame("trade", trade_row(8)))
                came: list[dict[str, Any]] = []
                while not came or came[-1]["origin"] != "live":
                    told = json.loads(stream.recv(60))
                    came += [told["data"]] if told["channel"] == "trades" else []
                ids = [row["trade_id"] for row in came]
                assert ids in ([8], [7, 8]), "the first may have come before the stream followed"
            assert until(lambda: len(program.get("trades/?pair=BTC-USD")["items"]) == 2)
            rows = program.get("trades/?pair=BTC-USD")["items"]
            assert [(row["trade_id"], row["origin"]) for row in rows] == [(8, "live"), (7, "snapshot")], "never mixed"


@pytest.mark.slow
def test_a_gap_is_found_and_a_rejected_pair_is_shown_while_the_others_go_on(tmp_path: Path) -> None:
    with KrakenServer() as kraken:
        kraken.rejected["ETH/USD"] = "Currency pair not supported ETH/USD"
        kraken.snapshots["trade", "BTC/USD"] = [trade_row(7)]
        with Program(tmp_path / "data", "--source", "kraken", kraken_ws_url=kraken.url, **NO_NEWS) as program:
            assert until(lambda: program.feed("BTC/USD")["state"] == "live")
            assert until(lambda: "not supported" in str(program.feed("ETH/USD")["error"]))
            kraken.send(frame("trade", trade_row(8), trade_row(12)))
            kraken.send("{broken")
            kraken.send(frame("trade", trade_row(12), trade_row(13)))
            assert until(lambda: program.feed("BTC/USD")["missing"] == 3)
            assert until(lambda: [row["trade_id"] for row in program.all("trades/?pair=BTC-USD")] == [13, 12, 8, 7])
            kraken.drop()
            assert until(lambda: kraken.connected >= 2)
            assert until(lambda: program.feed("BTC/USD")["state"] == "live")
            assert program.feed("BTC/USD")["gaps"] == 1
            with urllib.request.urlopen(f"{program.url}/metrics") as answer:
                metrics = answer.read().decode()
            assert 'cryptoviz_gaps_total{pair="BTC/USD"} 1.0' in metrics
            assert 'cryptoviz_dead_letters_total{kind="kraken-frame"} 1.0' in metrics
