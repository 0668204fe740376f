"""`make bench-service`: measures the service beside bare servers in one run and writes the table.

One core serves and another drives; see `servers.py`. Before anything is timed, every reference prompt's answer is compared with
the core's. Contestants of a row take turns round by round, and what is printed is the median with the least and the most.

    PYTHONPATH=benches python -m service                      # 9 minutes once built; writes benches/results/service-YYYY-MM-DD.*
    PYTHONPATH=benches python -m service --only half,swaps    # some rows; writes nothing
    PYTHONPATH=benches python -m service --quick              # one round of everything, 10 s of overload; writes nothing
    PYTHONPATH=benches python -m service --only soak --minutes 30      # what `make soak` runs

Exits 1 if a bar was missed. Times on a shared machine drift; the ratios hold where the spread is small.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from measure import report, workload
from service import equality, latency, memory, overload, saturation, servers, swaps

RESULTS = workload.ROOT / "benches" / "results"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the service beside bare servers.")
    parser.add_argument("--only", help="rows to measure, separated by commas; writes no file")
    parser.add_argument("--quick", action="store_true", help="one round; writes no file")
    parser.add_argument("--no-build", action="store_true", help="everything is built already")
    parser.add_argument("--minutes", type=int, default=30, help="length of the row `soak`; at least 3")
    options = parser.parse_args()
    about = _about()
    workload.prepare()
    if not options.no_build:
        servers.build()
    size = equality.check()
    questions = _questions(size, quick=options.quick, minutes=max(options.minutes, 3))
    chosen = options.only.split(",") if options.only else [name for name in questions if name != "soak"]
    unknown = set(chosen) - set(questions)
    if unknown:
        raise SystemExit(f"no such row: `{', '.join(sorted(unknown))}`; there are {', '.join(questions)}")
    rows: list[report.Row] = []
    for name in chosen:
        start = time.perf_counter()
        taken = questions[name]()
        rows += taken
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
        for row in taken:
            print(f"  {row.question}: {row.measured} [{row.verdict}]", flush=True)
    about["answer"] = f"{size} bytes on average"
    about["load after"] = f"{os.getloadavg()[0]:.2f}"
    print(f"\n{report.table(rows)}\n")
    if not options.quick and not options.only:
        print(f"written to {_write(rows, about).relative_to(workload.ROOT)}")
    return 1 if any(row.met is False for row in rows) else 0


def _questions(size: int, *, quick: bool, minutes: int) -> dict[str, Callable[[], list[report.Row]]]:
    rounds = 1 if quick else 7
    seconds = 2.0 if quick else 5.0
    return {
        "saturation": lambda: saturation.rows(rounds=rounds, response_bytes=size),
        "alone": lambda: [latency.alone(rounds=rounds, response_bytes=size)],
        "half": lambda: [latency.half(rounds=rounds, seconds=seconds, response_bytes=size)],
        "disturbed": lambda: [latency.disturbed(rounds=rounds, seconds=seconds, response_bytes=size)],
        "low": lambda: [latency.at_low_rate(rounds=rounds, seconds=2 * seconds, response_bytes=size)],
        "overload": lambda: overload.rows(seconds=10.0 if quick else 60.0),
        "swaps": lambda: [swaps.row(swaps=100 if quick else 1_000)],
        "soak": lambda: [memory.row(minutes=minutes)],
    }


def _about() -> dict[str, str]:
    """Returns what the figures depend on."""
    machine = report.machine()
    about = {name: value for name, value in machine.items() if name not in report.PACKAGES}
    try:
        about["grpcio"] = version("grpcio")
    except PackageNotFoundError:
        about["grpcio"] = "absent"
    about["h2load"] = _first_line("h2load", "--version")
    server, driver = servers.cores()
    about["pinned"] = f"server to core {server}, driver to core {driver}, of {platform.node() and os.cpu_count()}"
    return about


def _first_line(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "absent"


def _write(rows: list[report.Row], about: dict[str, str]) -> Path:
    """Writes the dated table as Markdown and JSON; a later run on the same day replaces the earlier one."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    facts = "\n".join(f"- {name}: {value}" for name, value in about.items())
    path = RESULTS / f"service-{today}.md"
    path.write_text(
        f"# The service, measured on {today}\n\n"
        "Written by `make bench-service`. One core served and another drove; the contestants of a row took turns on the same\n"
        "prompts, or bytes of the same sizes, after every answer of the service had been compared with the core's. Figures are\n"
        "medians over rounds, with the least and the most; a ratio is of the same round unless it is of two medians.\n\n"
        f"{report.table(rows)}\n\n## What would make it lie\n\n"
        "- Both cores may be threads of one core, or shared with other machines: the driver then slows the server, ours and the echo\n"
        "  alike. Ratios stand that better than times do.\n"
        "- The bare echo takes and gives bytes; a service that parses a message of the same size costs more before it does anything.\n"
        "- Loopback has no network: what a packet costs, and what distance adds, is not in any figure.\n"
        "- The tails are of some hundred thousand calls a round; one interruption of the machine shows in p99.9.\n\n"
        f"## What it ran on\n\n{facts}\n",
        encoding="utf-8",
    )
    content = {"date": today, "machine": about, "rows": [asdict(row) for row in rows]}
    path.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
