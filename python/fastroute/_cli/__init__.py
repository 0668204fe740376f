"""The command line: one module for each command, imported when it is called.

A whole `fastroute route TEXT` should cost little more than starting Python, so
nothing here imports numpy or rich, and the list of commands is written down
rather than collected from modules that would have to be imported.

Exit codes: 0 when it was done, 1 when a configuration or a request was refused,
2 when the command was called wrongly.
"""

from __future__ import annotations

from importlib import import_module

import click

from fastroute import FastrouteError, __version__
from fastroute._cli.report import report

_COMMANDS = {
    "check": ("fastroute._cli.check:check", "Check a configuration file."),
    "distill": (
        "fastroute.distill:distill_command",
        "Make a static encoder from a sentence encoder.",
    ),
    "init": ("fastroute._cli.init:init", "Write the default configuration as a starting point."),
    "mock": ("fastroute._cli.mock:mock", "Serve a provider of this machine, for trying things out."),
    "route": ("fastroute._cli.route:route", "Decide for one text."),
    "schema": ("fastroute._cli.schema:schema", "Print the JSON Schema of configurations."),
    "serve": ("fastroute._cli.serve:serve", "Serve decisions over gRPC and HTTP."),
}


class _Commands(click.Group):
    """Imports a command when it is called, and reports errors by their code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except FastrouteError as error:
            report(error)
            ctx.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fastroute", message="%(prog)s %(version)s")
def main() -> None:
    """Decide which prompt and which model should serve a request."""
