"""The Avro schemas of the log's topics: one `.avsc` a topic, and every version of it under `history/`."""

from functools import cache
from importlib.resources import files


@cache
def schema_text(topic: str) -> str:
    """The present schema of a topic, as JSON text. Raises LookupError for a topic without one."""
    file = files(__name__).joinpath(f"{topic}.avsc")
    if not topic.isalnum() or not file.is_file():
        raise LookupError(f"there is no Avro schema for a topic '{topic[:40]}'")
    return file.read_text(encoding="utf-8")


@cache
def history(topic: str) -> tuple[str, ...]:
    """Every version of a topic's schema that was ever used, oldest first; the last one is the present."""
    folder = files(__name__).joinpath("history")
    versions: list[str] = []
    while (file := folder.joinpath(f"{topic}.v{len(versions) + 1}.avsc")).is_file():
        versions.append(file.read_text(encoding="utf-8"))
    return tuple(versions)
