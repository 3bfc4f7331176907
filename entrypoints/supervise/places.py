"""Where the supervisor of a data directory keeps its files: `DATA_DIR/supervisor/`, readable by its user alone."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

_LONGEST_SOCKET = 90  # bytes: the system allows 103 to 107, and supervisord binds a longer name first


class Places:
    """Paths only; `make` makes the directories."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.expanduser().absolute()
        self.root = self.data_dir / "supervisor"
        self.conf = self.root / "supervisord.conf"
        self.own_log = self.root / "supervisord.log"
        self.session = self.root / "session.json"
        self.ports = self.root / "ports.json"
        self.passfile = self.root / "passfile"
        self.run = self.root / "run"
        self.logs = self.root / "logs"
        self.programs = self.root / "programs"

    @property
    def socket(self) -> Path:
        """Where supervisord listens; in the temporary directory when the data directory's path is too long for a socket."""
        inside = self.root / "supervisord.sock"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
            return inside
        name = sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"cryptoviz-{os.getuid()}-{name}" / "sock"

    def program(self, name: str) -> Path:
        """What a program runs, and with which settings: read by `launch.py`."""
        return self.programs / f"{name}.json"

    def log(self, name: str) -> Path:
        """A program's log."""
        return self.logs / f"{name}.log"

    def make(self) -> None:
        """Make the directories. Raises OSError."""
        for directory in (self.root, self.run, self.logs, self.programs):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def make_socket_directory(self) -> None:
        """Make the place of the socket. Raises OSError, also when another user has made it."""
        if self.socket.parent != self.root:
            self.socket.parent.mkdir(exist_ok=True, mode=0o700)
            made = self.socket.parent.lstat()
            if made.st_uid != os.getuid() or made.st_mode & 0o077:
                raise OSError(f"{self.socket.parent} belongs to somebody else: delete it, or choose another TMPDIR")

    def remove_socket(self) -> None:
        """Nobody listens any more."""
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.root and self.socket.parent.exists():
            self.socket.parent.rmdir()

    @contextmanager
    def held(self, waiting: Callable[[], None]) -> Generator[None]:
        """Keep other starts and stops of this data directory out; `waiting` is called once when one is at work."""
        self.make()
        with (self.root / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(file, fcntl.LOCK_EX)  # Ctrl-C ends the wait
            yield


def write_private(path: Path, text: str) -> None:
    """Put a file in place at once, readable by its owner alone."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600, exist_ok=False)
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
