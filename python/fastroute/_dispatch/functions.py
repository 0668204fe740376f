"""Calls functions of the host: those that await in the loop, plain ones on threads of their own.

Not on the event loop's own pool. That one is small and shared by everything in the process: a function
that waits there for another one which has no thread left waits for ever, and a wait for a thread
looks like a model that is slow. Here each call gets a thread, one that is idle or a new one; how
many run at once is bounded by the requests in flight.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import os
import threading
from collections.abc import Callable
from typing import Any

from fastroute._dispatch.call import ProviderError

_IDLE_S = 10.0
"""How long a thread waits for its next function."""


class _Worker:
    """A thread that runs one function after the other, and ends when it gets none."""

    def __init__(self, threads: _Threads, work: Callable[[], None]) -> None:
        self._threads = threads
        self._wanted = threading.Semaphore(1)
        self._work: Callable[[], None] | None = work
        # A function that hangs must not keep the program from ending.
        threading.Thread(target=self._loop, name="fastroute-function", daemon=True).start()

    def run(self, work: Callable[[], None]) -> None:
        self._work = work
        self._wanted.release()

    def _loop(self) -> None:
        # Who was taken a moment ago has work on its way, however long it was idle.
        while self._wanted.acquire(timeout=_IDLE_S) or not self._threads.leave(self):
            work, self._work = self._work, None
            if work is not None:
                work()
                del work
                self._threads.offer(self)


class _Threads:
    """The threads that run plain functions; a forked child begins with none."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()

    def run(self, work: Callable[[], None]) -> None:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is None:
            _Worker(self, work)
        else:
            worker.run(work)

    def offer(self, worker: _Worker) -> None:
        with self._lock:
            self._idle.append(worker)

    def leave(self, worker: _Worker) -> bool:
        """Whether a thread may end, as nobody has taken it."""
        with self._lock:
            is_idle = worker in self._idle
            if is_idle:
                self._idle.remove(worker)
            return is_idle


_THREADS = _Threads()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_THREADS.forget)


async def on_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """Runs a plain function on a thread and waits for it; whoever is cancelled leaves it at once."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()
    context = contextvars.copy_context()

    def tell(found: Any, error: BaseException | None) -> None:
        if not done.done():
            done.set_result((found, error))

    def work() -> None:
        found, error = None, None
        try:
            found = context.run(function, *arguments)
        except BaseException as raised:
            error = raised
        # Nobody waits when the loop was closed meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, found, error)

    try:
        _THREADS.run(work)
    except RuntimeError:
        raise ProviderError("local_error", "no further thread can be started") from None
    found, error = await done
    if isinstance(error, StopIteration):
        # Which a coroutine cannot raise.
        raise RuntimeError("the function raised StopIteration") from error
    if error is not None:
        raise error
    return found


async def call_function(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a function of the host and waits for what it returns, in whichever way it is written."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        return await function(*arguments)
    found = await on_thread(function, *arguments)
    return await found if inspect.isawaitable(found) else found
