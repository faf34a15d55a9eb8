"""`drill schema`: the JSON Schema of scenario files."""

from __future__ import annotations

import json

import click

from drill.cli.printing import result


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of scenario files, for editors; `drill check` knows more."""
    from drill.scenario.schema import schema  # noqa: PLC0415 - loads pydantic

    result(json.dumps(schema(), indent=2))
