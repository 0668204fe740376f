"""The mock provider as the tests use it: in the loop of a test, or on a thread beside one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastroute._dispatch.mock import Mock, Received
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


class MockThread:
    """Serves a script on a thread of its own while a `with` block runs."""

    def __init__(self, script: dict[str, Any] | None = None) -> None:
        self.mock = Mock(script)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Mock:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.mock.start(), self._loop).result(10)
        return self.mock

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.mock.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
