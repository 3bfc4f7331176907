"""The simplest models: no change, the average change, a smoothed price. The others are measured by them."""

from application.ports.forecaster import Snapshot

_AVERAGED_OVER = 1000.0  # bars


class NoChange:
    """Expects the last price: the random walk, which on liquid markets is hard to beat."""

    expected = 0.0

    def learn(self, log_return: float) -> None:
        """Nothing to learn."""

    def forget_last(self) -> None:
        """Nothing to forget."""

    def snapshot(self) -> Snapshot:
        """Nothing."""
        return {}

    def restore(self, snapshot: Snapshot) -> None:
        """Nothing."""


class Drift:
    """Expects the average return of the last 1,000 bars or so, exponentially weighted."""

    def __init__(self) -> None:
        self.expected = 0.0
        self._known = 0.0

    def learn(self, log_return: float) -> None:
        """What came."""
        self._known = min(self._known + 1, _AVERAGED_OVER)
        self.expected += (log_return - self.expected) / self._known

    def forget_last(self) -> None:
        """The average stays."""

    def snapshot(self) -> Snapshot:
        """The average."""
        return {"expected": self.expected, "known": self._known}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from there."""
        self.expected, self._known = snapshot["expected"], snapshot["known"]


class Smoothed:
    """Expects the simple exponentially smoothed price (SES): `alpha` of the last one, the rest of those before.

    Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 8.1, on log prices.
    """

    def __init__(self, alpha: float) -> None:
        self._alpha = alpha
        self.expected = 0.0  # the smoothed price less the last one

    def learn(self, log_return: float) -> None:
        """What came."""
        self.expected = (1 - self._alpha) * (self.expected - log_return)

    def forget_last(self) -> None:
        """Begin anew at the next price."""
        self.expected = 0.0

    def snapshot(self) -> Snapshot:
        """How far the smoothed price is from the last."""
        return {"expected": self.expected}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from there."""
        self.expected = snapshot["expected"]
