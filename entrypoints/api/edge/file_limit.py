"""How many files and connections this process may have open."""

import resource
from pathlib import Path

_OPEN_MAX = 10_240  # macOS takes no more, whatever its hard limit says
_RESERVED = 256  # for the log, the store, and what else is opened while serving
_MOST = 10_000


def raise_file_limit() -> int:
    """Raise the soft limit of open files to the hard one, where the system allows it; returns the limit that holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (hard, _OPEN_MAX):
        if wanted == soft:
            break
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError):  # more than the system has, or less than is open
            continue
        break
    held = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST + 2 * _RESERVED if held == resource.RLIM_INFINITY else held


def most_connections(limit: int) -> int:
    """How many connections fit under a limit of open files, with what is open now and a reserve for what will be."""
    room = limit - _open_files() - min(_RESERVED, limit // 4)
    return max(8, min(room, _MOST))


def _open_files() -> int:
    for listing in (Path("/proc/self/fd"), Path("/dev/fd")):
        if listing.is_dir():
            return len(list(listing.iterdir()))
    return 32
