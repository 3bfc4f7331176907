"""How every benchmark prints: medians of interleaved rounds, and the ratio to the floor of the same run."""

import statistics
from collections.abc import Sequence


def line(what: str, values: Sequence[float], unit: str) -> str:
    """`what: median unit (min .. max)`."""
    middle = statistics.median(values)
    return f"{what:<52} {middle:>14,.1f} {unit:<10} ({min(values):,.1f} .. {max(values):,.1f})"


def ratio(what: str, ours: Sequence[float], floor: Sequence[float], wanted: float) -> str:
    """The median of the pairwise ratios, with what is wanted."""
    pairs = [one / other for one, other in zip(ours, floor, strict=True)]
    middle = statistics.median(pairs)
    verdict = "ok" if middle >= wanted else "SHORT"
    return f"{what:<52} {middle:>14.2f} {'ratio':<10} ({min(pairs):.2f} .. {max(pairs):.2f}), wanted {wanted:.2f}: {verdict}"
