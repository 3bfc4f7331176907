"""How much room the embedded log takes, and how much there is."""

import shutil
from pathlib import Path

from adapters.embedded.data_directory import DataDirectory
from application.ports.event_log import LogUnavailable
from application.ports.storage_report import DiskUsage


class DirectoryUsage:
    """See application.ports.storage_report.DiskReport."""

    def __init__(self, directory: DataDirectory) -> None:
        self._directory = directory

    def usage(self) -> DiskUsage:
        """The log's file with those that SQLite keeps beside it, and the disk of the data directory."""
        file = self._directory.log_file
        try:
            log = sum(one.stat().st_size for one in _files(file))
            disk = shutil.disk_usage(file.parent)
        except OSError as error:
            raise LogUnavailable(f"the data directory {file.parent} cannot be looked at: {error.strerror}") from error
        return DiskUsage(log, disk.free, disk.total)


def _files(file: Path) -> list[Path]:
    return [one for name in ("", "-wal", "-shm") if (one := file.with_name(file.name + name)).exists()]
