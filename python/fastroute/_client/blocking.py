"""The class `Client`, which waits for its answers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, SupportsFloat, TypeVar, final

from fastroute._client import steps
from fastroute._client.attempt import Attempts, metadata_of
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
Text = str | bytes
Names = Iterable[str] | Callable[[], Iterable[str]]
Metadata = Mapping[str, SupportsFloat | str | bytes | None]


@final
class RemoteDecision(_Decided):
    """What a server decided for one request, with the attributes of Decision.

    `id` names it in reports, and in logs of yours; `report_token` authorises reports on it.
    """

    __slots__ = ("_client",)
    _client: Client

    def __new__(cls, client: Client, call: _Call, reply: bytes) -> RemoteDecision:
        self = super().__new__(cls, call, reply)
        self._client = client
        return self

    def explain(self, *, timeout: float | None = None) -> Explanation:
        """Returns every stage, its facts, what nearly won and what would change the decision.

        The server decides again under the same revision. Raises RequestError with code
        UNKNOWN_REVISION when it does not retain it any more.
        """
        step = steps.send("Explain", self._encode_explain(), self._read_explanation)
        return self._client._drive(step, timeout)

    def messages(self, context: Text | None = None, *, timeout: float | None = None) -> list[dict[str, Any]]:
        """Returns the rendered prompt as message dictionaries, ready for a chat API.

        The server renders; messages of the request come back around it with every key that they
        had. Raises RenderError.
        """
        step = steps.send("Route", self._encode_messages(context), self._read_messages)
        return self._client._drive(step, timeout)


class Client:
    """Decides by calling a fastroute server over gRPC.

    Has the methods of Router with the same arguments, defaults and exceptions; beside
    those, calls raise ServiceError. `address` is `host:port`, `dns:///name:port`,
    `unix:/path`, or a list of addresses to which calls go round. TLS is on with
    `tls=True`, or when `ca` (PEM, or the path of a file) or `certificate` and `key` are given;
    without `ca` the authorities count that the system trusts. `timeout` is the time in seconds
    for a call, further attempts included.

    A client keeps one channel and may be used by any number of threads. Needs the
    extra `grpc`.

    >>> server = fastroute.Server()
    >>> with fastroute.Client(server.addresses.grpc) as client:
    ...     client.route("Translate 'good morning' into French.").route
    'translation'
    >>> server.stop()
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
        self._lock = threading.Lock()
        self._channel: Any = None
        self._calls: dict[str, Any] = {}
        self._process: int | None = None
        self._is_closed = False

    def route(
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
        on_ask: Callable[[Question], str | None] | None = None,
        timeout: float | None = None,
        traceparent: str | None = None,
    ) -> RemoteDecision:
        """Decides for one text, or for the conversation `messages`, as Router.route does.

        Without `on_ask`, a question to the meta-LLM is answered by the server if it can. With it,
        the question comes here, and each of the two calls has its own `timeout`. `session` is what the
        decision before gave as its `session` (empty bytes for the first turn), or a name under
        which the server keeps it for this caller. Who asks comes from the token or the certificate.
        """
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
        return RemoteDecision(self, *self._drive(step, timeout, traceparent, on_ask))

    def route_batch(
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
        """Decides for many texts and returns the rows of Router.route_batch.

        Places are those in this client's `routes`, `models` and `prompts`. Texts go in calls of
        up to 1,024, each with its own `timeout`, and each is decided under one revision.
        """
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

        return rows(self._drive(steps.route_batch(self._names, calls), timeout, traceparent))

    def report(
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
        """Reports what happened to an attempt; returns `accepted`, `duplicate` or `expired`.

        `outcome` is one of fastroute.ATTEMPT_OUTCOMES, `model` the decision's own unless given,
        `attempt` counts from 0, retries included. `feedback` has `kind` and `score` (0 to 1) and may come
        alone later, with an `outcome` of None. Of `output` a hash and the length are sent. Repeating a
        report is safe: the first one counts. Raises RequestError when the server refuses it.
        """
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
        return self._drive(steps.send("ReportOutcomes", request, _read_report), timeout, traceparent)

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

    def close(self) -> None:
        """Closes the channel; calls in flight fail. Closing again does nothing."""
        with self._lock:
            channel, self._channel, self._is_closed = self._channel, None, True
            self._calls = {}
        if channel is not None and self._process == os.getpid():
            channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._endpoint.target!r})"

    def _drive(
        self,
        step: steps.Steps[T],
        timeout: float | None = None,
        traceparent: str | None = None,
        on_ask: Callable[[Question], str | None] | None = None,
    ) -> T:
        metadata = metadata_of(self._endpoint.token, traceparent)
        seconds = self._timeout if timeout is None else timeout
        try:
            wanted = next(step)
            while True:
                if isinstance(wanted, steps.Ask):
                    assert on_ask is not None
                    wanted = step.send(on_ask(wanted.question))
                else:
                    wanted = step.send(self._send(wanted, metadata, seconds))
        except StopIteration as stop:
            found: T = stop.value
            return found

    def _send(self, wanted: steps.Send, metadata: list[tuple[str, str]], seconds: float) -> bytes:
        import grpc

        call = self._call(wanted.method)
        attempts = Attempts(seconds)
        while True:
            try:
                reply: bytes = call(wanted.request, timeout=attempts.start(), metadata=metadata)
            except grpc.RpcError as error:
                time.sleep(attempts.wait_after(error))
            else:
                return reply

    def _call(self, method: str) -> Any:
        if self._process != os.getpid():
            self._open()
        call = self._calls.get(method)
        if call is None:
            with self._lock:
                if self._is_closed:
                    raise ValueError("the client is closed")
                call = self._channel.unary_unary(f"/fastroute.v1.RouterService/{method}")
                self._calls[method] = call
        return call

    def _open(self) -> None:
        claim_process()
        if self._process is not None:
            self._lock = threading.Lock()  # a thread that does not exist here may hold the other
        with self._lock:
            if self._process != os.getpid() and not self._is_closed:
                self._calls = {}
                self._channel = self._endpoint.open(import_grpc())
            self._process = os.getpid()
