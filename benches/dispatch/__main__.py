"""`make bench-dispatch`: measures breakers, the dispatcher and cascades in one run and writes the table.

    python benches/dispatch                       # some minutes once built; writes benches/results/dispatch-YYYY-MM-DD.*
    python benches/dispatch --only overhead       # some rows; writes nothing
    python benches/dispatch --quick               # few rounds; writes nothing

Exits 1 if a bar was missed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from measure import report

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "target" / "venv-dispatch"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures breakers, the dispatcher and cascades.")
    parser.add_argument("--only", help="rows to measure, separated by commas; writes no file")
    parser.add_argument("--quick", action="store_true", help="few rounds; writes no file")
    parser.add_argument("--no-build", action="store_true", help="everything is built already")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT / "benches"))
    if not options.inside:
        from measure import apart

        requirements = ROOT / "benches" / "dispatch" / "requirements.txt"
        return apart.run(VENV, requirements, [str(Path(__file__).parent), "--inside", *sys.argv[1:]])
    return _measure(options)


def _measure(options: argparse.Namespace) -> int:
    from dispatch import breaker, cascade, overhead, runs
    from measure import core, report

    rounds = 3 if options.quick else 15
    questions: dict[str, Callable[[], list[report.Row]]] = {
        "breaker": lambda: breaker.rows(rounds=2 * rounds),
        "overhead": lambda: [overhead.row(rounds=rounds)],
        "runs": runs.rows,
        "cascade": lambda: [cascade.row()],
    }
    chosen = options.only.split(",") if options.only else list(questions)
    unknown = set(chosen) - set(questions)
    if unknown:
        raise SystemExit(f"no such row: `{', '.join(sorted(unknown))}`; there are {', '.join(questions)}")
    about = report.machine() | {name: version(name) for name in ("httpx", "litellm", "pybreaker")}
    if not options.no_build:
        core.build()
    rows: list[report.Row] = []
    for name in chosen:
        start = time.perf_counter()
        rows += questions[name]()
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    about["load after"] = f"{os.getloadavg()[0]:.2f}"
    table = report.table(rows).replace("on the reference workload", "of dispatching")
    print(f"\n{table}\n")
    if not options.quick and not options.only:
        print(f"written to {_write(rows, table, about).relative_to(ROOT)}")
    return 1 if any(row.met is False for row in rows) else 0


def _write(rows: list[report.Row], table: str, about: dict[str, str]) -> Path:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    facts = "\n".join(f"- {name}: {value}" for name, value in about.items())
    path = ROOT / "benches" / "results" / f"dispatch-{today}.md"
    path.write_text(
        f"# Dispatching, measured on {today}\n\nWritten by `make bench-dispatch`. Times are medians with the least and the most; contestants took turns\n"
        f"in one run, after they had given equal answers.\n\n{table}\n\n## What it ran on\n\n{facts}\n",
        encoding="utf-8",
    )
    content = {"date": today, "machine": about, "rows": [asdict(row) for row in rows]}
    path.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
