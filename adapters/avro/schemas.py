"""Schemas as the codec uses them: without logical types, and compared with ours before anything is read by them."""

import json
from typing import Any

from fastavro.schema import parse_schema, to_parsing_canonical_form
from fastavro.types import Schema

_LOGICAL = ("logicalType", "precision", "scale")


def storage_schema(schema_text: str) -> Schema:
    """The parsed schema with its logical types taken out: the same bytes, but values are plain bytes and integers.

    Raises ValueError or fastavro's SchemaParseException for a text that is no Avro schema.
    """
    return parse_schema(_without_logical_types(json.loads(schema_text)))


def event_version(schema_text: str) -> int:
    """Which version of its event a topic's schema holds, for a topic of one event: its attribute `event_version`, or 1.

    Raises ValueError for a version that is no whole number from 1.
    """
    version = json.loads(schema_text).get("event_version", 1)
    if not isinstance(version, int) or version < 1:
        raise ValueError(f"event_version is {str(version)[:20]}: expected a whole number from 1")
    return version


def same_bytes(one: Schema, other: Schema) -> bool:
    """Whether both schemas lay out values alike; only docs, defaults and formatting may differ."""
    return bool(to_parsing_canonical_form(one) == to_parsing_canonical_form(other))


def differing_logical_type(writer_text: str, reader_text: str) -> str | None:
    """Says which field means another thing to the writer than to us, such as a decimal of another scale; None if none.

    Avro's schema resolution does not compare logical types: a decimal(38,10) would be read as if it were (38,18).
    """
    written, ours = (dict(_meanings(json.loads(text), "")) for text in (writer_text, reader_text))
    for path, meaning in ours.items():
        if path in written and written[path] != meaning:
            return f"{path} is {written[path]}, expected {meaning}"
    return None


def _without_logical_types(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_logical_types(value) for key, value in schema.items() if key not in _LOGICAL}
    if isinstance(schema, list):
        return [_without_logical_types(item) for item in schema]
    return schema


def _meanings(schema: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(schema, list):
        return [found for branch in schema if branch != "null" for found in _meanings(branch, path)]
    if not isinstance(schema, dict):
        return [(path, str(schema))]
    inner = schema["type"]
    if inner == "record":
        within = f"{path}.{schema['name']}".lstrip(".")
        return [found for field in schema["fields"] for found in _meanings(field["type"], f"{within}.{field['name']}")]
    if inner == "array":
        return _meanings(schema["items"], f"{path}[]")
    logical = schema.get("logicalType")
    if logical == "decimal":
        return [(path, f"decimal({schema.get('precision')},{schema.get('scale', 0)})")]
    return [(path, str(logical))] if logical else _meanings(inner, path)
