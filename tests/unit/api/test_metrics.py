"""Metrics are declared, and whoever counts uses what is declared."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.metrics.names import METRICS
from adapters.metrics.prometheus import PrometheusTelemetry, UndeclaredMetric
from application.ports.telemetry import Telemetry

ROOT = Path(__file__).resolve().parents[3]
KINDS = {"count": "counter", "gauge": "gauge", "observe": "histogram"}


def test_counters_gauges_and_histograms_are_exposed() -> None:
    meter = PrometheusTelemetry()
    telemetry: Telemetry = meter
    telemetry.count("events", 3, kind="trade-executed", origin="live")
    telemetry.gauge("queue_depth", 7, queue="inbox")
    meter.observe("http_request_seconds", 0.02, method="GET", route="/")
    text = meter.exposition().decode()
    assert 'cryptoviz_events_total{kind="trade-executed",origin="live"} 3.0' in text
    assert 'cryptoviz_queue_depth{queue="inbox"} 7.0' in text
    assert 'cryptoviz_http_request_seconds_bucket{le="0.025",method="GET",route="/"} 1.0' in text


@pytest.mark.parametrize(("name", "labels"), [("nothing", {}), ("events", {}), ("queue_depth", {"queue": "x"})])
def test_what_is_not_declared_is_refused(name: str, labels: dict[str, str]) -> None:
    with pytest.raises(UndeclaredMetric):
        PrometheusTelemetry().count(name, 1, **labels)


def _uses() -> Iterator[tuple[str, str, str, set[str]]]:
    for path in (file for floor in ("application", "adapters", "entrypoints") for file in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in KINDS
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
                and any(word in ast.unparse(node.func.value) for word in ("telemetry", "meter"))
            ):
                labels = {keyword.arg for keyword in node.keywords if keyword.arg and keyword.arg != "amount"}
                yield f"{path.name}:{node.lineno}", node.func.attr, node.args[0].value, labels


def test_every_metric_that_is_used_is_declared_with_its_labels() -> None:
    uses = list(_uses())
    assert len(uses) > 10
    for place, method, name, labels in uses:
        assert name in METRICS, f"{place}: '{name}' is not declared in adapters/metrics/names.py"
        assert (METRICS[name].kind, set(METRICS[name].labels)) == (KINDS[method], labels), place
