"""The Avro schemas of the log's topics: one `.avsc` a topic; earlier versions lie beside them under `history/`."""

from functools import cache
from importlib.resources import files


@cache
def schema_text(topic: str) -> str:
    """The present schema of a topic, as JSON text. Raises LookupError for a topic without one."""
    file = files(__name__).joinpath(f"{topic}.avsc")
    if not topic.isalnum() or not file.is_file():
        raise LookupError(f"there is no Avro schema for a topic '{topic[:40]}'")
    return file.read_text(encoding="utf-8")
