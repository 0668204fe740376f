"""The class `Dispatcher`: one request from its text to its answer.

The way of a request: decide (asking the meta-LLM when the router wants to), hand over to an agent,
retrieve, shorten what is too long, run the plan. One deadline and one cost cap hold for all of it.
"""

from __future__ import annotations

import asyncio
import difflib
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any

from fastroute._dispatch.answer import Answer, Chunk, failure
from fastroute._dispatch.anthropic import Anthropic
from fastroute._dispatch.ask import Beside
from fastroute._dispatch.call import Delta, Provider, ProviderCall, ProviderError, Reply
from fastroute._dispatch.http import import_httpx
from fastroute._dispatch.journey import Journey
from fastroute._dispatch.local import delta_of
from fastroute._dispatch.openai import OpenAI
from fastroute._dispatch.request import Request, hops
from fastroute._exceptions import DispatchError
from fastroute._fastroute import Decision, Deployment, Router

_LOG = logging.getLogger("fastroute")

Text = str | bytes
Retriever = Callable[[str, str, int], Any]
"""Gets a collection, a query and how many passages; returns their texts, best first. May be a coroutine function."""
Agent = Callable[[Request, Decision, Any], Any]
"""Gets the request, the decision and the dispatcher; returns a text or an Answer. May be a coroutine function."""


class Dispatcher:
    """Decides, calls models until there is an answer, and reports what happened to them.

    `providers` are by the names that the configuration has for them. Those that are not given are made
    from it: kinds `openai` and `anthropic` over HTTP (needs the extra `dispatch`), with the keys that
    it names, read when a call is made. `retrievers` are by collection, `agents` and `functions` by the names
    that routes and cascades have for them. At most `max_in_flight` requests run at once; more wait.

    Where a rule restricts which models may see a request, agents and retrievers may not see it either, except those
    that `trusted` names: an agent ends such a request with code `NOT_PERMITTED`, a retriever is left out.

    A dispatcher belongs to the event loop in which it is used; SyncDispatcher is for programs without one.

    >>> import asyncio, fastroute.providers
    >>> async def ask():
    ...     providers = {"local": fastroute.providers.Scripted(["Hello to you."])}
    ...     async with fastroute.Dispatcher(fastroute.Router.default(), providers=providers) as dispatcher:
    ...         return await dispatcher.complete("hello")
    >>> answer = asyncio.run(ask())
    >>> answer.text, answer.model, answer.accepted
    ('Hello to you.', 'small', True)
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
        if max_in_flight is not None and max_in_flight < 1:
            raise ValueError("`max_in_flight` is at least 1")
        self.router = router
        self._providers = dict(providers or {})
        self.retrievers = dict(retrievers or {})
        self.agents = dict(agents or {})
        self.functions = dict(functions or {})
        self.trusted = frozenset([trusted] if isinstance(trusted, str) else trusted)
        _check_names(self)
        self.beside = Beside(router, self.provider_of)
        self.facade: Any = self
        self._made: dict[str, Provider] = {}
        self._places = None if max_in_flight is None else asyncio.Semaphore(max_in_flight)
        self._in_flight = 0
        self._told: set[tuple[str, str]] = set()

    @property
    def in_flight(self) -> int:
        """Requests that run now, waiting ones included."""
        return self._in_flight

    async def complete(
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
        """Returns the answer to one text, or to the conversation `messages`.

        The arguments up to `seed` are those of Router.route; `max_cost` also bounds what the whole request
        may cost, everything counted. `deadline_ms` is the time for all of it, if the configuration does
        not say less. `tools` and `schema` (a JSON Schema of the answer) are as OpenAI's API takes them, and only
        models with the capability are asked; `extra` goes into each provider's request. `session` is the
        `session` of the answer before, or `b""` at the start of one. Agents name themselves in `from_agent`.

        Raises DispatchError when there is no answer, RequestError when the request is outside the limits.
        """
        given = {name: value for name, value in locals().items() if name not in ("self", "text")}
        return await self._complete(Request.read(text, given))

    async def stream(
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
    ) -> AsyncGenerator[Chunk, None]:
        """Yields the answer in chunks as they come; the last one has `answer`.

        Once a chunk was passed on, a failure ends the stream with DispatchError, unless
        `switch_after_stream`: then another model may start over, with `is_restart` on its first chunk.
        An answer that must be accepted first comes as a whole. Closing the iterator early cancels the request.
        """
        given = {name: value for name, value in locals().items() if name not in ("self", "text")}
        async with aclosing(self._stream(Request.read(text, given))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def embed(self, texts: Sequence[str], *, model: str) -> list[list[float]]:
        """Returns one vector for each text, from a model of the configuration by its name.

        Raises DispatchError.
        """
        vectors, outcome = await self.beside.embed(model, texts)
        if vectors is None:
            raise DispatchError(f"`{model}` did not embed the texts: {outcome}", "ALL_ATTEMPTS_FAILED")
        return vectors

    def provider_of(self, deployment: Deployment) -> Provider:
        """Returns what calls a deployment: what was given under the provider's name, else one made for its kind."""
        name = deployment.provider
        provider = self._providers.get(name) or self._made.get(name)
        if provider is None:
            if deployment.kind == "callable":
                provider = _Absent(name)
            else:
                import_httpx()
                provider = Anthropic() if deployment.kind == "anthropic" else OpenAI()
            self._made[name] = provider
        return provider

    def tell_missing(self, what: str, name: str) -> None:
        """Logs once that the configuration names what was not given."""
        if (what, name) not in self._told:
            self._told.add((what, name))
            _LOG.warning("no %s `%s` was given, which the configuration names", what, name)

    async def aclose(self) -> None:
        """Closes the connections of every provider; the dispatcher may be used again."""
        await asyncio.gather(*(each.aclose() for each in (*self._providers.values(), *self._made.values())))

    async def __aenter__(self) -> Dispatcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"Dispatcher(revision={self.router.revision!r}, in_flight={self._in_flight})"

    async def _complete(self, request: Request) -> Answer:
        async with aclosing(self._chunks(request, is_stream=False)) as chunks:
            async for chunk in chunks:
                if chunk.answer is not None:
                    return chunk.answer
        raise AssertionError("the last chunk has the answer")

    def _stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        return self._chunks(request, is_stream=True)

    async def _chunks(self, request: Request, *, is_stream: bool) -> AsyncGenerator[Chunk, None]:
        journey = Journey(self, request, is_stream=is_stream)
        # An agent that sends on has a place already; to wait for another could be for ever.
        places = None if hops.get() else self._places
        self._in_flight += 1
        try:
            if places is not None:
                await _take(places, request)
            try:
                async with aclosing(journey.chunks()) as chunks:
                    async for chunk in chunks:
                        yield chunk
            finally:
                if places is not None:
                    places.release()
        finally:
            self._in_flight -= 1


def _check_names(host: Dispatcher) -> None:
    """Finds what cannot work before a request does; raises TypeError or ValueError."""
    providers: Mapping[str, object] = host._providers
    cells = host.router.live.figures()["cells"]
    used = {cell["key"].partition(":")[0] for cell in cells if cell["kind"] == "target"}
    for name in sorted(providers.keys() - used):
        close = difflib.get_close_matches(name, used, 1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        _LOG.warning("provider `%s` was given, but no model of the configuration has it%s", name, hint)
    for name, provider in providers.items():
        if not isinstance(provider, Provider):
            kind = type(provider).__name__
            raise TypeError(f"provider `{name}` is {kind}, not a Provider; a function goes into providers.Callable")
    given: dict[str, Mapping[str, object]] = {
        "retriever": host.retrievers,
        "agent": host.agents,
        "function": host.functions,
    }
    for what, functions in given.items():
        for name, function in functions.items():
            if not callable(function):
                raise TypeError(f"{what} `{name}` is {type(function).__name__}, not a function")
    known = [*host.agents, *host.retrievers]
    for name in sorted(host.trusted.difference(known)):
        raise ValueError(f"`trusted` names `{name}`, which is no agent and no retriever")


async def _take(places: asyncio.Semaphore, request: Request) -> None:
    try:
        async with asyncio.timeout(None if request.deadline_ms is None else request.deadline_ms / 1e3):
            await places.acquire()
    except TimeoutError:
        raise failure("DEADLINE_EXCEEDED", (), None, None) from None


class _Absent:
    """Stands for a provider of kind `callable` for which no function was given."""

    def __init__(self, name: str) -> None:
        self._said = f"no function was given for provider `{name}`"

    async def send(self, call: ProviderCall) -> Reply:
        raise ProviderError("local_error", self._said)

    async def stream(self, call: ProviderCall) -> AsyncGenerator[Delta, None]:
        yield delta_of(await self.send(call))

    async def embed(self, texts: Sequence[str], *, call: ProviderCall) -> list[list[float]]:
        raise ProviderError("local_error", self._said)

    async def aclose(self) -> None:
        pass
