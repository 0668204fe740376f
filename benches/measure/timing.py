"""Times contestants side by side and compares them round by round.

Wall time on a shared machine drifts, so no figure stands alone: in each round every contestant does the
same work once, in an order that rotates, and what is reported is the median of the rounds' ratios with
their spread. A neighbour that slows one round slows both sides of its ratio.

What would make it lie: a contestant that remembers the last round. None of ours caches a decision, and the
512 prompts differ, so a rival's caches see each text once a round.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """How many times longer one side takes: median over rounds, and the first and ninth decile."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.1f}x ({self.low:.1f}-{self.high:.1f})"


def interleave(
    contestants: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    repeats: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Returns seconds by contestant, one figure a round; one more round before that warms up.

    `repeats` makes a contestant do its work that often in a row, for work so short that what the other
    contestants left in the caches would show.
    """
    names = list(contestants)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for turn in range(-1, rounds):
            gc.collect()
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                start = clock()
                for _ in range(repeats):
                    contestants[name]()
                elapsed = (clock() - start) / repeats
                if turn >= 0:
                    seconds[name].append(elapsed)
    finally:
        if collecting:
            gc.enable()
    return seconds


def ratio(slow: list[float], fast: list[float]) -> Ratio:
    """Returns how many times longer `slow` takes than `fast`, paired by round."""
    pairs = sorted(a / b for a, b in zip(slow, fast, strict=True))
    return Ratio(statistics.median(pairs), pairs[len(pairs) // 10], pairs[-1 - len(pairs) // 10])


def each_us(seconds: list[float], count: int) -> float:
    """Returns the median of a round in microseconds for each of `count` pieces of work."""
    return statistics.median(seconds) / count * 1e6
