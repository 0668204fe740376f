"""Rows: calls per processor-second at saturation, against bare tonic and bare grpcio echoes.

Question: what does a decision cost on top of carrying a message? 64 calls are in flight over four connections, which keeps
one core busy; calls that came back are divided by the processor time of the whole server process, kernel included. Fair
because the echoes get and give as many bytes, run one after the other with ours in every round, and do nothing else.

The bare tonic server writes each answer in two system calls, as tonic does; the service gathers answers that are ready together
(`rust/fastroute-server/src/listen/gathered.rs`), so at saturation it carries a message more cheaply than the yardstick.

What would make it lie: a driver that is slower than the server, so that it idles and wakes for each call. The
share of the driver's core is in the details; it was below the server's. h2load, where it is installed, sends one prompt
over and over and gives the same ratio with a driver that we did not write.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from measure import workload
from measure.report import Row
from service import drive, servers
from service.spread import Spread

IN_FLIGHT = 64
H2LOAD_CALLS = 50_000
BAR_TONIC, AIM_TONIC = 0.35, 0.6
BAR_GRPCIO, AIM_GRPCIO = 6, 10


def rows(*, rounds: int, response_bytes: int) -> list[Row]:
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(servers.service())
        tonic = stack.enter_context(servers.tonic_echo(response_bytes=response_bytes))
        grpcio = []
        if importlib.util.find_spec("grpc") is not None:
            for kind in ("sync", "aio"):
                grpcio.append(stack.enter_context(servers.grpcio_echo(kind, response_bytes=response_bytes)))
        taken: dict[str, list[drive.Measured]] = {}
        for _ in range(rounds):
            for serving in (ours, tonic, *grpcio):
                phases = drive.closed(IN_FLIGHT, 0.4, name="warm-up"), drive.closed(IN_FLIGHT, 2.0)
                taken.setdefault(serving.name, []).append(drive.drive(serving, *phases)["measured"])
        checked = _h2load(ours, tonic)
    per_second = {name: [each["calls_per_cpu_second"] for each in all_] for name, all_ in taken.items()}
    details: dict[str, object] = {
        name: {
            "calls per CPU-second": vars(Spread.of(per_second[name])),
            "calls a second": vars(Spread.of(each["completed_rate"] for each in all_)),
            "driver's share of its core": max(each["driver_cpu_seconds"] / each["seconds"] for each in all_),
        }
        for name, all_ in taken.items()
    }
    if checked:
        details["h2load"] = checked
    against = Spread.ratio(per_second[ours.name], per_second[tonic.name])
    mine, theirs = (Spread.of(per_second[name]).median for name in (ours.name, tonic.name))
    tonic_row = Row(
        "calls per CPU-second at saturation, against bare tonic echo",
        f"at least {BAR_TONIC} ({AIM_TONIC} once the hot path is finished)",
        f"{against.show()}; {mine:,.0f} against {theirs:,.0f}"
        + (f"; h2load says {checked['ratio']:.2f}" if checked else "; h2load is not installed"),
        against.median >= BAR_TONIC,
        details,
    )
    return [tonic_row, _against_grpcio(per_second, ours.name, [each.name for each in grpcio])]


def _against_grpcio(per_second: dict[str, list[float]], ours: str, echoes: list[str]) -> Row:
    question = "the same, against bare grpcio echo, the faster of sync and aio"
    bar = f"at least {BAR_GRPCIO} times ({AIM_GRPCIO} once the hot path is finished)"
    if not echoes:
        return Row(question, bar, "skipped: grpcio is not installed")
    ratios = {name: Spread.ratio(per_second[ours], per_second[name]) for name in echoes}
    least = min(ratios.values(), key=lambda ratio: ratio.median)
    figures = ", ".join(f"{Spread.of(per_second[name]).median:,.0f} {name.split(', ')[1]}" for name in echoes)
    return Row(
        question,
        bar,
        f"{least.show(1)} against {figures}",
        least.median >= BAR_GRPCIO,
        {name: vars(ratio) for name, ratio in ratios.items()},
    )


def own_rate(serving: servers.Serving) -> float:
    """Returns the calls a second that a server answers at saturation."""
    phases = drive.closed(IN_FLIGHT, 0.4, name="warm-up"), drive.closed(IN_FLIGHT, 2.0)
    rate: float = drive.drive(serving, *phases)["measured"]["completed_rate"]
    return rate


def _h2load(ours: servers.Serving, tonic: servers.Serving) -> dict[str, float]:
    """Returns calls per CPU-second by h2load and their ratio, or nothing where it is not installed."""
    if shutil.which("h2load") is None:
        return {}
    request = _request(workload.prompts()[0])
    figures = {}
    for serving, method, message in (
        (ours, "/fastroute.v1.RouterService/Route", request),
        (tonic, "/fastroute.bench.EchoService/Echo", _field(1, request[3:])),
    ):
        with tempfile.TemporaryDirectory() as folder:
            body = Path(folder) / "body"
            body.write_bytes(b"\0" + len(message).to_bytes(4, "big") + message)
            command = [
                "taskset",
                "-c",
                str(servers.cores()[1]),
                "h2load",
                "-c",
                "4",
                "-m",
                "16",
                "-n",
                str(H2LOAD_CALLS),
            ]
            command += ["-d", str(body), "-H", "content-type: application/grpc", "-H", "te: trailers"]
            clock = ~serving.pid << 3 | 2  # clock_getcpuclockid(3): the processor time of that process
            before = time.clock_gettime(clock)
            output = subprocess.run(
                [*command, f"http://{serving.addresses['grpc']}{method}"], capture_output=True, text=True, check=True
            ).stdout
            spent = time.clock_gettime(clock) - before
        succeeded = re.search(r"(\d+) succeeded", output)
        if succeeded is None or int(succeeded[1]) != H2LOAD_CALLS:
            raise SystemExit(f"h2load did not get {H2LOAD_CALLS:,} answers from `{serving.name}`:\n{output}")
        figures[serving.name] = H2LOAD_CALLS / spent
    return figures | {"ratio": figures[ours.name] / figures[tonic.name]}


def _request(text: str) -> bytes:
    """Encodes a `RouteRequest` as the driver does: a text and the fact `tier`."""
    return _field(1, text.encode()) + _field(3, _field(1, b"tier") + _field(4, b"pro"))


def _field(number: int, content: bytes) -> bytes:
    length, encoded = len(content), bytearray([number << 3 | 2])
    while length > 127:
        encoded.append(length & 127 | 128)
        length >>= 7
    return bytes(encoded) + bytes([length]) + content
