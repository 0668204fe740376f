"""The servicer for grpcio servers: same bytes, same errors, sync and asyncio."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

import fastroute
import fastroute.grpc
from cases import CASES, answer_of, request_of, router_of
from fastroute import Client, Router
from fastroute.v1 import router_pb2, router_service_pb2, router_service_pb2_grpc


@contextmanager
def served(router: Router, **options: Any) -> Iterator[str]:
    """A grpcio server on a port of its own."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    fastroute.grpc.add_router_servicer(router, server, **options)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


@contextmanager
def served_awaiting(router: Router, **options: Any) -> Iterator[str]:
    """A grpc.aio server in the event loop of a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> tuple[Any, int]:
        server = grpc.aio.server()
        fastroute.grpc.add_router_servicer(router, server, **options)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    def wait(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(20)

    try:
        server, port = wait(start())
        yield f"127.0.0.1:{port}"
        wait(server.stop(None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


Serve = Callable[..., Any]
both = pytest.mark.parametrize("serve", [served, served_awaiting])


@both
def test_a_servicer_decides_what_the_router_decides(serve: Serve) -> None:
    cases = [case for case in CASES if case["configuration"].endswith("meta_llm.yaml") and "with" not in case]
    assert len(cases) >= 10
    router = router_of(cases[0])
    with serve(router) as address, Client(address, timeout=20) as client:
        for case in cases:
            decision = client.route(**request_of(case), on_ask=answer_of(case)[0])
            assert decision.to_json() == case["canonical"], case["name"]
            local = router.route(**request_of(case), on_ask=answer_of(case)[0])
            assert decision.explain().to_json() == local.explain().to_json()
        texts = [case["request"]["text"] for case in cases if "text" in case["request"]]
        assert client.route_batch(texts)["reason"].tolist() == router.route_batch(texts)["reason"].tolist()
        assert client.report(decision, "success") == "accepted"
        assert client.report(decision, "success") == "duplicate"


@both
def test_its_refusals_are_those_of_the_server(serve: Serve, small: Router) -> None:
    with serve(small) as address, fastroute.Server() as server:
        refused = []
        for target in (address, server.addresses.grpc[0]):
            with Client(target) as client:
                for arguments in ({"text": "a", "max_cost": -1.0}, {"text": "a", "unavailable": ["x"]}):
                    with pytest.raises(fastroute.RequestError) as raised:
                        client.route(**arguments)
                    refused.append(raised.value.code)
            with grpc.insecure_channel(target) as channel:
                call: Any = channel.unary_unary("/fastroute.v1.RouterService/Route")
                with pytest.raises(grpc.RpcError) as failed:
                    call(b"\xff\xff")
                error: Any = failed.value
                assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
                assert b"MALFORMED_MESSAGE" in dict(error.trailing_metadata())["grpc-status-details-bin"]
        assert refused[:2] == refused[2:] == ["INVALID_LIMIT", "UNKNOWN_MODEL"]


@both
def test_a_stream_answers_each_request_and_a_bad_one_does_not_end_it(serve: Serve, small: Router) -> None:
    requests = [
        router_service_pb2.RouteStreamRequest(id="1", request=router_pb2.RouteRequest(text="refund")),
        router_service_pb2.RouteStreamRequest(id="2"),
        router_service_pb2.RouteStreamRequest(id="3", request=router_pb2.RouteRequest(text="hello")),
    ]
    with serve(small) as address, grpc.insecure_channel(address) as channel:
        stub: Any = router_service_pb2_grpc.RouterServiceStub(channel)  # type: ignore[no-untyped-call]
        answers = list(stub.RouteStream(iter(requests)))
    assert [answer.id for answer in answers] == ["1", "2", "3"]
    assert answers[0].response.decision.route == "refunds"
    assert answers[1].error.code == "MISSING_TEXT"
    assert answers[2].response.decision.route == "general"


@both
def test_a_stream_has_the_limits_and_the_order_of_the_server(serve: Serve, small: Router) -> None:
    short = router_pb2.RouteRequest(text="a")
    many = router_pb2.RouteRequest(text="a", metadata=[router_pb2.MetadataEntry(key="k")] * 5_000)
    items = [
        router_service_pb2.RouteStreamRequest(id="i" * 128, in_order=True, request=short),
        router_service_pb2.RouteStreamRequest(id="i" * 129, request=short),
        router_service_pb2.RouteStreamRequest(id="2"),
        router_service_pb2.RouteStreamRequest(id="3", request=many),
        router_service_pb2.RouteStreamRequest(id="4", request=short),
    ]
    told = []
    with serve(small) as address, fastroute.Server() as server:
        for target in (address, server.addresses.grpc[0]):
            with grpc.insecure_channel(target) as channel:
                stub: Any = router_service_pb2_grpc.RouterServiceStub(channel)  # type: ignore[no-untyped-call]
                answers = list(stub.RouteStream(iter(items)))
            told.append([(each.id, each.error.code, each.error.field, each.error.message) for each in answers])
    assert told[0] == told[1]
    assert [code for _, code, *_ in told[0]] == ["", "INVALID_ID", "MISSING_TEXT", "TOO_MUCH_METADATA", ""]


@both
def test_what_on_ask_raises_does_not_end_a_stream(serve: Serve, small: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> str:
        raise KeyError("secret")

    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    requests = [
        router_service_pb2.RouteStreamRequest(id=text, request=router_pb2.RouteRequest(text=text))
        for text in ("refund", "who knows", "refund again")
    ]
    with serve(small, on_ask=fails) as address, grpc.insecure_channel(address) as channel:
        stub: Any = router_service_pb2_grpc.RouterServiceStub(channel)  # type: ignore[no-untyped-call]
        answers = list(stub.RouteStream(iter(requests)))
        batch = stub.RouteBatch(router_service_pb2.RouteBatchRequest(requests=[each.request for each in requests]))
    assert [answer.id for answer in answers] == ["refund", "who knows", "refund again"]
    for results in (answers, batch.results):
        assert [each.error.code for each in results] == ["", "INTERNAL", ""]
        assert "secret" not in str(results)


@both
def test_on_ask_answers_and_what_it_raises_is_our_defect_without_a_word_of_it(
    serve: Serve, small: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(small, on_ask=lambda question: question.labels[1]) as address, Client(address) as client:
        assert (client.route("who knows").route, client.route("who knows").reason.code) == ("refunds", "META_LLM")

    def fails(_: object) -> str:
        raise KeyError("secret")

    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with serve(small, on_ask=fails) as address, Client(address) as client:
        with pytest.raises(fastroute.InternalError) as raised:
            client.route("who knows")
        assert "secret" not in str(raised.value)
        assert [each.exc_type for each in told] == [KeyError]


def test_replicas_that_share_a_key_accept_each_others_reports(small: Router) -> None:
    key = bytes(range(32))
    with served(small, report_key=key) as one, served(small, report_key=key) as two, served(small) as other:
        with Client(one) as client:
            decision = client.route("refund")
        with Client(two) as client:
            assert client.report(decision, "success") == "accepted"
        with Client(other) as client, pytest.raises(fastroute.RequestError):
            client.report(decision, "success")
