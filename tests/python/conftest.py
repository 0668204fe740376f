"""Routers that are built once for all tests."""

from __future__ import annotations

import pytest

import fastroute
from shared import SMALL


@pytest.fixture(scope="session")
def small() -> fastroute.Router:
    """The router of `SMALL`."""
    return fastroute.Router.from_string(SMALL)


@pytest.fixture(scope="session")
def default() -> fastroute.Router:
    """The router of the embedded default."""
    return fastroute.Router.default()
