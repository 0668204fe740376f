"""The class `AsyncClient`, which awaits its answers."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, final

from fastroute._client import steps
from fastroute._client.attempt import Attempts, metadata_of
from fastroute._client.blocking import Metadata, Names, Text
from fastroute._client.channel import Endpoint, Pem, claim_process, import_grpc
from fastroute._client.report import LimitScope, report_of
from fastroute._fastroute import (
    Explanation,
    Question,
    _Call,
    _Decided,
    _encode_batch,
    _Names,
    _read_report,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

T = TypeVar("T")
OnAsk = Callable[[Question], str | Awaitable[str | None] | None]


@final
class AsyncRemoteDecision(_Decided):
    """What a server decided for one request, with the attributes of Decision.

    `explain` and `messages` call the server again, so they are awaited.
    """

    __slots__ = ("_client",)
    _client: AsyncClient

    def __new__(cls, client: AsyncClient, call: _Call, reply: bytes) -> AsyncRemoteDecision:
        self = super().__new__(cls, call, reply)
        self._client = client
        return self

    async def explain(self, *, timeout: float | None = None) -> Explanation:
        """Returns every stage, as RemoteDecision.explain does."""
        step = steps.send("Explain", self._encode_explain(), self._read_explanation)
        return await self._client._drive(step, timeout)

    async def messages(self, context: Text | None = None, *, timeout: float | None = None) -> list[dict[str, Any]]:
        """Returns the rendered prompt, as RemoteDecision.messages does."""
        step = steps.send("Route", self._encode_messages(context), self._read_messages)
        return await self._client._drive(step, timeout)


class AsyncClient:
    """Decides by calling a fastroute server over gRPC, awaiting the answers.

    Takes what Client takes, and its methods are coroutines. `on_ask` may be a function or
    a coroutine function. A client belongs to the event loop in which it is first used.

    >>> import asyncio
    >>> async def decide(address):
    ...     async with fastroute.AsyncClient(address) as client:
    ...         return await client.route("Translate 'good morning' into French.")
    >>> with fastroute.Server() as server:
    ...     asyncio.run(decide(server.addresses.grpc)).route
    'translation'
    """

    def __init__(
        self,
        address: str | Sequence[str] = "127.0.0.1:50051",
        *,
        token: str | None = None,
        ca: Pem | None = None,
        certificate: Pem | None = None,
        key: Pem | None = None,
        server_name: str | None = None,
        tls: bool | None = None,
        timeout: float = 5.0,
    ) -> None:
        self._endpoint = Endpoint.of(address, token, ca, certificate, key, server_name, tls)
        self._timeout = timeout
        self._names = _Names()
        self._channel: Any = None
        self._calls: dict[str, Any] = {}
        self._process: int | None = None
        self._is_closed = False

    async def route(
        self,
        text: Text | None = None,
        *,
        messages: Iterable[dict[str, Any]] | None = None,
        task: Text | None = None,
        metadata: Metadata | None = None,
        capabilities: Iterable[str] | None = None,
        tools_tokens: int | None = None,
        min_quality: float | None = None,
        max_cost: float | None = None,
        max_latency_ms: float | None = None,
        expected_output_tokens: int | None = None,
        unavailable: Names | None = None,
        session: str | bytes | None = None,
        seed: int = 0,
        on_ask: OnAsk | None = None,
        timeout: float | None = None,
        traceparent: str | None = None,
    ) -> AsyncRemoteDecision:
        """Decides for one text, or for the conversation `messages`, as Client.route does."""
        call = _Call(
            text,
            messages=messages,
            task=task,
            metadata=metadata,
            capabilities=capabilities,
            tools_tokens=tools_tokens,
            min_quality=min_quality,
            max_cost=max_cost,
            max_latency_ms=max_latency_ms,
            expected_output_tokens=expected_output_tokens,
            unavailable=unavailable,
            session=session if isinstance(session, bytes) else None,
            session_id=session if isinstance(session, str) else None,
            seed=seed,
        )
        step = steps.route(call, unavailable, on_ask is not None)
        return AsyncRemoteDecision(self, *await self._drive(step, timeout, traceparent, on_ask))

    async def route_batch(
        self,
        texts: Iterable[Text],
        *,
        task: Text | None = None,
        metadata: Metadata | None = None,
        capabilities: Iterable[str] | None = None,
        tools_tokens: int | None = None,
        min_quality: float | None = None,
        max_cost: float | None = None,
        max_latency_ms: float | None = None,
        expected_output_tokens: int | None = None,
        unavailable: Names | None = None,
        timeout: float | None = None,
        traceparent: str | None = None,
    ) -> npt.NDArray[np.void]:
        """Decides for many texts and returns rows, as Client.route_batch does."""
        calls = _encode_batch(
            texts,
            task=task,
            metadata=metadata,
            capabilities=capabilities,
            tools_tokens=tools_tokens,
            min_quality=min_quality,
            max_cost=max_cost,
            max_latency_ms=max_latency_ms,
            expected_output_tokens=expected_output_tokens,
            unavailable=unavailable,
        )
        from fastroute._batch import rows

        return rows(await self._drive(steps.route_batch(self._names, calls), timeout, traceparent))

    async def report(
        self,
        decision: _Decided,
        outcome: str | None,
        *,
        model: str | None = None,
        attempt: int = 0,
        first_token_ms: float | None = None,
        latency_ms: float | None = None,
        input_tokens: int | None = None,
        cached_tokens: int | None = None,
        output_tokens: int | None = None,
        retry_after_s: float | None = None,
        limit_scope: LimitScope = "model",
        feedback: Mapping[str, Any] | None = None,
        output: str | bytes | None = None,
        timeout: float | None = None,
        traceparent: str | None = None,
    ) -> str:
        """Reports what happened to an attempt, as Client.report does."""
        request = report_of(
            decision,
            outcome,
            model=model,
            attempt=attempt,
            first_token_ms=first_token_ms,
            latency_ms=latency_ms,
            input_tokens=input_tokens,
            cached_tokens=cached_tokens,
            output_tokens=output_tokens,
            retry_after_s=retry_after_s,
            limit_scope=limit_scope,
            feedback=feedback,
            output=output,
        )
        return await self._drive(steps.send("ReportOutcomes", request, _read_report), timeout, traceparent)

    @property
    def routes(self) -> tuple[str, ...]:
        """Names of routes that rows of batches have had, in the order of their places."""
        return self._names.routes

    @property
    def models(self) -> tuple[str, ...]:
        """Names of models that rows of batches have had, in the order of their places."""
        return self._names.models

    @property
    def prompts(self) -> tuple[str, ...]:
        """Names of prompts that rows of batches have had, in the order of their places."""
        return self._names.prompts

    async def close(self) -> None:
        """Closes the channel; calls in flight fail. Closing again does nothing."""
        channel, self._channel, self._is_closed = self._channel, None, True
        self._calls = {}
        if channel is not None and self._process == os.getpid():
            await channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient({self._endpoint.target!r})"

    async def _drive(
        self,
        step: steps.Steps[T],
        timeout: float | None = None,
        traceparent: str | None = None,
        on_ask: OnAsk | None = None,
    ) -> T:
        metadata = metadata_of(self._endpoint.token, traceparent)
        seconds = self._timeout if timeout is None else timeout
        try:
            wanted = next(step)
            while True:
                if isinstance(wanted, steps.Ask):
                    assert on_ask is not None
                    label = on_ask(wanted.question)
                    wanted = step.send(await label if inspect.isawaitable(label) else label)
                else:
                    wanted = step.send(await self._send(wanted, metadata, seconds))
        except StopIteration as stop:
            found: T = stop.value
            return found

    async def _send(self, wanted: steps.Send, metadata: list[tuple[str, str]], seconds: float) -> bytes:
        import grpc

        call = self._call(wanted.method)
        attempts = Attempts(seconds)
        while True:
            try:
                reply: bytes = await call(wanted.request, timeout=attempts.start(), metadata=metadata)
            except grpc.aio.AioRpcError as error:
                await asyncio.sleep(attempts.wait_after(error))
            else:
                return reply

    def _call(self, method: str) -> Any:
        if self._process != os.getpid():
            claim_process()
            self._calls = {}
            if not self._is_closed:
                self._channel = self._endpoint.open(import_grpc().aio)
            self._process = os.getpid()
        call = self._calls.get(method)
        if call is None:
            if self._is_closed:
                raise ValueError("the client is closed")
            call = self._channel.unary_unary(f"/fastroute.v1.RouterService/{method}")
            self._calls[method] = call
        return call
