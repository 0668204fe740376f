"""`fastroute serve`: serves decisions over gRPC and HTTP until it is told to stop.

Its arguments are read by the definition that the binary `fastroute-server` has,
so both take the same flags and print the same help. Serving needs no lock of the
interpreter: the main thread only waits for signals here.
"""

from __future__ import annotations

import contextlib
import queue
import signal
from types import FrameType

import click

from fastroute import FastrouteError, ServerError
from fastroute._fastroute import _serve

_STOP = (signal.SIGINT, signal.SIGTERM)

_LOOK = 1.0
"""Seconds between two looks whether the server still runs."""


@click.command(
    add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def serve(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Serve decisions over gRPC and HTTP."""
    # From here on, so that a signal that comes while the server starts is not lost.
    came: queue.SimpleQueue[int] = queue.SimpleQueue()

    def note(number: int, _: FrameType | None) -> None:
        came.put(number)

    for each in (*_STOP, signal.SIGHUP):
        signal.signal(each, note)
    try:
        server = _serve(list(arguments))
    except ServerError as error:
        if error.code == "HELP":
            click.echo(str(error), nl=False)
            ctx.exit(0)
        if error.code == "INVALID_SETTING":
            click.echo(str(error), err=True, nl=False)
            ctx.exit(2)
        _refuse(ctx, error)
    except FastrouteError as error:
        _refuse(ctx, error)
    click.echo(server._line())
    while server.is_running:
        try:
            number = came.get(timeout=_LOOK)
        except queue.Empty:
            continue
        if number in _STOP:
            break
        with contextlib.suppress(FastrouteError):  # logged and shown in the status; the one before serves on
            server.reload()
    # Who asks twice does not want to wait for the calls in flight.
    for each in _STOP:
        signal.signal(each, signal.SIG_DFL)
    server.stop()


def _refuse(ctx: click.Context, error: FastrouteError) -> None:
    click.echo(f"fastroute: {error} [{error.code}]", err=True)
    ctx.exit(1)
