"""What a strategy is: a pure function of the history so far, with named and bounded parameters."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from application.analytics.backtest.history import Bools, History
from domain.errors import InvalidValue

MOST_BARS = 200_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that may be chosen from `least` to `most`; `whole` ones have no fraction."""

    name: str
    meaning: str
    default: float
    least: float
    most: float
    whole: bool = True

    def read(self, value: float) -> float:
        """The value, an int for a whole one. Raises InvalidValue."""
        fits = math.isfinite(value) and self.least <= value <= self.most and not (self.whole and value % 1)
        if not fits:
            kind = "a whole number" if self.whole else "a number"
            raise InvalidValue(
                self.name, f"{self.name} is {value:g}: expected {kind} from {self.least:g} to {self.most:g}"
            )
        return int(value) if self.whole else float(value)


class Strategy(Protocol):
    """Long or out of the market, by the history alone. Its parameters are its fields."""

    name: ClassVar[str]
    meaning: ClassVar[str]
    parameters: ClassVar[Sequence[Parameter]]
    most_bars: ClassVar[int]
    """How many bars it may be given: what takes long for each has a lower bound."""
    checked_bars: ClassVar[int]
    """Of how many of them it is checked that it does not look ahead."""

    def positions(self, history: History) -> Bools:
        """For each bar, whether to be in the market, as decided on its close.

        What is said of a bar may depend on that bar and earlier ones alone, and on sentiment known by its end.
        """
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A strategy that may be chosen; `make` takes a value for each of its parameters, and raises InvalidValue for those that do
    not go together."""

    strategy: type[Strategy]
    make: Callable[..., Strategy]

    def chosen(self, values: Mapping[str, float]) -> Strategy:
        """With these parameters, the others at their defaults. Raises InvalidValue, naming the parameter."""
        known = {parameter.name: parameter for parameter in self.strategy.parameters}
        for name in values:
            if name not in known:
                expected = f"expected {', '.join(known)}" if known else "it has none"
                raise InvalidValue("parameters", f"{self.strategy.name} has no parameter '{name[:40]}': {expected}")
        return self.make(**{name: one.read(values.get(name, one.default)) for name, one in known.items()})
