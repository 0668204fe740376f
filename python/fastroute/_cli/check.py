"""`fastroute check`: everything that is wrong with a configuration, at once."""

from __future__ import annotations

from pathlib import Path

import click

from fastroute import ConfigError, ConfigIssue, Router


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@click.pass_context
def check(ctx: click.Context, file: Path, strict: bool) -> None:
    """Check a configuration FILE.

    Prints one line for each issue, `file:line:column: path: message [CODE]`, which
    editors can follow. Builds the router, so that what it accepts will also load.
    Checks in stages: one that finds errors is the last, and later ones may find
    more once those are fixed. Exits with 1 on errors.
    """
    issues: tuple[ConfigIssue, ...]
    try:
        router = Router.from_file(file)
    except ConfigError as error:
        issues = error.issues
        click.echo(str(error))
    else:
        issues = router.warnings
        for issue in issues:
            click.echo(str(issue))
        parts = f"{_count(len(router.routes), 'route')}, {_count(len(router.models), 'model')}"
        click.echo(f"{file}: ok, {parts}, revision {router.revision}")
    errors = sum(issue.severity == "error" for issue in issues)
    warnings = len(issues) - errors
    if issues:
        more = "; later checks were not run, more may be found once these are fixed" if errors else ""
        click.echo(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}{more}", err=True)
    if errors or (strict and warnings):
        ctx.exit(1)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
