"""Where the data comes from: Kraken, the simulator, or a recording. Each has a data directory of its own."""

from dataclasses import dataclass
from pathlib import Path

from domain.values import Origin


@dataclass(frozen=True, slots=True)
class Source:
    """A session's source; `recording` is set for a recording only."""

    origin: Origin
    recording: Path | None = None

    @property
    def words(self) -> str:
        """For a person: `Kraken`, `the simulator`, `the recording FILE`."""
        match self.origin:
            case Origin.SIMULATED:
                return "the simulator (not the real market)"
            case Origin.RECORDING:
                return f"the recording {self.recording}"
        return "Kraken"


KRAKEN = Source(Origin.LIVE)
SIMULATED = Source(Origin.SIMULATED)


def source_named(name: str) -> Source:
    """The source of a SOURCE setting; `auto` is Kraken's, whose data it prefers."""
    if name.startswith("recording:"):
        return Source(Origin.RECORDING, Path(name.removeprefix("recording:")).expanduser().absolute())
    return SIMULATED if name == "simulated" else KRAKEN
