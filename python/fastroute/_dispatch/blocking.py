"""The class `SyncDispatcher`: a Dispatcher on an event loop of its own, for programs without one.

There is no second implementation: each method hands its work to the loop, which runs on a thread,
and waits. After a fork, the child begins with a loop and connections of its own.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar, cast

from fastroute._dispatch.answer import Answer, Chunk
from fastroute._dispatch.call import Provider
from fastroute._dispatch.dispatcher import Agent, Dispatcher, Retriever, Text
from fastroute._dispatch.request import Request
from fastroute._exceptions import DispatchError
from fastroute._fastroute import Router

T = TypeVar("T")

_PATIENCE = 5.0
"""Seconds that requests have to let go when their dispatcher is closed."""


class SyncDispatcher:
    """Decides, calls models until there is an answer, and waits for it.

    Takes what Dispatcher takes, and its methods return what those of Dispatcher come to. Any number of
    threads may use one. Interrupting a call, as with Ctrl-C, cancels its request.

    >>> import fastroute.providers
    >>> providers = {"local": fastroute.providers.Scripted(["Hello to you."])}
    >>> with fastroute.SyncDispatcher(fastroute.Router.default(), providers=providers) as dispatcher:
    ...     print("".join(chunk.text for chunk in dispatcher.stream("hello")))
    Hello to you.
    """

    def __init__(
        self,
        router: Router,
        *,
        providers: Mapping[str, Provider] | None = None,
        retrievers: Mapping[str, Retriever] | None = None,
        agents: Mapping[str, Agent] | None = None,
        functions: Mapping[str, Callable[[str, str], Any]] | None = None,
        trusted: Iterable[str] = (),
        max_in_flight: int | None = None,
    ) -> None:
        self.router = router
        self._settings: dict[str, Any] = {
            "providers": dict(providers or {}),
            "retrievers": dict(retrievers or {}),
            "agents": dict(agents or {}),
            "functions": dict(functions or {}),
            "trusted": frozenset([trusted] if isinstance(trusted, str) else trusted),
            "max_in_flight": max_in_flight,
        }
        # A wrong setting is found here, not in the first call.
        Dispatcher(router, **self._settings)
        self._lock = threading.Lock()
        self._process: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._dispatcher: Dispatcher | None = None

    @property
    def in_flight(self) -> int:
        """Requests that run now, waiting ones included."""
        return self._dispatcher.in_flight if self._dispatcher is not None else 0

    def complete(
        self,
        text: Text | None = None,
        *,
        messages: Iterable[dict[str, Any]] | None = None,
        task: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        capabilities: Iterable[str] | None = None,
        tools_tokens: int | None = None,
        min_quality: float | None = None,
        max_cost: float | None = None,
        max_latency_ms: float | None = None,
        expected_output_tokens: int | None = None,
        unavailable: Any = None,
        caller: Mapping[str, str | None] | None = None,
        session: bytes | None = None,
        seed: int | None = None,
        deadline_ms: float | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
        tools: Iterable[Mapping[str, Any]] | None = None,
        schema: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
        from_agent: str | None = None,
    ) -> Answer:
        """Returns the answer to one text, or to a conversation, as Dispatcher.complete does."""
        given = {name: value for name, value in locals().items() if name not in ("self", "text")}
        request = Request.read(text, given)
        dispatcher, loop = self._running()
        return self._wait(dispatcher._complete(request), loop)

    def stream(
        self,
        text: Text | None = None,
        *,
        messages: Iterable[dict[str, Any]] | None = None,
        task: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        capabilities: Iterable[str] | None = None,
        tools_tokens: int | None = None,
        min_quality: float | None = None,
        max_cost: float | None = None,
        max_latency_ms: float | None = None,
        expected_output_tokens: int | None = None,
        unavailable: Any = None,
        caller: Mapping[str, str | None] | None = None,
        session: bytes | None = None,
        seed: int | None = None,
        deadline_ms: float | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
        tools: Iterable[Mapping[str, Any]] | None = None,
        schema: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
        from_agent: str | None = None,
        switch_after_stream: bool = False,
    ) -> Generator[Chunk, None, None]:
        """Yields the answer in chunks as they come, as Dispatcher.stream does."""
        given = {name: value for name, value in locals().items() if name not in ("self", "text")}
        request = Request.read(text, given)
        dispatcher, loop = self._running()
        chunks = dispatcher._stream(request)
        try:
            while True:
                try:
                    yield self._wait(_next(chunks), loop)
                except StopAsyncIteration:
                    return
        finally:
            # What was closed meanwhile has ended its streams itself.
            if self._loop is loop:
                self._wait(_close(chunks), loop)

    def embed(self, texts: Sequence[str], *, model: str) -> list[list[float]]:
        """Returns one vector for each text, as Dispatcher.embed does."""
        dispatcher, loop = self._running()
        return self._wait(dispatcher.embed(texts, model=model), loop)

    def close(self) -> None:
        """Cancels what runs, closes the connections and ends the thread; a later call begins anew.

        Whoever waits for an answer meanwhile gets DispatchError with code `CANCELLED`. Closing again does nothing.
        """
        with self._lock:
            dispatcher, loop, thread = self._dispatcher, self._loop, self._thread
            self._dispatcher = self._loop = self._thread = None
            is_ours = self._process == os.getpid()
        if not is_ours or dispatcher is None or loop is None or thread is None:
            return
        if thread.is_alive():
            for work in (
                _cancel_all(),
                dispatcher.aclose(),
                loop.shutdown_asyncgens(),
                loop.shutdown_default_executor(),
            ):
                _result(asyncio.run_coroutine_threadsafe(work, loop))
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
        loop.close()

    def __enter__(self) -> SyncDispatcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SyncDispatcher(revision={self.router.revision!r}, in_flight={self.in_flight})"

    def _wait(self, work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
        """Runs something on the loop and waits for it."""
        with self._lock:
            if self._loop is not loop:
                # Nothing would run it any more.
                work.close()
                raise _closed()
            future = asyncio.run_coroutine_threadsafe(_caught(work), loop)
        found, error = _result(future)
        if error is not None:
            raise error
        return cast(T, found)

    def _running(self) -> tuple[Dispatcher, asyncio.AbstractEventLoop]:
        """Returns the dispatcher and its loop, which are made when they are first used in a process."""
        if self._process is not None and self._process != os.getpid():
            # The thread of the loop stayed behind, and may have held the lock.
            self._lock = threading.Lock()
        with self._lock:
            is_alive = self._thread is not None and self._thread.is_alive()
            if self._dispatcher is None or self._loop is None or self._process != os.getpid() or not is_alive:
                self._process = os.getpid()
                self._loop = asyncio.new_event_loop()
                self._dispatcher = Dispatcher(self.router, **self._settings)
                self._dispatcher.facade = self
                self._thread = threading.Thread(target=self._loop.run_forever, name="fastroute-dispatch", daemon=True)
                self._thread.start()
            return self._dispatcher, self._loop


def _result(future: concurrent.futures.Future[T]) -> T:
    """Waits for something on the loop; whoever is interrupted cancels it."""
    try:
        return future.result()
    except concurrent.futures.CancelledError:
        raise _closed() from None
    except BaseException:
        future.cancel()
        raise


def _closed() -> DispatchError:
    return DispatchError("the dispatcher was closed", "CANCELLED")


async def _caught(work: Coroutine[Any, Any, T]) -> tuple[T | None, BaseException | None]:
    """Hands what would end the thread of the loop to the caller whose work it was."""
    try:
        return await work, None
    except (SystemExit, KeyboardInterrupt) as error:
        return None, error


async def _cancel_all() -> None:
    """Cancels every task of the loop, and gives them time to let go."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_PATIENCE)


async def _close(chunks: Any) -> None:
    # A piece that was interrupted is being cancelled already.
    with contextlib.suppress(RuntimeError):
        await chunks.aclose()


async def _next(chunks: Any) -> Chunk:
    found: Chunk = await anext(chunks)
    return found
