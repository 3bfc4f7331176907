"""Whether what was written with one schema can be read with another, by Avro's rules of resolution.

https://avro.apache.org/docs/1.12.0/specification/#schema-resolution. A registry asks the same; this says where and why,
needs no registry, and also refuses what those rules let pass: a field that means another thing than before, a number that
became wider (`adapters.avro.codec` would not read it).
"""

import json
from typing import Any

from adapters.avro.schemas import differing_logical_type


def incompatibility(reader_text: str, writer_text: str) -> str | None:
    """Why a reader with the first schema cannot read what was written with the second, in one sentence; None if it can.

    Both must be valid Avro schemas.
    """
    reader, writer = json.loads(reader_text), json.loads(writer_text)
    found = _Resolution(_named(reader), _named(writer)).conflict(reader, writer, "")
    return found or differing_logical_type(writer_text, reader_text)


class _Resolution:
    """Walks both schemas. A named type that is being compared already is taken to fit: its own walk decides."""

    def __init__(self, readers: dict[str, Any], writers: dict[str, Any]) -> None:
        self._readers = readers
        self._writers = writers
        self._comparing: set[tuple[str, str]] = set()

    def conflict(self, reader: Any, writer: Any, path: str) -> str | None:
        reader, writer = self._readers.get(_name(reader), reader), self._writers.get(_name(writer), writer)
        if isinstance(writer, list):
            conflicts = (self.conflict(reader, branch, path) for branch in writer)
            return next((found for found in conflicts if found), None)
        if isinstance(reader, list):
            if any(self.conflict(branch, writer, path) is None for branch in reader):
                return None
            return f"{path} may hold {_type(writer)}, which no branch of the new union reads"
        if _type(reader) != _type(writer):
            return f"{path} was written as {_type(writer)}, and is now {_type(reader)}"
        return self._within(reader, writer, path)

    def _within(self, reader: Any, writer: Any, path: str) -> str | None:
        match _type(reader):
            case "record":
                return self._records(reader, writer, path)
            case "array":
                return self.conflict(reader["items"], writer["items"], f"{path}[]")
            case "map":
                return self.conflict(reader["values"], writer["values"], f"{path}[]")
            case "enum" if "default" not in reader:
                lost = sorted(set(writer["symbols"]) - set(reader["symbols"]))
                return f"{path} lost the symbols {', '.join(lost)}" if lost else None
            case "fixed" if reader["size"] != writer["size"]:
                return f"{path} had {writer['size']} bytes, and now has {reader['size']}"
        return None

    def _records(self, reader: Any, writer: Any, path: str) -> str | None:
        if _short(reader) != _short(writer):
            return f"{path or 'the record'} was a {_short(writer)}, and is now a {_short(reader)}"
        pair = (_short(reader), _short(writer))
        if pair in self._comparing:
            return None
        self._comparing.add(pair)
        try:
            written = {field["name"]: field["type"] for field in writer["fields"]}
            within = path or _short(reader)
            for field in reader["fields"]:
                at = f"{within}.{field['name']}"
                if field["name"] in written:
                    found = self.conflict(field["type"], written[field["name"]], at)
                    if found:
                        return found
                elif "default" not in field:
                    return f"{at} is new and has no default for older records"
        finally:
            self._comparing.discard(pair)
        return None


def _type(schema: Any) -> str:
    found = schema["type"] if isinstance(schema, dict) else schema
    return _type(found) if isinstance(found, dict) else str(found)


def _name(schema: Any) -> str:
    """The name by which a schema refers to another; empty for one that stands there itself."""
    return schema.rpartition(".")[2] if isinstance(schema, str) else ""


def _short(schema: Any) -> str:
    return str(schema["name"]).rpartition(".")[2]


def _named(schema: Any) -> dict[str, Any]:
    """All named types within a schema, by their short names."""
    if isinstance(schema, list):
        return {name: found for branch in schema for name, found in _named(branch).items()}
    if not isinstance(schema, dict):
        return {}
    found = {_short(schema): schema} if schema["type"] in ("record", "enum", "fixed") else {}
    inner = [field["type"] for field in schema.get("fields", ())]
    inner += [schema[what] for what in ("items", "values", "type") if isinstance(schema.get(what), dict | list)]
    for each in inner:
        found |= _named(each)
    return found
