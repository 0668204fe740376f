"""Starts the real server for what calls it from outside: generated clients, grpcurl, the guide, the shipped files.

`FASTROUTE_SERVER` is the command to start, `.venv/bin/fastroute serve` when unset. `FASTROUTE_REQUIRE` lists the
toolchains, such as `go java node rust`, that must be there: a test that would skip for one of them fails instead.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = "examples/support_desk/fastroute.yaml"
TOKEN = "token-of-the-interop-tests"
OPERATOR = "token-of-their-operator"
READY = re.compile(r"fastroute (?P<version>\S+) serves revision (?P<revision>[0-9a-f]+): (?P<listeners>.+)")

CALLERS = """\
callers:
  - {{application: interop, token_file: {folder}/token, roles: [decide]}}
  - {{application: operator, token_file: {folder}/operator, roles: [decide, admin]}}
"""


@dataclass
class Server:
    """A server that runs, with the addresses that the system chose."""

    process: subprocess.Popen[str]
    line: str
    addresses: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)

    def stop(self) -> int:
        """Asks it to stop and returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=20)
        finally:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdout, self.process.stderr):
                if pipe is not None:
                    pipe.close()


Serve = Callable[..., Server]


def command() -> list[str]:
    """The command that serves."""
    named = os.environ.get("FASTROUTE_SERVER")
    return shlex.split(named) if named else [str(ROOT / ".venv/bin/fastroute"), "serve"]


def start(arguments: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Server:
    """Starts a server and waits for its line; its log goes to a file."""
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [*command(), *arguments],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    deadline = time.monotonic() + 30
    line = ""
    while not line and process.poll() is None and time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 1)[0]:
            line = process.stdout.readline().strip()
    ready = READY.fullmatch(line)
    if not ready:
        process.kill()
        process.wait()
        process.stdout.close()
        raise AssertionError(f"said {line!r} and logged {log.read_text()}")
    addresses: dict[str, str] = {}
    for listener in ready["listeners"].split(", "):
        name, address = listener.split(" ", 1)
        addresses.setdefault(name, address)
    return Server(process, line, addresses)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the callers' tokens and their file."""
    folder = tmp_path_factory.mktemp("interop")
    (folder / "token").write_text(TOKEN)
    (folder / "operator").write_text(OPERATOR)
    (folder / "callers.yaml").write_text(CALLERS.format(folder=folder))
    return folder


@pytest.fixture(scope="session")
def serve(folder: Path) -> Iterator[Serve]:
    """Starts servers on ports of the system's choice; stops them at the end."""
    with contextlib.ExitStack() as servers:

        def serve(*arguments: str, environment: Mapping[str, str] | None = None) -> Server:
            ports = ["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
            log = folder / f"{time.monotonic_ns()}.log"
            server = start([*ports, *arguments], log, environment)
            servers.callback(server.stop)
            return server

        yield serve


@pytest.fixture(scope="session")
def server(serve: Serve, folder: Path) -> Server:
    """The server that most tests call."""
    server = serve("--config", CONFIGURATION, "--callers", str(folder / "callers.yaml"))
    cases = folder / "cases.json"
    cases.write_text(json.dumps(table()))
    server.environment = {
        "FASTROUTE_ADDRESS": server.addresses["grpc"],
        "FASTROUTE_TOKEN": TOKEN,
        "FASTROUTE_CASES": str(cases),
        "FASTROUTE_CA": "",
    }
    return server


@pytest.fixture(scope="session")
def authority(folder: Path) -> Path:
    """A certificate authority, beside the certificate and the key of a server on this machine."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is missing")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n"
    (folder / "names").write_text(names)
    for step in (
        ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=interop authority"],
        ["req", *key, "-keyout", "tls.key", "-out", "tls.csr", "-subj", "/CN=interop server"],
        [
            *["x509", "-req", "-in", "tls.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
            *["-days", "2", "-extfile", "names", "-out", "tls.pem"],
        ],
    ):
        subprocess.run(["openssl", *step], cwd=folder, check=True, capture_output=True)
    return folder / "ca.pem"


@pytest.fixture(scope="session")
def secure(serve: Serve, folder: Path, authority: Path) -> Server:
    """The same over TLS."""
    arguments = ["--tls-cert", str(folder / "tls.pem"), "--tls-key", str(folder / "tls.key")]
    server = serve("--config", CONFIGURATION, "--callers", str(folder / "callers.yaml"), *arguments)
    port = server.addresses["grpc"].rsplit(":", 1)[1]
    server.environment = {
        "FASTROUTE_ADDRESS": f"localhost:{port}",
        "FASTROUTE_TOKEN": TOKEN,
        "FASTROUTE_CA": str(authority),
    }
    return server


@pytest.fixture(scope="session")
def needs() -> Callable[..., None]:
    """Skips a test whose tools are missing, unless they are required."""

    def needs(toolchain: str, *tools: str) -> None:
        missing = [tool for tool in tools if not shutil.which(tool)]
        if missing:
            reason = f"{toolchain}: {', '.join(missing)} is missing"
            if toolchain in os.environ.get("FASTROUTE_REQUIRE", "").split():
                pytest.fail(reason)
            pytest.skip(reason)

    return needs


def table() -> list[dict[str, str]]:
    """Cases of the conformance table that need nothing but a text, one or two a reason and outcome."""
    canonical = json.loads((ROOT / "tests/conformance/canonical.json").read_text(encoding="utf-8"))
    rows: list[dict[str, str]] = []
    seen: dict[tuple[str, str], int] = {}
    for case in canonical["cases"]:
        if (
            case["configuration"] != CONFIGURATION
            or case["request"].keys() != {"text"}
            or case.keys() & {"with", "answer"}
        ):
            continue
        decision = json.loads(case["canonical"])
        kind = decision["outcome"], decision["reason"]
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= 2:
            rows.append(
                {
                    "name": case["name"],
                    "text": case["request"]["text"],
                    "outcome": f"OUTCOME_{decision['outcome'].upper()}",
                    **{name: decision[name] or "" for name in ("route", "model", "reason", "revision")},
                }
            )
    return rows
