"""Rows: heap allocations of one steady decision, and deciding with conversion to and from bytes.

Both are measured in Rust; this module runs them and reads what they print. The allocation count is the test
`rust/fastroute-core/tests/allocations.rs`, which fails above its limit by itself. The toll of bytes is
`benches/rust/src/bin/bytes.rs`, one JSON object a round.
"""

from __future__ import annotations

import json
import re
import statistics

from measure import workload
from measure.report import Row


def build() -> None:
    """Builds the helpers, so that no row waits for the compiler while it measures."""
    workload.cargo("build", "--release", "--quiet", "-p", "fastroute-benches", "--bins")


def allocations() -> Row:
    output = workload.cargo(
        "test", "--quiet", "-p", "fastroute-core", "--test", "allocations", "--", "--nocapture"
    ).decode()
    # The runner's dots may stand before a line.
    found = re.findall(r"allocations of (a decision on an? \w+): (\d+)$", output, re.MULTILINE)
    counts = {name: int(count) for name, count in found}
    if not counts:
        raise SystemExit("the test `allocations` printed no count")
    most = max(counts.values())
    return Row(
        "heap allocations in one steady decision in the core", "at most 4", str(most), most <= 4, {"counts": counts}
    )


def to_and_from_bytes(*, rounds: int) -> Row:
    output = workload.tool("bytes", str(4 * rounds))
    measured = [json.loads(line) for line in output.decode().splitlines()]
    medians = {name: statistics.median(one[name] for one in measured) for name in measured[0]}
    total = sorted(one["decode, decide, encode"] for one in measured)
    low, high = total[len(total) // 10], total[-1 - len(total) // 10]
    middle = medians["decode, decide, encode"]
    return Row(
        "decide in the core plus conversion to and from bytes",
        "at most 12 us",
        f"{middle:.2f} us ({low:.2f}-{high:.2f}), of which deciding {medians['decide']:.2f} us",
        middle <= 12,
        {f"{name}, us": us for name, us in medians.items()},
    )
