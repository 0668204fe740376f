"""Row: `fastroute route TEXT` as a whole process, against an interpreter that imports numpy.

Question: can a shell script call it? Input: one prompt of the reference workload and the embedded default
configuration, from start of the process to its end. Importing numpy is what every Python tool of this kind
pays before it does anything, so it is the yardstick that scales with the machine. Both run in
`.venv`, where `make install` has put fastroute, with warm file caches (one round before counts for nothing).

What would make it lie: byte code that is not compiled yet on one side, hence the round before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from measure import workload
from measure.report import Row
from measure.timing import each_us, interleave, ratio


def row(*, rounds: int) -> Row:
    text = workload.prompts()[0]
    python = Path(os.environ.get("FASTROUTE_PYTHON", sys.executable))
    program = python.with_name("fastroute")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    answer = subprocess.run(
        [program, "route", text], capture_output=True, text=True, check=True, env=environment
    ).stdout
    if not answer.strip():
        raise SystemExit("`fastroute route` printed nothing; nothing was timed")

    def run(*command: str | Path) -> None:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)

    seconds = interleave(
        {
            "fastroute route": lambda: run(program, "route", text),
            "import numpy": lambda: run(python, "-c", "import numpy"),
        },
        rounds=3 * rounds,
    )
    times = ratio(seconds["fastroute route"], seconds["import numpy"])
    ours, yardstick = (each_us(each, 1) / 1e3 for each in seconds.values())
    return Row(
        '`fastroute route TEXT` as a whole process, against `python -c "import numpy"`',
        "at most 2.5x",
        f"{times.median:.2f}x ({times.low:.2f}-{times.high:.2f}); {ours:.0f} ms against {yardstick:.0f} ms",
        times.median <= 2.5,
        {"fastroute, ms": ours, "numpy, ms": yardstick, "ratio": vars(times)},
    )
