"""`fastroute mock`: a provider on this machine, for trying things out without a key or a model."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import click

from fastroute.mock import Mock, read_script


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; a free one without it.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON or TOML that says what each model answers, how fast, and how it fails.",
)
def mock(port: int, host: str, script: Path | None) -> None:
    """Serve a mock provider: OpenAI-compatible, and Anthropic's messages.

    Prints its address, then serves until it is told to stop. Every model name
    is known; a script changes what models do:

    \b
      {"models": {"small": {"replies": ["Yes."], "latency_ms": 20, "failure_share": 0.3},
                  "large": {"behaviours": ["hang", 503, "answer"]}}}
    """
    try:
        read = read_script(script) if script else None
    except (OSError, ValueError) as error:
        raise click.ClickException(f"`{script}`: {error}") from None
    try:
        asyncio.run(_serve(read, host, port))
    except OSError as error:
        raise click.ClickException(f"`{host}:{port}` cannot be listened on: {error.strerror}") from None


async def _serve(script: dict[str, Any] | None, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    async with Mock(script, host=host, port=port, keep=0) as served:
        click.echo(f"mock provider on {served.base_url}")
        await stop.wait()
