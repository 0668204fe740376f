"""Providers without a network: a function of the host, and a script for tests.

A function may be a coroutine function, an async generator, or plain. Plain ones run on another
thread, so that a model which computes in this process does not stop the event loop. A thread
cannot be stopped from outside: a cancelled call is left at once, and its function ends by itself,
a generator at its next piece.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Callable as Function
from typing import Any, TypeAlias

from fastroute._dispatch.call import Delta, Gathered, ProviderCall, ProviderError, Reply, ToolPiece
from fastroute._dispatch.functions import call_function, on_thread

Said: TypeAlias = str | Reply | Mapping[str, Any]
"""What a function may return: a text, a reply, or the fields of one."""

Piece: TypeAlias = str | Delta

_END = object()


class Callable:
    """Calls a function of the host, such as a model that runs in this process.

    `function` gets the ProviderCall and returns a text, a Reply, or a mapping of its fields; or it
    yields texts or Deltas. `embed` gets the texts and returns a vector for each. Each of them may
    be a coroutine function or plain.

    >>> provider = fastroute.providers.Callable(lambda call: call.messages[-1]["content"].upper())
    >>> router = fastroute.Router.default()
    >>> with fastroute.SyncDispatcher(router, providers={"local": provider}) as dispatcher:
    ...     dispatcher.complete("hello").text
    'HELLO'
    """

    def __init__(
        self, function: Function[[ProviderCall], Any], *, embed: Function[[Sequence[str]], Any] | None = None
    ) -> None:
        self._function = function
        self._embed = embed

    async def send(self, call: ProviderCall) -> Reply:
        """Returns what the function returns, or all that it yields as one answer."""
        if not _yields(self._function):
            return read_said(await call_function(self._function, call))
        gathered = Gathered()
        async for delta in self.stream(call):
            gathered.add(delta)
        return gathered.reply()

    async def stream(self, call: ProviderCall) -> AsyncIterator[Delta]:
        """Yields what the function yields, or its answer as one piece."""
        if inspect.isasyncgenfunction(self._function):
            async for piece in self._function(call):
                yield read_piece(piece)
        elif inspect.isgeneratorfunction(self._function):
            async for piece in _on_thread(self._function(call)):
                yield read_piece(piece)
        else:
            yield delta_of(read_said(await call_function(self._function, call)))

    async def embed(self, texts: Sequence[str], *, call: ProviderCall) -> list[list[float]]:
        """Returns what `embed` returns."""
        if self._embed is None:
            raise ProviderError("local_error", "the provider was given no function that embeds")
        return [[float(value) for value in vector] for vector in await call_function(self._embed, texts)]

    async def aclose(self) -> None:
        """Does nothing: there is nothing to close."""

    def __repr__(self) -> str:
        return f"Callable({getattr(self._function, '__name__', type(self._function).__name__)})"


class Scripted:
    """Answers with what a test wrote down, in order; then again from the start.

    A step is a text, a Reply, an exception to raise, or a function of the ProviderCall that
    returns or raises one of these. `calls` keeps what was asked.

    >>> Scripted = fastroute.providers.Scripted
    >>> provider = Scripted([fastroute.providers.ProviderError("server_error", "down"), "fine"])
    >>> provider
    Scripted(2 steps)
    """

    def __init__(self, steps: Iterable[Any], *, vectors: Mapping[str, Sequence[float]] | None = None) -> None:
        self._steps = [steps] if isinstance(steps, str) else list(steps)
        self._vectors = {text: list(vector) for text, vector in (vectors or {}).items()}
        self.calls: list[ProviderCall] = []

    async def send(self, call: ProviderCall) -> Reply:
        """Returns the next step."""
        return await self._next(call)

    async def stream(self, call: ProviderCall) -> AsyncIterator[Delta]:
        """Yields the next step, word by word."""
        reply = await self._next(call)
        words = reply.text.split(" ")
        for number, word in enumerate(words[:-1]):
            yield Delta(word if number == 0 else f" {word}")
        whole = delta_of(reply)
        whole.text = words[-1] if len(words) == 1 else f" {words[-1]}"
        yield whole

    async def embed(self, texts: Sequence[str], *, call: ProviderCall) -> list[list[float]]:
        """Returns the vectors that the script has for the texts."""
        self.calls.append(call)
        try:
            return [self._vectors[text] for text in texts]
        except KeyError:
            raise ProviderError("local_error", "the script has no vector for a text") from None

    async def aclose(self) -> None:
        """Does nothing: there is nothing to close."""

    def __repr__(self) -> str:
        return f"Scripted({len(self._steps)} steps)"

    async def _next(self, call: ProviderCall) -> Reply:
        if not self._steps:
            raise ProviderError("local_error", "the script has no step")
        step = self._steps[len(self.calls) % len(self._steps)]
        self.calls.append(call)
        if callable(step) and not isinstance(step, type):
            step = step(call)
            if inspect.isawaitable(step):
                step = await step
        if isinstance(step, BaseException):
            raise step
        return read_said(step)


def read_said(said: Any) -> Reply:
    """Reads what a function returned."""
    if isinstance(said, str):
        return Reply(said, finish_reason="stop")
    if isinstance(said, Reply):
        return said
    if isinstance(said, Mapping):
        unknown = [str(name) for name in said if name not in Reply.__slots__]
        if unknown:
            raise ProviderError(
                "server_error", f"the function returned a mapping with `{unknown[0]}`, no field of a Reply"
            )
        return Reply(**said)
    raise ProviderError("server_error", f"the function returned {type(said).__name__}, not a text or a Reply")


def read_piece(piece: Any) -> Delta:
    """Reads what a function yielded."""
    if isinstance(piece, str):
        return Delta(piece)
    if isinstance(piece, Delta):
        return piece
    raise ProviderError("server_error", f"the function yielded {type(piece).__name__}, not a text or a Delta")


def delta_of(reply: Reply) -> Delta:
    """Returns a whole answer as one piece."""
    pieces = tuple(ToolPiece(number, *call) for number, call in enumerate(reply.tool_calls))
    return Delta(reply.text, pieces, reply.finish_reason, reply.usage, reply.log_probabilities)


def _yields(function: object) -> bool:
    return inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function)


async def _on_thread(pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    """Takes one piece after the other on a thread; the next is not asked for before the last was taken."""
    try:
        while (piece := await on_thread(next, pieces, _END)) is not _END:
            yield piece
    finally:
        # A generator that is still running cannot be closed; it ends with its thread's piece.
        close = getattr(pieces, "close", None)
        if close is not None and not getattr(pieces, "gi_running", False):
            close()
