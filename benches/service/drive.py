"""Runs the driver (`benches/load`) on its core and reads what it measured.

A phase is `closed(IN_FLIGHT, SECONDS)` or `rate(CALLS_A_SECOND, SECONDS)`; what comes back has a dictionary for each, as
`benches/load/src/pace.rs` and `tally.rs` write them. Calls that failed where none may fail end the bench: a rate of failures is
not a speed.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import workload
from service import servers

CONNECTIONS = 4
Measured = Mapping[str, Any]


@dataclass(frozen=True)
class Phase:
    """How calls are sent, and for how long."""

    name: str
    kind: str
    value: float
    seconds: float

    def __str__(self) -> str:
        return f"{self.name}={self.kind}:{self.value:g}:{self.seconds:g}"


def closed(in_flight: int, seconds: float, *, name: str = "measured") -> Phase:
    return Phase(name, "closed", in_flight, seconds)


def rate(calls: float, seconds: float, *, name: str = "measured") -> Phase:
    return Phase(name, "rate", calls, seconds)


def start(
    serving: servers.Serving,
    *phases: Phase,
    connections: int = CONNECTIONS,
    verify: tuple[Path, ...] = (),
    until_input_ends: bool = False,
) -> subprocess.Popen[str]:
    """Starts the driver."""
    core = servers.cores()[1]
    command: list[str | Path] = [servers.program("load"), "--target", serving.addresses["grpc"]]
    command += ["--messages", serving.messages, "--connections", str(connections), "--pid", str(serving.pid)]
    for path in verify:
        command += ["--verify", path]
    if until_input_ends:
        command.append("--until-input-ends")
    return subprocess.Popen(
        [*command, *map(str, phases)],
        cwd=workload.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Waits for the driver, which ends early if it was started so, and returns all that it printed."""
    output, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"the driver ended with {process.returncode}; nothing was measured")
    measured: dict[str, Any] = json.loads(output)
    return measured


def drive(serving: servers.Serving, *phases: Phase, connections: int = CONNECTIONS) -> dict[str, Measured]:
    """Runs phases of which every call must be answered, and returns what each measured, by its name."""
    measured = finish(start(serving, *phases, connections=connections))
    by_name = {phase["name"]: phase for phase in measured["phases"]}
    for name, phase in by_name.items():
        if set(phase["statuses"]) - {"0"} or phase["not_sent"] or measured["unanswered"]:
            raise SystemExit(
                f"calls to `{serving.name}` failed in phase `{name}`: statuses {phase['statuses']}, "
                f"{phase['not_sent']} not sent, {measured['unanswered']} unanswered: {phase['errors']}"
            )
    return by_name
