"""Whole sessions on recordings with known counts, as processes of their own."""

import gzip
import json
import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.program import Program, cryptoviz
from tests.e2e.recordings import START, frame, line, row, steady, write
from tests.real_data import path as real_path
from tests.real_data import real_data
from tests.waiting import until

CRYPTUOSO = "kraken/cryptuoso/kraken_btcusd_trades.jsonl"


def ended(program: Program) -> bool:
    return all(row["state"] == "ended" for row in program.get("feeds/")["items"])


@pytest.fixture(scope="module")
def cryptuoso(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour of 2019 framed as v2. The one row that stands twice keeps its trade id."""
    return write(tmp_path_factory.mktemp("recording") / "hour.jsonl", _framed(real_path(CRYPTUOSO)))


def _framed(source: Path) -> Iterator[str]:
    previous, number = None, 0
    for text in source.read_text().splitlines():
        known = json.loads(text)
        doubled = (
            known == previous and known["timestamp"] == "2019-07-01T00:12:36.670Z" and known["amount"] == "0.04641442"
        )
        number += not doubled
        previous = known
        raw = (
            f'{{"channel":"trade","type":"update","data":[{{"symbol":"BTC/USD","side":"{known["side"]}","price":{known["price"]},'
            f'"qty":{known["amount"]},"ord_type":"limit","trade_id":{number},"timestamp":"{known["timestamp"]}"}}]}}'
        )
        yield json.dumps({"received_at": known["timestamp"], "raw": raw}) + "\n"


@pytest.mark.slow
@real_data(CRYPTUOSO)
def test_a_real_hour_ends_with_krakens_own_candle(cryptuoso: Path, tmp_path: Path) -> None:
    with Program(tmp_path / "data", "--source", f"recording:{cryptuoso}", "--speed", "0") as program:
        assert until(lambda: ended(program), seconds=60)
        assert until(lambda: sum(1 for _ in program.all("trades/?pair=BTC-USD")) == 2671, seconds=30)
        [candle] = program.get("candles/?pair=BTC-USD&interval=1h")["items"]
        shown = {name: candle[name] for name in ("start", "open", "high", "low", "close", "volume", "trades")}
        assert shown == {
            "start": "2019-07-01T00:00:00Z", "open": "10749.4", "high": "11041.8", "low": "10600", "close": "11014.3",
            "volume": "903.65604099", "trades": 2671,
        }  # fmt: skip
        assert candle["origin"] == "recording"
    assert program.process.returncode == 0
    assert "Traceback" not in program.said


def start_and_kill(program: Program, after_s: float) -> None:
    try:
        assert until(lambda: program.url or program.process.poll() is not None, seconds=60), program.said
        until(lambda: False, seconds=after_s)  # the moment is the point here, not a condition
    finally:
        program.kill()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_random_moments_every_trade_is_there_once(tmp_path: Path) -> None:
    count = 12_000
    recording = write(tmp_path / "steady.jsonl", steady(count))
    chance = random.Random(20_261_122)
    source = ("--source", f"recording:{recording}", "--speed", "0")
    for _ in range(20):
        start_and_kill(Program(tmp_path / "data", *source), chance.uniform(0, 0.8))
    with Program(tmp_path / "data", *source) as program:
        assert until(lambda: ended(program), seconds=120), program.get("feeds/")
        ids = sorted(one["trade_id"] for one in program.all("trades/?pair=BTC-USD"))
        assert ids == list(range(1, count + 1))
        candles = list(program.all("candles/?pair=BTC-USD&interval=1h&start=2026-11-01T00:00:00Z"))
        assert sum(candle["trades"] for candle in candles) == count
        assert sum((Decimal(candle["volume"]) for candle in candles), Decimal(0)) == Decimal("0.001") * count
        feed = program.feed("BTC/USD")
        assert (feed["gaps"], feed["missing"], feed["completeness"]) == (0, 0, 1.0)


@pytest.mark.slow
def test_what_a_bad_recording_holds_is_kept_as_dead_letters_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = [
        line(frame(row(1, START), row(2, START, symbol="ETH/USD", price="2700.01")), START),
        "this is not JSON\n",
        line('{"channel":"trade","type":"update","data":[', START),
        line(frame(row(2, START, price="-1"), row(3, START)), START),
        line('{"channel":"weather","data":[]}', START),
        line(frame(row(7, START + timedelta(seconds=1))), START),
    ]
    recording = write(tmp_path / "bad.jsonl", lines)
    data = tmp_path / "data"
    with Program(data, "--source", f"recording:{recording}", "--speed", "0") as program:
        assert until(lambda: ended(program))
        assert until(lambda: [one["trade_id"] for one in program.all("trades/?pair=BTC-USD")] == [7, 3, 1])
        feed = program.feed("BTC/USD")
        assert (feed["gaps"], feed["missing"]) == (2, 4)
    listed = cryptoviz("dead-letters", "list", "--source", f"recording:{recording}", "--data-dir", str(data))
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.count("kraken-frame") == 2, listed.stdout
    assert "recording-line" in listed.stdout


@pytest.mark.slow
def test_rebuilding_ends_with_the_same_answers(tmp_path: Path) -> None:
    recording = write(tmp_path / "steady.jsonl", steady(3_000))
    source = ("--source", f"recording:{recording}")
    data = tmp_path / "data"
    paths = [
        "trades/?pair=BTC-USD",
        "candles/?pair=BTC-USD&interval=5m&start=2026-11-01T00:00:00Z",
        "alerts/",
        "watchlist/",
    ]

    def answers() -> list[list[dict[str, object]]]:
        with Program(data, *source, "--speed", "0") as program:
            assert until(lambda: ended(program))
            assert until(lambda: sum(1 for _ in program.all(paths[0])) == 3_000)
            return [list(program.all(path)) for path in paths]

    before = answers()
    rebuilt = cryptoviz("rebuild", *source, "--data-dir", str(data))
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "Rebuilt the read models from" in rebuilt.stdout
    assert answers() == before


def test_a_recording_may_be_missing_or_compressed_wrongly(tmp_path: Path) -> None:
    missing = cryptoviz(
        "run", "--port", "0", "--source", f"recording:{tmp_path / 'none.jsonl'}", "--data-dir", str(tmp_path / "d")
    )
    assert missing.returncode == 1
    assert missing.stderr.startswith("cryptoviz: the recording ")
    assert "cannot be read" in missing.stderr
    assert missing.stderr.count("\n") == 1
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(b"{}"))
    with Program(tmp_path / "data", "--source", f"recording:{packed}", "--speed", "0") as program:
        assert until(lambda: ended(program)), "not one line of it can be read, and the program goes on"
