"""How the data files and their disk are, for health."""

from adapters.embedded.file_watch import FileWatch
from application.health import Finding
from application.operations.room import Rooms


def look_at_files(watch: FileWatch) -> Finding:
    """Say whether the files are still there. What is collected without them would be lost."""
    gone = watch.check()
    return Finding("down", gone) if gone else Finding()


def look_at_disk(rooms: Rooms) -> Finding:
    """Say what a day takes, and for how many days there is room. Raises LogUnavailable, StoreUnavailable."""
    room = rooms.room()
    return Finding("degraded" if room.is_short else "ok", str(room))
