"""`fastroute schema`: the JSON Schema of configurations, for editors."""

from __future__ import annotations

import json

import click

from fastroute import schema as json_schema


@click.command()
def schema() -> None:
    """Print the JSON Schema of configurations.

    Editors check and complete a YAML file that begins with
    `# yaml-language-server: $schema=fastroute.schema.json`.
    """
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
