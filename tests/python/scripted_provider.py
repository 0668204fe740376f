"""The mock provider as the tests use it: in the loop of a test, or on a thread beside one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastroute.mock import Mock, MockThread, Received
from fastroute.providers import ProviderCall

__all__ = ["ASKED", "Mock", "MockThread", "Received", "call_of", "finish"]

T = TypeVar("T")

ASKED = "which way is north?"
"""What every call asks; no error may repeat it."""


def call_of(model: str = "small", **given: Any) -> ProviderCall:
    """A call with one short message."""
    return ProviderCall(model, [{"role": "user", "content": ASKED}], **given)


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Runs a test to its end, and fails it when it hangs."""

    async def bounded() -> T:
        async with asyncio.timeout(20):
            return await work

    return asyncio.run(bounded())
