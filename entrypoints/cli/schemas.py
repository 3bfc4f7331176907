"""`cryptoviz schemas`: the topics' Avro schemas, and the registry that numbers them."""

from collections.abc import Sequence
from typing import Annotated

import typer

from entrypoints.cli.errors import FAILED, USAGE, fail
from entrypoints.settings import load_settings

app = typer.Typer(help="The Avro schemas of the event log's topics.", no_args_is_help=True)
WaitOption = Annotated[int, typer.Option(min=0, max=3600, help="Seconds to wait for a registry that is starting.")]


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _refuse(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        typer.echo(f"cryptoviz: {sentence}", err=True)
    if sentences:
        raise typer.Exit(FAILED)


@app.command()
def check(wait: WaitOption = 0) -> None:
    """Check that every schema reads all its earlier versions, and the registry's latest where a registry is configured."""
    from adapters.kafka.schemas import SchemaAdmin, check_history
    from adapters.kafka.waiting import patiently

    _refuse(check_history())
    url = load_settings().schema_registry_url
    if url:
        _refuse(patiently("the schema registry", SchemaAdmin(url).check, wait_s=wait, say=_say))
    typer.echo("Every schema reads what was written before." if url else "Every schema reads its earlier versions.")


@app.command()
def register(wait: WaitOption = 60) -> None:
    """Check, and register what is missing, each subject BACKWARD. A second run changes nothing."""
    from rich.console import Console
    from rich.table import Table

    from adapters.kafka.schemas import SchemaAdmin, check_history
    from adapters.kafka.waiting import patiently

    url = load_settings().schema_registry_url
    if not url:
        fail("CRYPTOVIZ_SCHEMA_REGISTRY_URL is not set: expected the http address of a schema registry", USAGE)
    _refuse(check_history())
    admin = SchemaAdmin(url)
    _refuse(patiently("the schema registry", admin.check, wait_s=wait, say=_say))
    table = Table("topic", "id", "version", "")
    for registered in admin.register():
        news = "registered" if registered.new else "was there"
        table.add_row(registered.topic, str(registered.schema_id), str(registered.version), news)
    Console().print(table)
