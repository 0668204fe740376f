"""Decisions for a grpcio server of your own.

>>> import grpc
>>> from concurrent.futures import ThreadPoolExecutor
>>> server = grpc.server(ThreadPoolExecutor(2))
>>> fastroute.grpc.add_router_servicer(router, server)
>>> port = server.add_insecure_port("127.0.0.1:0")
>>> server.start()
>>> with fastroute.Client(f"127.0.0.1:{port}") as client:
...     client.route("Translate 'good morning' into French.").route
'translation'
>>> server.stop(None).wait()
True

The whole of `fastroute.v1.RouterService` is answered, with the same bytes and the
same errors as `fastroute serve` has; streams keep the order of their requests. Who may
call, TLS, the size of messages, deadlines and health are your server's affair. It holds the interpreter for each call, so prefer
`fastroute.Server` unless you have a grpcio server already. Needs the extra `grpc`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from fastroute._client.channel import import_grpc
from fastroute._fastroute import Question, Router, _Servicer

__all__ = ["add_router_servicer"]

_SERVICE = "fastroute.v1.RouterService"
_UNARY = ("Route", "RouteBatch", "Explain", "ReportOutcomes")


def add_router_servicer(
    router: Router,
    server: Any,
    *,
    on_ask: Callable[[Question], str | None] | None = None,
    report_key: bytes | None = None,
) -> None:
    """Adds the router service to a `grpc.Server` or `grpc.aio.Server`, under the configuration of `router`.

    `on_ask` answers the meta-LLM's questions as in Router.route, for callers that do not ask to have
    them sent back; a grpc.aio server runs it on a thread. `report_key` are 32 bytes that replicas share,
    so that each accepts reports on decisions of the others; random unless given. What `on_ask`
    raises goes to `sys.unraisablehook`; the request that asked fails with code INTERNAL, alone in a batch or stream.
    """
    grpc = import_grpc()
    servicer = _Servicer(router, on_ask=on_ask, report_key=report_key)
    codes = {code.value[0]: code for code in grpc.StatusCode}
    is_async = isinstance(server, grpc.aio.Server)
    unary = _awaiting if is_async else _blocking
    handlers = {name: grpc.unary_unary_rpc_method_handler(unary(servicer, name, codes)) for name in _UNARY}
    stream = (_stream_awaiting if is_async else _stream_blocking)(servicer)
    handlers["RouteStream"] = grpc.stream_stream_rpc_method_handler(stream)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))


def _blocking(servicer: _Servicer, method: str, codes: dict[int, Any]) -> Callable[[bytes, Any], bytes]:
    def answer(request: bytes, context: Any) -> bytes:
        reply, status, message, details = servicer.answer(method, request)
        if reply is None:
            context.set_trailing_metadata((("grpc-status-details-bin", details),))
            context.abort(codes[status], message)
        assert reply is not None
        return reply

    return answer


def _awaiting(servicer: _Servicer, method: str, codes: dict[int, Any]) -> Callable[[bytes, Any], Any]:
    async def answer(request: bytes, context: Any) -> bytes:
        # On a thread, as a long text, a batch or a question would hold up the event loop.
        reply, status, message, details = await asyncio.to_thread(servicer.answer, method, request)
        if reply is None:
            await context.abort(codes[status], message, (("grpc-status-details-bin", details),))
        assert reply is not None
        return reply

    return answer


def _stream_blocking(servicer: _Servicer) -> Callable[[Iterator[bytes], Any], Iterator[bytes | None]]:
    def answer(requests: Iterator[bytes], context: Any) -> Iterator[bytes | None]:
        for request in requests:
            yield servicer.answer("RouteStream", request)[0]

    return answer


def _stream_awaiting(servicer: _Servicer) -> Callable[[AsyncIterator[bytes], Any], AsyncIterator[bytes | None]]:
    async def answer(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes | None]:
        async for request in requests:
            reply, *_ = await asyncio.to_thread(servicer.answer, "RouteStream", request)
            yield reply

    return answer
