"""Kafka values -> columns, decoded in the JVM by Spark's `from_avro`.

`from_avro` takes one writer's schema, so each id has a branch of its own. Logical types are taken out of the schemas:
decimals and times come as the bytes and integers they are on the wire, because Spark turns what does not fit into null.
Neither does Spark see what follows a record. So an end mark is appended to each value and read as one more field: it
comes back whole only when the record ends where the value does.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's own examples call it
from pyspark.sql.avro.functions import from_avro

from adapters.avro.schemas import storage_schema
from schemas_avro import schema_text

END = "end_mark"
_END_LENGTH = 8
_HEADER = 5  # the magic byte and the schema's id


@dataclass(frozen=True, slots=True)
class EndMark:
    """Bytes that nobody outside can foresee."""

    value: bytes

    @classmethod
    def fresh(cls) -> "EndMark":
        """Another one for each run of a job."""
        return cls(secrets.token_bytes(_END_LENGTH))


def decoded(
    value: Column, topic: str, writers: Mapping[int, str], end: EndMark, fields: Collection[str] | None = None
) -> Column:
    """The records in a column of registry-framed values: a struct of the topic's fields, in our schema, and END.

    `writers` are the schemas by id that values of the topic may be written with. Where a value is of none of them, or
    cannot be read, its struct is null or all of its fields are. With `fields` the others are skipped.
    """
    body = F.concat(F.substring(value, _HEADER + 1, 0x7FFFFFFF), F.lit(end.value))
    options = {"mode": "PERMISSIVE", "avroSchema": _marked(schema_text(topic), fields)}
    branches: Column | None = None
    for schema_id, text in writers.items():
        header = F.substring(value, 1, _HEADER) == F.lit(b"\x00" + schema_id.to_bytes(4, "big"))
        record = from_avro(body, _marked(text), options)
        branches = F.when(header, record) if branches is None else branches.when(header, record)
    if branches is None:
        raise ValueError(f"no schema of topic {topic} is known")
    return branches


def _marked(text: str, wanted: Collection[str] | None = None) -> str:
    schema = dict(storage_schema(text))  # type: ignore[arg-type]  # a record's is a dict
    fields = [field for field in schema["fields"] if wanted is None or field["name"] in wanted]
    mark = {"name": END, "type": {"type": "fixed", "name": "cryptoviz.EndMark", "size": _END_LENGTH}}
    return json.dumps({**schema, "fields": [*fields, mark]})
