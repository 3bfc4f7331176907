"""Ports for what runs on this machine: fixed ones where they are free, and the same ones at every start."""

import json
import socket
from collections.abc import Callable
from contextlib import closing

from entrypoints.supervise.places import Places, write_private

DEFAULTS = {
    "kafka": 19092,
    "kafka_controller": 19093,
    "schema_registry": 18081,
    "database": 15432,
    "redis": 16379,
    "api": 8000,
}


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        return False
    return True


class Ports:
    """The ports of one data directory, by part, remembered in `ports.json`."""

    def __init__(self, places: Places) -> None:
        self._file = places.ports
        try:
            self._remembered: dict[str, int] = {
                name: int(port) for name, port in json.loads(self._file.read_text(encoding="utf-8")).items()
            }
        except FileNotFoundError:
            self._remembered = {}
        except (ValueError, AttributeError) as error:
            raise OSError(f"{self._file} cannot be read ({error}): delete it, and start again") from error

    def of(self, name: str, *, in_use: bool, say: Callable[[str], None]) -> int:
        """The port of a part; `in_use` when the part is running and so holds it. `say` is told when it is a new one."""
        wanted = self._remembered.get(name, DEFAULTS[name])
        if in_use and name in self._remembered:
            return wanted
        others = {port for other, port in self._remembered.items() if other != name}
        port = wanted
        while port in others or not is_free(port):
            port = any_free()
        if port != wanted:
            say(f"Port {wanted} is taken by another program: {name} gets {port}")
        self._remembered[name] = port
        write_private(self._file, json.dumps(self._remembered, indent=2))
        return port


def any_free() -> int:
    """A port that nobody listens at now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
