"""Figures of several rounds as one: the median, with the least and the most."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of some figures, and how far they lay apart."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        taken = sorted(figures)
        return cls(statistics.median(taken), taken[0], taken[-1])

    @classmethod
    def ratio(cls, above: Iterable[float], below: Iterable[float]) -> Spread:
        """The ratio of two contestants, round by round."""
        return cls.of(a / b for a, b in zip(above, below, strict=True))

    def show(self, digits: int = 2, unit: str = "") -> str:
        return f"{self.median:,.{digits}f}{unit} ({self.least:,.{digits}f}-{self.most:,.{digits}f})"
