"""What every Java server here is started with."""

from pathlib import Path


def temporary_files(directory: Path) -> tuple[str, str]:
    """Options that keep what it writes beside its data below `directory`: it may be killed before it cleans up."""
    return "-XX:-UsePerfData", f"-Djava.io.tmpdir={directory / 'tmp'}"


def prepare_directory(directory: Path) -> None:
    """Make it, with a place for temporary files."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    (directory / "tmp").mkdir(exist_ok=True)
