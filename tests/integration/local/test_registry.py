"""A registry of our own keeps its schemas, and refuses what readers of the old ones could not read."""

import json

import httpx
import pytest

from tests.integration.local.processes import processes_in
from tests.servers.running import Running
from tests.waiting import until

_FIELD = {"name": "price", "type": "string"}
_SCHEMA = {"type": "record", "name": "Kept", "fields": [_FIELD]}


@pytest.fixture
def registered(fresh_schema_registry: Running) -> int:
    number: int = _register(fresh_schema_registry, _SCHEMA).raise_for_status().json()["id"]
    return number


def test_a_registered_schema_outlives_kill_9_and_a_stop(fresh_schema_registry: Running, registered: int) -> None:
    for end in (fresh_schema_registry.kill, fresh_schema_registry.stop):
        end()
        assert until(lambda: processes_in(fresh_schema_registry.service.directory) == [])
        fresh_schema_registry.start()
        found = httpx.get(f"{fresh_schema_registry.endpoint}/schemas/ids/{registered}").raise_for_status().json()
        assert json.loads(found["schema"]) == _SCHEMA


def test_the_same_schema_in_another_layout_is_no_new_version(fresh_schema_registry: Running, registered: int) -> None:
    again = {"fields": [dict(reversed(_FIELD.items()))], "name": "Kept", "type": "record"}
    assert _register(fresh_schema_registry, again).raise_for_status().json()["id"] == registered


def test_an_incompatible_schema_is_refused(fresh_schema_registry: Running, registered: int) -> None:
    assert _register(fresh_schema_registry, {**_SCHEMA, "fields": [{"name": "new", "type": "long"}]}).status_code == 409


def _register(registry: Running, schema: object) -> httpx.Response:
    layout = json.dumps(schema, indent=3)
    return httpx.post(f"{registry.endpoint}/subjects/kept-value/versions", json={"schema": layout}, timeout=20)
