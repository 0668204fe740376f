"""Rows: requests through failing providers, on virtual time.

The simulations are tests of the core (`rust/fastroute-core/tests/run/storms.rs`), which fail by themselves when a bar is missed; this
module runs them and reads what they print. Virtual time because what is asked is how many attempts are made and how many requests are
answered: on real time a busy machine would answer for the router.

What would make it lie: failures that come in a fixed order, so that the second attempt always succeeds (they are drawn, and five seeds
are run), or requests that never overlap (64 are in flight).
"""

from __future__ import annotations

import re
import statistics

from measure import workload
from measure.report import Row

ANSWERED = re.compile(r"(six attempts|the defaults): ([\d.]+) answered, ([\d.]+) attempts")
DOWN = re.compile(
    r"down for 10 s: (\d+) retries for (\d+) first attempts; the last failure began (-?[\d.]+) s after the end"
)


def rows() -> list[Row]:
    output = workload.cargo(
        "test", "--quiet", "-p", "fastroute-core", "--test", "run", "--", "storms", "--nocapture", "--test-threads", "1"
    ).decode()
    measured: dict[str, list[tuple[float, float]]] = {"six attempts": [], "the defaults": []}
    for name, answered, attempts in ANSWERED.findall(output):
        measured[name].append((float(answered), float(attempts)))
    down = DOWN.search(output)
    if down is None or not all(measured.values()):
        raise SystemExit("the simulations printed no figures")
    retries, firsts, last = int(down.group(1)), int(down.group(2)), float(down.group(3))
    six, defaults = measured["six attempts"], measured["the defaults"]
    return [
        Row(
            "30 % of calls failing, 3 models, 2,000 requests at 64 in flight, `max_attempts: 6, budget_ratio: 1`",
            "99.7 % answered, 1.5 attempts",
            f"{_least(six):.2%} answered at least, {_most(six):.3f} attempts at most (5 seeds)",
            _least(six) >= 0.997 and _most(six) <= 1.5,
            {"answered, attempts": six},
        ),
        Row(
            "the same with the defaults",
            "1.2 attempts",
            f"{_most(defaults):.3f} attempts at most; {statistics.mean(each[0] for each in defaults):.2%} answered",
            _most(defaults) <= 1.2,
            {"answered, attempts": defaults},
        ),
        Row(
            "whole fleet down for 10 s under load: attempts, recovery",
            "retry budget; 20 s",
            f"{retries} retries for {firsts} first attempts; the last failure began {last:.1f} s after the end",
            last <= 20,
            {"retries": retries, "first attempts": firsts, "last failure, s": last},
        ),
    ]


def _least(each: list[tuple[float, float]]) -> float:
    return min(answered for answered, _ in each)


def _most(each: list[tuple[float, float]]) -> float:
    return max(attempts for _, attempts in each)
