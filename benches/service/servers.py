"""Starts the contestants on one core and the driver on another: the service, its scripted sibling, bare echoes.

Every server is a process of its own with one serving thread on the first core that this process may use; the
driver has the second. All contestants of a row are alive together and only one is driven at a time; the others
sleep in the kernel. Servers choose their ports and print them.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from measure import workload

HERE = Path(__file__).resolve().parent
CONFIGURATION = workload.DIRECTORY / "fastroute.yaml"
_PATIENCE_S = 60.0


@dataclass
class Serving:
    """A running contestant.

    `messages` is what it takes, `route` or `echo`; `addresses` has `grpc` and, for the service, `admin` and
    `http` where it has them.
    """

    name: str
    messages: str
    addresses: dict[str, str]
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid


def cores() -> tuple[int, int]:
    """Returns the server's core and the driver's."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise SystemExit("one core serves and another drives, but this process may use one core only")
    return allowed[0], allowed[1]


def program(name: str) -> Path:
    """Returns a program that `build` has built."""
    return Path(os.environ.get("CARGO_TARGET_DIR", workload.ROOT / "target")) / "release" / name


def build() -> None:
    """Builds the service, the driver and the bare server, all of them for release."""
    workload.cargo("build", "--release", "--quiet", "-p", "fastroute-server", "-p", "fastroute-load", "--bins")


@contextlib.contextmanager
def service(
    name: str = "fastroute", *, config: Path = CONFIGURATION, scripted: bool = False, options: tuple[str, ...] = ()
) -> Iterator[Serving]:
    """The service as a program of its own; with `scripted`, the one whose questions take a millisecond."""
    command: list[str | Path] = [program("scripted" if scripted else "fastroute-server"), *_listening(config), *options]
    with _started(name, "route", command) as serving:
        yield serving


@contextlib.contextmanager
def service_in_python(*, config: Path) -> Iterator[Serving]:
    """The service inside a Python process, one thread of which spins in Python."""
    command: list[str | Path] = [sys.executable, HERE / "spinning.py", *_listening(config)]
    with _started("fastroute", "route", command) as serving:
        yield serving


@contextlib.contextmanager
def tonic_echo(*, response_bytes: int, spin: bool = False) -> Iterator[Serving]:
    command: list[str | Path] = [
        program("echo"),
        "--response-bytes",
        str(response_bytes),
        *(["--spin"] if spin else []),
    ]
    with _started("tonic echo", "echo", command) as serving:
        yield serving


@contextlib.contextmanager
def grpcio_echo(kind: str, *, response_bytes: int) -> Iterator[Serving]:
    """A bare grpcio server, `sync` or `aio`."""
    command: list[str | Path] = [sys.executable, HERE / "grpcio_echo.py", kind, str(response_bytes)]
    with _started(f"grpcio echo, {kind}", "echo", command) as serving:
        yield serving


def _listening(config: Path) -> list[str | Path]:
    anywhere = "127.0.0.1:0"
    addresses: list[str | Path] = ["--listen", anywhere, "--http", anywhere, "--admin", anywhere]
    return ["--config", config, "--threads", "1", "--log", "error", *addresses]


@contextlib.contextmanager
def _started(name: str, messages: str, command: list[str | Path]) -> Iterator[Serving]:
    core = cores()[0]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        assert process.stdout is not None
        line = _first_line(process.stdout, name)
        found = re.findall(r"(?:(grpc|http|admin) )?((?:[\d.]+|\[[\da-f:]+\]):\d+)", line)
        yield Serving(name, messages, {door or "grpc": address for door, address in found}, process)
        if process.poll() is not None:
            raise SystemExit(f"`{name}` ended with {process.returncode} while it was measured")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _first_line(stdout: IO[str], name: str) -> str:
    start = time.monotonic()
    line = stdout.readline()
    if not line or time.monotonic() - start > _PATIENCE_S:
        raise SystemExit(f"`{name}` did not say within {_PATIENCE_S:.0f} s where it serves")
    return line
