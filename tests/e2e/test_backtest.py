"""`cryptoviz backtest` on imported candles: a table, a report, and words for what cannot be."""

from pathlib import Path

import pytest

from tests.e2e.program import cryptoviz

FIRST, HOUR = 1_560_000_000 // 3600 * 3600, 3600


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("backtest")
    prices = [100 + number % 50 for number in range(1000)]
    file = folder / "XBTUSD_60.csv"
    file.write_text("".join(f"{FIRST + n * HOUR},{p},{p},{p},{p},1,1\n" for n, p in enumerate(prices)))
    run = cryptoviz("import", str(file), "--data-dir", str(folder / "data"))
    assert run.returncode == 0, run.stderr
    return str(folder / "data")


def test_a_table_and_a_report_beside_buying_and_holding(data: str, tmp_path: Path) -> None:
    asked = ("--strategy", "sma-cross", "--pair", "BTC-USD", "--set", "fast=2", "--set", "slow=4", "--data-dir", data)
    page = tmp_path / "report.html"
    run = cryptoviz("backtest", *asked, "--report", str(page))
    assert run.returncode == 0, run.stderr
    words = " ".join(run.stdout.split())
    assert "sma-cross (fast 2, slow 4) on BTC/USD 1h, fee 0.4 %, slippage 5 bp at each fill" in words
    assert "1,000 candles from 2019-06-08" in words
    assert "Buy and hold" in words
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert text.count("<tr>") > 30  # figures, and a trade for each of the prices' cycles
    plot = tmp_path / "equity.png"
    assert cryptoviz("backtest", *asked, "--report", str(plot)).returncode == 0
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--strategy", "moon"], "strategy 'moon' is unknown: expected buy-and-hold, sma-cross"),
        (["--set", "fast"], "--set fast is not understood: expected NAME=NUMBER"),
        (["--set", "fast=30", "--set", "slow=20"], "fast is 30: expected less than slow, which is 20"),
        (["--pair", "ETH-USD"], "there are no closed candles of ETH/USD at 1h in that time"),
        (["--pair", "moon"], "'moon' is not a pair"),
        (["--interval", "2h"], "'2h' is not an interval"),
        (["--start", "soon"], "start 'soon' is not a time"),
        (["--start", "2020-01-01"], "no closed candles of BTC/USD"),
        (["--fee-pct", "-1"], "fee_pct is -1: expected 0 to 10"),
        (["--report", "report.pdf"], "expected .html, .png or .svg"),
    ],
)
def test_what_cannot_be_run_is_one_line(data: str, options: list[str], words: str) -> None:
    run = cryptoviz("backtest", "--strategy", "sma-cross", "--pair", "BTC-USD", *options, "--data-dir", data)
    assert run.returncode == 2
    assert words in run.stderr
    assert run.stderr.startswith("cryptoviz: ")
    assert run.stderr.count("\n") == 1
