"""The API's description: as OpenAPI, and as a plain page for people.

The page has no scripts and no styles, so that the strictest content security policy will do; Litestar's interactive
pages load theirs from elsewhere.
"""

from collections.abc import Iterator
from html import escape
from importlib.metadata import version
from typing import Any

from litestar import MediaType, Request, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, YamlRenderPlugin

_STREAM = (
    'Rows as they come: the WebSocket <code>/api/v1/stream</code>. Send <code>{"action": "subscribe", '
    '"channel": "trades"}</code>.'
)


def openapi_config() -> OpenAPIConfig:
    """`/schema`, `/schema/openapi.json` and `/schema/openapi.yaml`."""
    return OpenAPIConfig(
        title="CryptoViz",
        version=version("cryptoviz"),
        description="The crypto market and its news, live and as they were known. "
        "Prices and quantities are decimal strings, times RFC 3339.",
        render_plugins=[
            _PlainPage(path="/"),
            JsonRenderPlugin(media_type=MediaType.JSON),
            YamlRenderPlugin(),
        ],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, before_request=_only_what_is),
    )


def _only_what_is(request: Request[Any, Any, Any]) -> None:
    """Litestar answers other paths below /schema with a page of its own; ours are problems, as everywhere."""
    if request.scope["path_template"] == "/schema/{path}":
        raise NotFoundException


class _PlainPage(OpenAPIRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return "\n".join(_page(openapi_schema)).encode()


def _page(schema: dict[str, Any]) -> Iterator[str]:
    info = schema["info"]
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])} API</title>'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1><p>{escape(info['description'])}</p>"
    yield '<p>All of it: <a href="/schema/openapi.json">openapi.json</a>, '
    yield f'<a href="/schema/openapi.yaml">openapi.yaml</a>.</p><p>{_STREAM}</p>'
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
            yield f"<p>{escape(operation['summary'])}. {escape(operation.get('description', ''))}</p><ul>"
            for parameter in operation.get("parameters", []):
                description = escape(parameter.get("description", ""))
                yield f"<li><code>{escape(parameter['name'])}</code> {description}</li>"
            yield "</ul>"
    yield "</html>"
