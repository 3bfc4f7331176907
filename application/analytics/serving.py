"""Which model's forecast is the one shown: the one that has beaten "no change" here lately, else "no change" itself."""

from collections import deque
from collections.abc import Collection, Mapping
from typing import NamedTuple

from application.ports.forecaster import NAIVE, Snapshot

_WINDOW = 500  # bars
_ENOUGH = 50  # of them, before anything but "no change" is served


class Serving(NamedTuple):
    """The served model, and why each model is or is not, in words."""

    model: str
    because: Mapping[str, str]


class TrackRecord:
    """The errors of all models over the last 500 bars of one series, relative to the price."""

    def __init__(self, models: Collection[str]) -> None:
        self._errors: dict[str, deque[float]] = {model: deque(maxlen=_WINDOW) for model in models}

    def note(self, errors: Mapping[str, float]) -> None:
        """How far each model was off at one bar; all models, or it would be no comparison."""
        for model, known in self._errors.items():
            known.append(float(f"{errors[model]:.6g}"))  # as it is written in a snapshot

    def serving(self) -> Serving:
        """The model with the least error if that is less than that of "no change"."""
        n = len(self._errors[NAIVE])
        if n < _ENOUGH:
            wait = f"{n} of the {_ENOUGH} bars are known that it takes to tell whether anything beats 'no change'"
            return Serving(NAIVE, {m: wait if m == NAIVE else f"not served: only {wait}" for m in self._errors})
        totals = {model: sum(known) for model, known in self._errors.items()}
        best = min(totals, key=lambda model: (totals[model], model != NAIVE))
        said = {
            model: f"over the last {n} bars its error was {_against(total, totals[NAIVE])}"
            for model, total in totals.items()
        }
        because = {model: f"not served: {words}" for model, words in said.items() if model != best}
        if best != NAIVE:
            because[NAIVE] = f"not served: over the last {n} bars '{best}' was better"
            return Serving(best, {**because, best: said[best]})
        nearest = min((total, model) for model, total in totals.items() if model != NAIVE)[1]
        return Serving(
            NAIVE,
            {
                **because,
                NAIVE: f"nothing has beaten 'no change' here: the error of '{nearest}' over the last {n} bars was {_against(totals[nearest], totals[NAIVE])}",
            },
        )

    def snapshot(self) -> Snapshot:
        """The errors, for JSON."""
        return {model: list(known) for model, known in self._errors.items()}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from there."""
        for model, known in self._errors.items():
            known.extend(snapshot[model])


def _against(total: float, naive: float) -> str:
    if not naive:
        return "no less than that of 'no change', which was none"
    percent = (total / naive - 1) * 100
    if abs(percent) < 0.005:
        return "that of 'no change'"
    return f"{abs(percent):.2f} % {'below' if percent < 0 else 'above'} 'no change'"
