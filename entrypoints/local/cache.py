"""Downloads, kept once for all data directories, under `~/.cache/cryptoviz` or `CRYPTOVIZ_CACHE_DIR`."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from entrypoints.local.missing import Missing

Say = Callable[[str], None]


def cache_directory() -> Path:
    """Where downloads are kept."""
    chosen = os.environ.get("CRYPTOVIZ_CACHE_DIR")
    return Path(chosen).expanduser().absolute() if chosen else Path(platformdirs.user_cache_dir("cryptoviz"))


def kept(name: str, build: Callable[[Path], None]) -> Path:
    """The directory `name` of the cache; where it is missing, `build` fills it first.

    It is there whole or not at all, however a build ends, and one process builds it while others wait. `name` holds the
    version. Raises Missing, from `build` too.
    """
    cache = cache_directory()
    home = cache / name
    if home.is_dir():
        return home
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with locked(cache / f".{name}.lock"):
            if not home.is_dir():
                for left in cache.glob(f".{name}-draft-*"):  # of a build that was killed
                    shutil.rmtree(left)
                draft = Path(tempfile.mkdtemp(prefix=f".{name}-draft-", dir=cache))
                try:
                    build(draft)
                    draft.chmod(0o755)
                    draft.rename(home)
                finally:
                    shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise Missing(
            f"the cache {cache} cannot be written ({error.strerror})", "choose another with CRYPTOVIZ_CACHE_DIR"
        ) from error
    return home


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold `file` while the block runs; wait while another process holds it."""
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
