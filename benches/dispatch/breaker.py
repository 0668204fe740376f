"""Row: looking at the breakers of 16 models and telling one outcome, beside an atomic add and beside pybreaker.

Rust is timed by `benches/rust/src/bin/breaker.rs`, which first sees a failing model go out of service.
pybreaker has no call that tells an outcome, so it is asked what it is made for: 16 breakers say whether they
are open, and one of them wraps a call of an empty function. Both sides run in this process's turn, on one core. The verdict is
on that, its cheapest use; what it says of an open breaker never changes by time, though, so 16 guarded calls, the only
check that notices the end of the time in open, are told beside it.
"""

from __future__ import annotations

import json
import statistics
import time

import pybreaker

from measure import workload
from measure.report import Row

MODELS, CALLS = 16, 2_000


def rows(*, rounds: int) -> list[Row]:
    measured = [json.loads(line) for line in workload.tool("breaker", str(rounds)).decode().splitlines()]
    ratios = sorted(one["look and tell"] / one["add"] for one in measured)
    ours, add, look = (statistics.median(one[name] for one in measured) for name in ("look and tell", "add", "look"))
    turns = range(max(3, rounds // 3))
    theirs, guarded = (statistics.median(each() for _ in turns) for each in (_pybreaker, _pybreaker_guarded))
    ratio = statistics.median(ratios)
    return [
        Row(
            "breakers of 16 models looked at and one outcome told, against one relaxed atomic add",
            "at most 8 times",
            f"{ratio:.1f} times ({ratios[0]:.1f}-{ratios[-1]:.1f}); {ours:.0f} ns, of which looking {look:.0f}, against {add:.1f} ns",
            ratio <= 8,
            {"ns": ours, "looking, ns": look, "atomic add, ns": add},
        ),
        Row(
            "the same against pybreaker",
            "200 times faster",
            f"{theirs / ours:.0f} times, {theirs / 1e3:.1f} us; {guarded / ours:.0f} times its 16 guarded calls, {guarded / 1e3:.1f} us",
            theirs / ours >= 200,
            {"pybreaker, ns": theirs, "16 guarded calls of pybreaker, ns": guarded},
        ),
    ]


def _pybreaker() -> float:
    """Nanoseconds for 16 looks and one call."""
    breakers = [pybreaker.CircuitBreaker(fail_max=5, reset_timeout=10) for _ in range(MODELS)]
    assert all(breaker.current_state == "closed" for breaker in breakers)
    start = time.perf_counter_ns()
    for call in range(CALLS):
        healthy = [breaker for breaker in breakers if breaker.current_state == "closed"]
        healthy[call % MODELS].call(_nothing)
    return (time.perf_counter_ns() - start) / CALLS


def _pybreaker_guarded() -> float:
    """Nanoseconds for 16 guarded calls."""
    breakers = [pybreaker.CircuitBreaker(fail_max=5, reset_timeout=10) for _ in range(MODELS)]
    start = time.perf_counter_ns()
    for _ in range(CALLS):
        for breaker in breakers:
            breaker.call(_nothing)
    return (time.perf_counter_ns() - start) / CALLS


def _nothing() -> None:
    return None
