"""Which data sets a data directory holds, which of them runs, and which one a command means that names none."""

from dataclasses import dataclass
from pathlib import Path

from adapters.embedded.data_directory import LIVE, SIMULATED, holder_of, last_written, sources_in
from domain.values import Origin
from entrypoints.settings import Settings
from entrypoints.source import KRAKEN, Source, source_named
from entrypoints.source import SIMULATED as THE_SIMULATOR


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set: its name (`live`, `recordings/NAME`), its source, and who holds it (None: nobody)."""

    name: str
    source: Source
    holder: str | None

    @property
    def option(self) -> str:
        """What names it on the command line."""
        if self.source.recording:
            return f"--source recording:{self.source.recording}"
        return f"--source {'simulated' if self.source.origin is Origin.SIMULATED else 'kraken'}"


def data_sets(root: Path) -> list[DataSet]:
    """All of them: those that run first, then by when they were last written, the latest first."""
    root = root.expanduser().absolute()
    paths = sorted(sources_in(root), key=last_written, reverse=True)
    found = [_data_set(root, path) for path in paths]
    return sorted(found, key=lambda one: one.holder is None)


def meant(settings: Settings) -> list[DataSet]:
    """The data sets that a command may mean, the most likely first: the one that is set, or all where none is.

    A set one that is not there yet counts too; in the cluster profile the database's is the only one.
    """
    source = source_named(settings.source)
    is_set = "source" in settings.model_fields_set and settings.source != "auto"
    found = [] if settings.profile == "cluster" or is_set else data_sets(settings.data_dir)
    return found or [DataSet(source.words, source, None)]


def _data_set(root: Path, path: Path) -> DataSet:
    sources = {LIVE: KRAKEN, SIMULATED: THE_SIMULATOR}
    source = sources.get(path.name) if path.parent == root else None
    return DataSet(str(path.relative_to(root)), source or Source(Origin.RECORDING, path), holder_of(path))
