"""What the clients send, when they try again, and what their errors are, against scripted servers."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

import fastroute
from fastroute import Client, Question
from fastroute.v1 import router_service_pb2
from scripted import Refuse, Served, asked, decided, reported

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Awaited:
    """`AsyncClient` behind the methods of `Client`, so that one test runs through both."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = fastroute.AsyncClient(*arguments, **options)

    def __enter__(self) -> Awaited:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._client.close())
        self._loop.close()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        if not inspect.iscoroutinefunction(value):
            return value
        return lambda *arguments, **options: self._loop.run_until_complete(value(*arguments, **options))


@pytest.fixture(params=[Client, Awaited], ids=["blocking", "awaiting"])
def open_client(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes clients of either kind, and closes them."""
    opened: list[Any] = []

    def make(*arguments: Any, **options: Any) -> Any:
        opened.append(request.param(*arguments, **options))
        return opened[-1]

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def refuse_times(times: int, refusal: Refuse) -> Callable[[int, Any], Any]:
    """A script that refuses so many calls and then decides."""

    def script(number: int, _: Any) -> Any:
        if number < times:
            raise refusal
        return decided()

    return script


def test_an_unavailable_server_is_tried_again(open_client: Callable[..., Any]) -> None:
    with Served(refuse_times(2, Refuse(grpc.StatusCode.UNAVAILABLE, reason="SHUTTING_DOWN"))) as served:
        assert open_client(served.address).route("hi").route == "general"
        assert len(served.scripted.requests) == 3


def test_an_overloaded_server_is_left_alone_for_as_long_as_it_asks(open_client: Callable[..., Any]) -> None:
    refusal = Refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, reason="OVERLOADED", retry_after=0.1)
    with Served(refuse_times(1, refusal)) as served:
        client = open_client(served.address)
        start = time.monotonic()
        assert client.route("hi").route == "general"
        assert time.monotonic() - start >= 0.1
        assert len(served.scripted.requests) == 2


def test_a_wait_beyond_the_deadline_is_not_begun(open_client: Callable[..., Any]) -> None:
    refusal = Refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, reason="RATE_LIMITED", retry_after=0.9)
    with Served(refuse_times(9, refusal)) as served:
        client = open_client(served.address, timeout=0.8)
        start = time.monotonic()
        with pytest.raises(fastroute.ServiceError) as raised:
            client.route("hi")
        assert time.monotonic() - start < 0.8
        found = raised.value
        assert (found.code, found.status, found.retry_after) == ("RATE_LIMITED", "RESOURCE_EXHAUSTED", 0.9)
        assert len(served.scripted.requests) == 1


@pytest.mark.parametrize(
    ("refusal", "error", "code"),
    [
        (Refuse(grpc.StatusCode.INVALID_ARGUMENT, reason="TEXT_TOO_LONG"), fastroute.RequestError, "TEXT_TOO_LONG"),
        (Refuse(grpc.StatusCode.NOT_FOUND, reason="UNKNOWN_REVISION"), fastroute.RequestError, "UNKNOWN_REVISION"),
        (Refuse(grpc.StatusCode.INVALID_ARGUMENT, reason="RENDER_FAILED"), fastroute.RenderError, "RENDER_FAILED"),
        (
            Refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, reason="MESSAGE_TOO_LARGE"),
            fastroute.RequestError,
            "MESSAGE_TOO_LARGE",
        ),
        (Refuse(grpc.StatusCode.INTERNAL, reason="INTERNAL"), fastroute.InternalError, "INTERNAL"),
        (Refuse(grpc.StatusCode.UNAUTHENTICATED, reason="UNAUTHENTICATED"), fastroute.ServiceError, "UNAUTHENTICATED"),
        (Refuse(grpc.StatusCode.PERMISSION_DENIED, reason="ROLE_MISSING"), fastroute.ServiceError, "ROLE_MISSING"),
        (Refuse(grpc.StatusCode.INTERNAL), fastroute.ServiceError, "INTERNAL"),
        (Refuse(grpc.StatusCode.NOT_FOUND), fastroute.ServiceError, "NOT_FOUND"),
        (Refuse(grpc.StatusCode.RESOURCE_EXHAUSTED), fastroute.ServiceError, "RESOURCE_EXHAUSTED"),
    ],
    ids=lambda value: value.reason or value.status.name if isinstance(value, Refuse) else "",
)
def test_a_refusal_is_the_exception_of_the_router_and_is_not_tried_again(
    refusal: Refuse, error: type[fastroute.FastrouteError], code: str, open_client: Callable[..., Any]
) -> None:
    with Served(refuse_times(9, refusal)) as served:
        with pytest.raises(error) as raised:
            open_client(served.address).route("hi")
        assert (type(raised.value), raised.value.code, str(raised.value)) == (error, code, "scripted")
        assert len(served.scripted.requests) == 1


def test_the_deadline_goes_with_the_call_and_ends_it(open_client: Callable[..., Any]) -> None:
    def slow(number: int, _: Any) -> Any:
        if number:
            time.sleep(0.4)
        return decided()

    with Served(slow) as served:
        client = open_client(served.address, timeout=30)
        client.route("hi", timeout=9)
        assert 8 < served.scripted.remaining[0] < 9.1
        with pytest.raises(fastroute.ServiceError) as raised:
            client.route("hi", timeout=0.2)
        assert raised.value.code == "DEADLINE_EXCEEDED"


def test_a_server_that_is_not_there_is_an_error_of_the_service(open_client: Callable[..., Any]) -> None:
    with pytest.raises(fastroute.ServiceError) as raised:
        open_client("127.0.0.1:1", timeout=0.3).route("hi")
    assert raised.value.code == "UNAVAILABLE"


def test_calls_go_round_among_addresses_and_past_one_that_is_gone(open_client: Callable[..., Any]) -> None:
    with Served(lambda *_: decided()) as first, Served(lambda *_: decided()) as second:
        client = open_client([first.address, second.address, "127.0.0.1:1"])
        deadline = time.monotonic() + 10
        while not (first.scripted.requests and second.scripted.requests):  # until both are connected
            client.route("hi")
            assert time.monotonic() < deadline
        for served in (first, second):
            served.scripted.requests.clear()
        for _ in range(20):
            client.route("hi")
        assert len(first.scripted.requests) == len(second.scripted.requests) == 10


@pytest.mark.parametrize("addresses", [[], ["a:1", "b:2"], ["127.0.0.1:1", "[::1]:1"], ["127.0.0.1", "127.0.0.1:1"]])
def test_addresses_that_cannot_share_a_channel_are_refused(addresses: list[str]) -> None:
    with pytest.raises(ValueError, match="address"):
        Client(addresses)


def test_token_and_trace_go_with_the_call(open_client: Callable[..., Any]) -> None:
    with Served(lambda *_: decided()) as served:
        client = open_client(served.address, token="secret-token")
        client.route("hi", traceparent=TRACE)
        client.route("hi")
        first, second = served.scripted.metadata
        assert first["authorization"] == second["authorization"] == "Bearer secret-token"
        assert first["traceparent"] == TRACE
        assert "traceparent" not in second
        assert "grpc-encoding" not in first
        assert "secret" not in repr(client)
        with pytest.raises(ValueError, match="traceparent"):
            client.route("hi", traceparent="not a trace")


def test_the_current_context_of_opentelemetry_goes_with_the_call() -> None:
    from opentelemetry import trace

    context = trace.SpanContext(0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331, False, trace.TraceFlags(1))
    with (
        Served(lambda *_: decided()) as served,
        Client(served.address) as client,
        trace.use_span(trace.NonRecordingSpan(context)),
    ):
        client.route("hi")
        assert served.scripted.metadata[0]["traceparent"] == TRACE


def test_a_question_comes_here_when_it_is_wanted_and_goes_back_with_its_answer(
    open_client: Callable[..., Any],
) -> None:
    with Served(lambda number, _: decided() if number else asked(user="x")) as served:
        questions: list[Question] = []

        def answer(question: Question) -> str:
            questions.append(question)
            return "general"

        down = [["small"], ["large"]]
        client = open_client(served.address)
        client.route("hi", on_ask=answer, unavailable=lambda: down[len(questions)], seed=7)
        assert (questions[0].labels, questions[0].timeout_ms) == (("general", "none_of_these"), 100.0)
        first, second = served.scripted.requests
        assert first.return_question and not first.HasField("answer")
        assert (second.answer.label, second.revision, second.seed) == ("general", "a" * 16, 7)
        assert second.answer.waited.nanos > 0
        assert (list(first.unavailable_models), list(second.unavailable_models)) == (["small"], ["large"])


def test_declining_is_said_and_a_wrong_answer_is_refused(open_client: Callable[..., Any]) -> None:
    with Served(lambda number, _: decided() if number else asked()) as served:
        client = open_client(served.address)
        client.route("hi", on_ask=lambda _: None)
        answer = served.scripted.requests[1].answer
        assert served.scripted.requests[1].HasField("answer") and not answer.HasField("label")
    with Served(lambda *_: asked()) as served, pytest.raises(TypeError, match="on_ask"):
        open_client(served.address).route("hi", on_ask=lambda _: 7)


def test_an_asynchronous_client_awaits_an_answer() -> None:
    async def answer(_: Question) -> str:
        await asyncio.sleep(0)
        return "general"

    async def route(address: str) -> None:
        async with fastroute.AsyncClient(address) as client:
            await client.route("hi", on_ask=answer)

    with Served(lambda number, _: decided() if number else asked()) as served:
        asyncio.run(route(served.address))
        assert served.scripted.requests[1].answer.label == "general"


def test_reports_name_the_attempt_and_tell_what_became_of_them(open_client: Callable[..., Any]) -> None:
    statuses = router_service_pb2.ReportStatus
    results = [
        (statuses.REPORT_STATUS_ACCEPTED, ""),
        (statuses.REPORT_STATUS_DUPLICATE, ""),
        (statuses.REPORT_STATUS_EXPIRED, ""),
        (statuses.REPORT_STATUS_REFUSED, "INVALID_REPORT"),
    ]

    def script(number: int, _: Any) -> Any:
        return reported(*results[number - 1]) if number else decided(report_token=b"\x00\xff")

    with Served(script) as served:
        client = open_client(served.address)
        decision = client.route("hi")
        told = client.report(decision, "success", attempt=2, first_token_ms=1.5, latency_ms=20, output_tokens=9)
        assert told == "accepted"
        report = served.scripted.requests[1].reports[0]
        assert (report.report_token, report.attempt, report.model) == (b"\x00\xff", 2, "small")
        assert report.outcome == router_service_pb2.ATTEMPT_OUTCOME_SUCCESS
        assert (report.first_token.nanos, report.latency.nanos) == (1_500_000, 20_000_000)
        assert report.output_tokens == 9 and not report.HasField("input_tokens")
        assert client.report(decision, "timeout", model="large") == "duplicate"
        assert client.report(decision, "timeout") == "expired"
        with pytest.raises(fastroute.RequestError) as raised:
            client.report(decision, "timeout")
        assert raised.value.code == "INVALID_REPORT"
        with pytest.raises(ValueError, match="outcome"):
            client.report(decision, "unspecified")


def test_every_outcome_of_an_attempt_has_a_name() -> None:
    numbers = router_service_pb2.AttemptOutcome.items()
    names = [name.removeprefix("ATTEMPT_OUTCOME_").lower() for name, number in numbers if number]
    assert list(fastroute.ATTEMPT_OUTCOMES) == names


def test_an_answer_that_says_nothing_is_an_error(open_client: Callable[..., Any]) -> None:
    from fastroute.v1 import router_pb2

    with Served(lambda *_: router_pb2.RouteResponse()) as served:
        with pytest.raises(fastroute.ServiceError) as raised:
            open_client(served.address).route("hi")
        assert raised.value.code == "UNREADABLE_ANSWER"


def test_what_the_arguments_cannot_say_is_refused_before_it_is_sent(open_client: Callable[..., Any]) -> None:
    with Served(lambda *_: decided()) as served:
        client = open_client(served.address)
        for arguments, error in (
            ({}, TypeError),
            ({"text": "a", "messages": []}, TypeError),
            ({"text": "\ud800"}, fastroute.RequestError),
            ({"text": "a", "capabilities": ["flight"]}, fastroute.RequestError),
            ({"text": "a", "unavailable": "small"}, TypeError),
            ({"text": "a", "seed": -1}, fastroute.RequestError),
        ):
            with pytest.raises(error):
                client.route(**arguments)
        assert not served.scripted.requests


def test_a_closed_client_says_so(open_client: Callable[..., Any]) -> None:
    with Served(lambda *_: decided()) as served:
        client = open_client(served.address)
        client.route("hi")
        client.close()
        client.close()
        with pytest.raises(ValueError, match="closed"):
            client.route("hi")


def test_without_grpcio_the_error_names_the_extra() -> None:
    code = "import sys; sys.modules['grpc'] = None\nimport fastroute\nfastroute.Client()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: fastroute's clients need grpcio: pip install 'fastroute[grpc]'" in run.stderr


def test_clients_take_what_the_router_takes() -> None:
    def options(method: Callable[..., Any]) -> dict[str, Any]:
        parameters = inspect.signature(method).parameters.values()
        return {each.name: (each.default, each.kind) for each in parameters if each.name != "self"}

    for name in ("route", "route_batch"):
        own = options(getattr(fastroute.Router, name))
        del own["caller"]  # a server knows who calls
        for kind in (Client, fastroute.AsyncClient):
            theirs = options(getattr(kind, name))
            assert {key: theirs.pop(key) for key in own} == own
            assert set(theirs) == {"timeout", "traceparent"}
    blocking, awaiting = ({n for n in vars(k) if n[0] != "_"} for k in (Client, fastroute.AsyncClient))
    assert blocking == awaiting
    shared = {n for n in vars(fastroute.Decision) if n[0] != "_"}
    shared.remove("session_after")  # needs the configuration, which the server has
    for decision in (fastroute.RemoteDecision, fastroute.AsyncRemoteDecision):
        assert shared <= {n for n in dir(decision) if n[0] != "_"}
