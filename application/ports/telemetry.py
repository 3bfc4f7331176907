"""Port: counting what happens, for operators."""

from typing import Protocol


class Telemetry(Protocol):
    """Takes counts and gauges under names that the adapter declares, with their help texts."""

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        ...

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        ...
