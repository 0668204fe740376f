"""The reference workload for the benchmarks across the border between Python and Rust."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import fastroute

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from measure import workload


@pytest.fixture(scope="session")
def router() -> fastroute.Router:
    return fastroute.Router.from_file(workload.prepare() / "fastroute.yaml")


@pytest.fixture(scope="session")
def prompts() -> list[str]:
    return workload.prompts()


@pytest.fixture
def next_prompt(prompts: list[str]) -> Iterator[str]:
    """The prompts for ever, so that none comes twice in a row."""
    return itertools.cycle(prompts)
