"""A house in a temporary directory: the real use cases over a real SQLite file, at a clock of one's own."""

import atexit
import shutil
import tempfile
import weakref
from functools import cache
from pathlib import Path

from dependency_injector import providers

from adapters.embedded.data_directory import HOUSE_FILE
from application.ports.clock import Clock
from domain.access.account import COMMAND_LINE
from entrypoints.house import HouseContainer, open_house
from entrypoints.settings import Settings

PASSWORD = "three small boats"


def house_at(clock: Clock) -> HouseContainer:
    """A house without users; its files go when it does."""
    directory = _temporary()
    shutil.copy(_migrated() / HOUSE_FILE, directory)
    house: HouseContainer = HouseContainer(settings=_settings(directory), clock=providers.Object(clock))
    weakref.finalize(house, shutil.rmtree, directory, ignore_errors=True)
    return house


def key_of(house: HouseContainer, *scopes: str) -> str:
    """A new API key's text."""
    return str(house.keys().create("test", scopes, created_by=COMMAND_LINE)[1])


def bearer(key: str) -> dict[str, str]:
    """The header that a key is sent in."""
    return {"Authorization": f"Bearer {key}"}


@cache
def _migrated() -> Path:
    directory = _temporary()
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    with open_house(_settings(directory)):
        return directory


def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="cryptoviz-house-"))


def _settings(directory: Path) -> Settings:
    return Settings(data_dir=directory, profile="embedded", _env_file=None)  # type: ignore[call-arg]
