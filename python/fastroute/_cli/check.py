"""`fastroute check`: everything that is wrong with a configuration, at once."""

from __future__ import annotations

from pathlib import Path

import click

from fastroute import Router
from fastroute import check as find_issues


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@click.pass_context
def check(ctx: click.Context, file: Path, strict: bool) -> None:
    """Check a configuration FILE.

    Prints one line for each issue, `file:line:column: path: message [CODE]`, which
    editors can follow. Exits with 1 on errors.
    """
    issues = find_issues(file)
    for issue in issues:
        click.echo(str(issue))
    errors = sum(issue.severity == "error" for issue in issues)
    warnings = len(issues) - errors
    if errors == 0:
        router = Router.from_file(file)
        parts = f"{_count(len(router.routes), 'route')}, {_count(len(router.models), 'model')}"
        click.echo(f"{file}: ok, {parts}, revision {router.revision}")
    if issues:
        click.echo(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}", err=True)
    if errors or (strict and warnings):
        ctx.exit(1)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
