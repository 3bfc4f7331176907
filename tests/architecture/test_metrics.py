"""What is counted anywhere is declared once, with a help text."""

import re
from pathlib import Path

from adapters.metrics.names import METRICS

ROOT = Path(__file__).parents[2]
_CALL = re.compile(r"(?:telemetry|meter)\.(count|gauge|observe)\(\s*\"(\w+)\"")
_KINDS = {"count": "counter", "gauge": "gauge", "observe": "histogram"}


def _used() -> set[tuple[str, str]]:
    sources = [path for floor in ("application", "adapters", "entrypoints") for path in (ROOT / floor).rglob("*.py")]
    calls = [call for path in sources for call in _CALL.findall(path.read_text())]
    return {(_KINDS[method], name) for method, name in calls}


def test_every_metric_that_is_used_is_declared_and_every_declared_one_is_used() -> None:
    assert _used() == {(metric.kind, name) for name, metric in METRICS.items()}
