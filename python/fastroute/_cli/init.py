"""`fastroute init`: a configuration to start from."""

from __future__ import annotations

from pathlib import Path

import click

from fastroute import DEFAULT_CONFIG


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), default=Path("fastroute.yaml"))
def init(path: Path) -> None:
    """Write the default configuration, commented, to PATH (fastroute.yaml).

    Never overwrites a file.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(DEFAULT_CONFIG)
    except FileExistsError:
        raise click.ClickException(f"`{path}` is there already; nothing was written") from None
    except OSError as error:
        raise click.ClickException(f"`{path}` cannot be written: {error.strerror}") from None
    click.echo(f"{path}: written; try: fastroute route -c {path} 'Why was I charged twice?'")
