"""How errors look on a terminal: one line each, ending with the code."""

from __future__ import annotations

import click

from fastroute import ConfigError, FastrouteError


def report(error: FastrouteError) -> None:
    """Prints an error to standard error."""
    if isinstance(error, ConfigError) and error.issues:
        click.echo(str(error), err=True)
    else:
        click.echo(f"fastroute: {error} [{error.code}]", err=True)
