"""The mock for programs without an event loop: it serves on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from fastroute._dispatch.mock.server import Mock

_PATIENCE = 10.0


class MockThread:
    """Serves a script on a thread of its own while a `with` block runs; gives the Mock."""

    def __init__(self, script: Mapping[str, Any] | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.mock = Mock(script, host=host, port=port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fastroute-mock", daemon=True)

    def __enter__(self) -> Mock:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.mock.start(), self._loop).result(_PATIENCE)
        return self.mock

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.mock.stop(), self._loop).result(_PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()
