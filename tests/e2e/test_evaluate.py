"""`cryptoviz evaluate` on imported history."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.program import cryptoviz
from tests.unit.forecasting.test_models import wander

START = datetime(2020, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.slow


def test_the_command_evaluates_imported_history(tmp_path: Path) -> None:
    file = tmp_path / "XBTUSD_60.csv"
    first = int(START.timestamp())
    rows = [f"{first + 3600 * n},{p:.1f},{p:.1f},{p:.1f},{p:.1f},1,1" for n, p in enumerate(wander(1100))]
    file.write_text("\n".join(rows) + "\n")
    place = ("--data-dir", str(tmp_path / "data"), "--source", "kraken")
    report = ("--report", str(tmp_path / "report"))
    nothing = cryptoviz("evaluate", *report, "--pair", "BTC-USD", *place)
    assert nothing.returncode == 1
    assert "1000 closed candles of 1h are needed: BTC/USD (0)" in nothing.stderr
    imported = cryptoviz("import", str(file), *place)
    assert imported.returncode == 0, imported.stderr
    done = cryptoviz("evaluate", *report, "--pair", "XBT-USD", *place, timeout_s=200)
    assert done.returncode == 0, done.stderr
    assert "## BTC/USD 1h" in (tmp_path / "report" / "report.md").read_text()
    for wrong in (("--interval", "7m"), ("--pair", "?")):
        assert cryptoviz("evaluate", *report, *wrong, *place).returncode == 2
