"""A server of `fastroute.v1` that says what a test tells it to, made of grpcio and generated code."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import any_pb2, duration_pb2

from fastroute.v1 import router_pb2, router_service_pb2


class Refuse(Exception):
    """What a script raises to fail a call."""

    def __init__(
        self,
        status: grpc.StatusCode,
        message: str = "scripted",
        reason: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.retry_after = retry_after

    def details(self) -> bytes:
        """The bytes of `google.rpc.Status`, written by hand as its Python package is not needed for more."""
        number, _ = self.status.value
        parts = []
        if self.reason is not None:
            info = _field(1, self.reason.encode()) + _field(2, b"fastroute")
            parts.append(any_pb2.Any(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=info))
        if self.retry_after is not None:
            wait = duration_pb2.Duration(nanos=int(self.retry_after * 1e9))
            retry = _field(1, wait.SerializeToString())
            parts.append(any_pb2.Any(type_url="type.googleapis.com/google.rpc.RetryInfo", value=retry))
        encoded = bytes([8, number]) + _field(2, self.message.encode())
        for part in parts:
            encoded += _field(3, part.SerializeToString())
        return encoded


def _field(number: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


class Scripted:
    """Answers every call with what `script` returns for it, and keeps what was asked."""

    def __init__(self, script: Callable[[int, Any], Any]) -> None:
        self.script = script
        self.requests: list[Any] = []
        self.metadata: list[dict[str, Any]] = []
        self.remaining: list[float] = []
        self._lock = threading.Lock()

    def _answer(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
            self.metadata.append(dict(context.invocation_metadata()))
            self.remaining.append(context.time_remaining() or float("inf"))
        try:
            return self.script(number, request)
        except Refuse as refused:
            context.set_trailing_metadata((("grpc-status-details-bin", refused.details()),))
            context.abort(refused.status, refused.message)

    def handler(self) -> grpc.GenericRpcHandler:
        service = router_service_pb2.DESCRIPTOR.services_by_name["RouterService"]
        handlers: dict[str, Any] = {
            name: grpc.unary_unary_rpc_method_handler(
                self._answer,
                request_deserializer=getattr(
                    router_service_pb2 if name != "Route" else router_pb2, f"{name}Request"
                ).FromString,
                response_serializer=lambda answer: answer.SerializeToString(),
            )
            for name in ("Route", "RouteBatch", "ReportOutcomes", "Explain")
        }
        return grpc.method_handlers_generic_handler(service.full_name, handlers)


class Served:
    """Serves a script on a port of its own while a `with` block runs."""

    def __init__(self, script: Callable[[int, Any], Any]) -> None:
        self.scripted = Scripted(script)
        self._server = grpc.server(futures.ThreadPoolExecutor(8))
        self._server.add_generic_rpc_handlers((self.scripted.handler(),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Served:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(0).wait()


def decided(**given: Any) -> router_pb2.RouteResponse:
    """An answer with a decision."""
    fields: dict[str, Any] = {
        "outcome": router_pb2.OUTCOME_ROUTED,
        "route": "general",
        "model": "small",
        "revision": "0" * 16,
    } | given
    return router_pb2.RouteResponse(decision=router_pb2.Decision(**fields))


def asked(**given: Any) -> router_pb2.RouteResponse:
    """An answer with a question."""
    fields: dict[str, Any] = {"model": "small", "labels": ["general", "none_of_these"], "revision": "a" * 16} | given
    timeout = duration_pb2.Duration(nanos=100_000_000)
    return router_pb2.RouteResponse(question=router_pb2.Question(timeout=timeout, **fields))


def reported(status: router_service_pb2.ReportStatus, code: str = "") -> router_service_pb2.ReportOutcomesResponse:
    """An answer to one report."""
    result = router_service_pb2.ReportResult(status=status, code=code)
    return router_service_pb2.ReportOutcomesResponse(results=[result])
