"""What an operator does while the program runs: pausing, choosing pairs and news, reading dead letters again."""

import json
import urllib.error
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.e2e.program import Program
from tests.servers.kraken import KrakenServer, trade_row
from tests.waiting import until

PAIRS = "BTC/USD,ETH/USD"


def ids(program: Program, pair: str) -> list[int]:
    return sorted(row["trade_id"] for row in program.all(f"trades/?pair={pair}"))


def are_whole(program: Program, pair: str, first: int) -> bool:
    """Each trade from that one to the last, once. What was before it may still be fetched: the history of the hour."""
    found = [one for one in ids(program, pair) if one >= first]
    return bool(found) and found == list(range(first, found[-1] + 1))


def admin_feed(program: Program, name: str) -> dict[str, Any]:
    [row] = [row for row in program.get("admin/feeds/")["items"] if row["name"] == name]
    return dict(row)


def test_a_paused_pair_rests_over_a_restart_and_misses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Program(data, "--source", "simulated", pairs=PAIRS) as program:
        assert until(lambda: len(ids(program, "BTC-USD")) > 20)
        program.post("admin/feeds/BTC-USD/pause")
        assert until(lambda: program.feed("BTC/USD")["state"] == "down")
        assert program.feed("BTC/USD")["error"].startswith("paused by key:")
        assert program.feed("BTC/USD")["paused"]
        assert admin_feed(program, "BTC/USD")["paused"]
        others = ids(program, "ETH-USD")
        assert until(lambda: len(ids(program, "ETH-USD")) > len(others) + 5), "what was on its way has come"
        before, others = ids(program, "BTC-USD"), ids(program, "ETH-USD")
        assert until(lambda: len(ids(program, "ETH-USD")) > len(others) + 20), "the other pair goes on"
        assert ids(program, "BTC-USD")[-1] == before[-1]
    with Program(data, "--source", "simulated", pairs=PAIRS) as program:
        assert until(lambda: program.feed("ETH/USD")["state"] == "live")
        assert program.feed("BTC/USD")["state"] == "down"
        assert ids(program, "BTC-USD")[-1] == before[-1]
        program.post("admin/feeds/BTC-USD/resume")
        assert until(lambda: program.feed("BTC/USD")["state"] == "live")
        assert until(lambda: ids(program, "BTC-USD")[-1] > before[-1])
        assert until(lambda: are_whole(program, "BTC-USD", before[0]), seconds=60)
        assert until(lambda: are_whole(program, "ETH-USD", others[0]), seconds=60)


def test_pairs_and_news_are_chosen_while_it_runs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Program(data, "--source", "simulated", pairs=PAIRS) as program:
        assert until(lambda: len(ids(program, "BTC-USD")) > 20)
        assert program.url
        with connect(program.url.replace("http", "ws") + "/api/v1/stream") as stream:
            stream.send(json.dumps({"action": "subscribe", "channel": "trades", "pairs": ["BTC-USD"]}))
            program.post("admin/sources/", {"pairs": ["BTC/USD", "SOL/USD"]}, method="PUT")
            streamed: list[int] = []
            told: dict[str, Any] = {}
            while told.get("channel") != "session":
                told = json.loads(stream.recv(30))
                streamed += [told["data"]["trade_id"]] if told.get("channel") == "trades" else []
            assert "pairs" in told["detail"]
            while len(streamed) < 40:
                told = json.loads(stream.recv(30))
                streamed += [told["data"]["trade_id"]] if told.get("channel") == "trades" else []
        assert len(set(streamed)) == len(streamed), "nothing is streamed twice"
        assert until(lambda: len(ids(program, "SOL-USD")) > 20)
        assert program.get("config/crypto/")["pairs"] == ["BTC/USD", "SOL/USD"]
        assert program.get("trades/?pair=eth-usd")["items"], "the history of a pair stays"
        assert "ETH/USD" not in {row["name"] for row in program.get("feeds/")["items"]}
        assert until(lambda: are_whole(program, "BTC-USD", streamed[0]), seconds=60)
        assert until(lambda: set(streamed) <= set(ids(program, "BTC-USD"))), "all that was streamed is stored"
        feeds = program.get("admin/sources/")["feeds"]
        program.post(f"admin/feeds/{feeds[0]['name'].replace(' ', '%20')}/pause")
        assert until(lambda: program.feed(feeds[0]["name"])["error"])
        assert until(lambda: program.feed(feeds[1]["name"])["state"] == "live"), "the others are read on"
        program.post("admin/sources/", {"feeds": [{"name": "Ours", "url": "http://127.0.0.1:9/feed"}]}, method="PUT")
        assert until(lambda: "Ours" in {row["name"] for row in program.get("feeds/")["items"]})
        assert until(lambda: program.feed("Ours")["state"] == "down"), "this machine's own addresses are not read"
    with Program(data, "--source", "simulated", pairs=PAIRS) as program:
        assert program.get("config/crypto/")["pairs"] == ["BTC/USD", "SOL/USD"]
        assert [feed["name"] for feed in program.get("config/crypto/")["feeds"]] == ["Ours"]


def test_a_frame_that_cannot_be_read_is_looked_at_and_given_up(tmp_path: Path) -> None:
    with KrakenServer() as kraken:
        kraken.snapshots["trade", "BTC/USD"] = [trade_row(7)]
        quiet = {
            "kraken_rest_url": "http://127.0.0.1:9",
            "feeds": "Nothing=http://127.0.0.1:9/feed",
            "pairs": "BTC/USD",
        }
        with Program(tmp_path / "data", "--source", "kraken", kraken_ws_url=kraken.url, **quiet) as program:
            assert until(lambda: program.feed("BTC/USD")["state"] == "live")
            kraken.send("{broken")
            assert until(lambda: program.get("admin/dead-letters/")["items"])
            [letter] = program.get("admin/dead-letters/")["items"]
            assert program.get(f"admin/dead-letters/{letter['id']}/")["raw_text"] == "{broken"
            with pytest.raises(urllib.error.HTTPError, match="409"):
                program.post(f"admin/dead-letters/{letter['id']}/redrive")
            refused = program.post("admin/dead-letters/redrive", {"reason_kind": letter["reason_kind"]})
            assert (refused["settled"], refused["refused"]) == (0, 1)
            program.post(f"admin/dead-letters/{letter['id']}/", method="DELETE")
            assert program.get("admin/dead-letters/")["items"] == [], "whoever looks afterwards sees what was done"
