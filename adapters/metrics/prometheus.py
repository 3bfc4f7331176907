"""Telemetry in Prometheus' text format, with a registry of its own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from adapters.metrics.names import METRICS


class UndeclaredMetric(KeyError):
    """A name, or labels, that adapters/metrics/names.py does not declare."""


class PrometheusTelemetry:
    """Implements `application.ports.telemetry.Telemetry`, and adds observations. Safe for several threads."""

    content_type = "text/plain; version=0.0.4"

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, metric in METRICS.items():
            exposed = f"cryptoviz_{name}"
            match metric.kind:
                case "counter":
                    self._counters[name] = Counter(exposed, metric.help, metric.labels, registry=self._registry)
                case "gauge":
                    self._gauges[name] = Gauge(exposed, metric.help, metric.labels, registry=self._registry)
                case "histogram":
                    self._histograms[name] = Histogram(
                        exposed, metric.help, metric.labels, registry=self._registry, buckets=metric.buckets
                    )

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        metric = self._counters[_checked(name, "counter", labels)]
        (metric.labels(**labels) if labels else metric).inc(amount)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        metric = self._gauges[_checked(name, "gauge", labels)]
        (metric.labels(**labels) if labels else metric).set(value)

    def clear(self, name: str) -> None:
        """Forget all values of a gauge that has labels: what is not set again is not told any more."""
        self._gauges[name].clear()

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add an observation to a histogram."""
        metric = self._histograms[_checked(name, "histogram", labels)]
        (metric.labels(**labels) if labels else metric).observe(value)

    def total(self, name: str) -> float:
        """A counter's value, over all its labels."""
        samples = [sample for family in self._counters[name].collect() for sample in family.samples]
        return sum(sample.value for sample in samples if sample.name.endswith("_total"))

    def exposition(self) -> bytes:
        """All metrics as Prometheus reads them."""
        return generate_latest(self._registry)


def _checked(name: str, kind: str, labels: dict[str, str]) -> str:
    metric = METRICS.get(name)
    if metric is None or metric.kind != kind or set(labels) != set(metric.labels):
        raise UndeclaredMetric(
            f"{kind} '{name}' with labels {sorted(labels)} is not declared in adapters/metrics/names.py"
        )
    return name
