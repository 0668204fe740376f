"""`fastroute schema`: the JSON Schema of configurations, for editors."""

from __future__ import annotations

import click

from fastroute import schema as json_schema


@click.command()
@click.option("--reference", is_flag=True, help="Print the reference of all keys, as Markdown.")
def schema(reference: bool) -> None:
    """Print the JSON Schema of configurations.

    Editors check and complete a YAML file that begins with
    `# yaml-language-server: $schema=fastroute.schema.json`.
    """
    if reference:
        from fastroute._cli.reference import reference as write

        click.echo(write(json_schema()), nl=False)
    else:
        import json

        click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
