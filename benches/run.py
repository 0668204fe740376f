"""`make bench`: measures fastroute against its rivals in one run and writes the table of ratios.

The rivals live in an environment of their own (`target/venv-bench`, made here from
`peers/requirements.txt`), so that nothing of theirs is needed to develop or test fastroute. fastroute itself
is taken from the tree, where `make install` has put its extension. Every row asserts equal answers before it
takes a time, and a rival's row that cannot run says why; nothing is estimated.

    python benches/run.py              # about 2 minutes once built; writes benches/results/YYYY-MM-DD.md and .json
    python benches/run.py --quick      # less than a minute, 3 rounds, writes nothing
    python benches/run.py --only decision,accuracy

Exits 1 if a bar was missed. Wall time on a shared machine drifts; the ratios hold, the microseconds advise.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "benches" / "peers" / "requirements.txt"
VENV = ROOT / "target" / "venv-bench"
ROUNDS, QUICK_ROUNDS = 31, 3


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures fastroute against its rivals.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds; writes no file")
    parser.add_argument("--only", help="rows to measure, separated by commas")
    parser.add_argument("--no-build", action="store_true", help="the helpers in Rust are built already")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        sys.path.insert(0, str(ROOT / "benches"))
        from measure import apart

        return apart.run(VENV, REQUIREMENTS, [__file__, "--inside", *sys.argv[1:]])
    return _measure(options)


def _measure(options: argparse.Namespace) -> int:
    from measure import accuracy, core, decision, process, report, semantic, workload

    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    workload.prepare()
    questions: dict[str, Callable[[], list[report.Row]]] = {
        "decision": lambda: decision.against_parts(rounds=rounds),
        "semantic": lambda: [semantic.row(rounds=rounds)],
        "allocations": lambda: [core.allocations()],
        "batch": lambda: [decision.batch(rounds=rounds)],
        "bytes": lambda: [core.to_and_from_bytes(rounds=rounds)],
        "process": lambda: [process.row(rounds=rounds)],
        "accuracy": lambda: [accuracy.row()],
    }
    chosen = options.only.split(",") if options.only else list(questions)
    unknown = set(chosen) - set(questions)
    if unknown:
        raise SystemExit(f"no such row: `{', '.join(sorted(unknown))}`; there are {', '.join(questions)}")
    about = report.machine()
    if not options.no_build:
        core.build()
    rows: list[report.Row] = []
    for name in chosen:
        start = time.perf_counter()
        rows += questions[name]()
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    about["load after"] = f"{os.getloadavg()[0]:.2f}"
    print(f"\n{report.table(rows)}\n")
    if not options.quick and not options.only:
        print(f"written to {report.write(rows, about, ROOT / 'benches' / 'results').relative_to(ROOT)}")
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
