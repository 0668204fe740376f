"""What the host's own functions do wrongly stays with the request that called them."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import fastroute
from dispatched import everywhere, outcomes_of, router_of
from fastroute import Dispatcher, DispatchError, SyncDispatcher
from fastroute.providers import Callable, Delta, ProviderCall, ProviderError, Reply, Scripted, Usage
from scripted_provider import ASKED, finish

TO_DESK = "agent: desk"


async def complete(router: fastroute.Router, providers: Any, **given: Any) -> fastroute.Answer:
    agents, functions = given.pop("agents", None), given.pop("functions", None)
    async with Dispatcher(router, providers=providers, agents=agents, functions=functions) as dispatcher:
        return await dispatcher.complete(given.pop("text", ASKED), **given)


def unknown_outcome(call: ProviderCall) -> str:
    raise ProviderError("overloaded", "busy")


def endless_wait(call: ProviderCall) -> str:
    raise ProviderError("rate_limited", "busy", retry_after_s=float("inf"))


def unknown_scope(call: ProviderCall) -> str:
    raise ProviderError("rate_limited", "busy", limit_scope="account")


def run_dry(call: ProviderCall) -> str:
    return next(iter(()))


def leaves(call: ProviderCall) -> str:
    sys.exit(1)


async def leaves_too(call: ProviderCall) -> str:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "said",
    [
        unknown_outcome,
        endless_wait,
        unknown_scope,
        run_dry,
        leaves,
        leaves_too,
        lambda call: None,
        lambda call: Reply(7),  # type: ignore[arg-type]
        lambda call: {"content": "x"},
    ],
)
def test_the_next_model_answers_whatever_a_function_does(said: Any) -> None:
    with SyncDispatcher(router_of(), providers={"near": Callable(said), "far": Scripted(["fine"])}) as dispatcher:
        for _ in range(2):
            answer = dispatcher.complete(ASKED)
            assert (answer.text, answer.model) == ("fine", "middle")
            assert answer.attempts[0].latency_ms < 5_000
        assert dispatcher.in_flight == 0


@pytest.mark.parametrize(
    "usage", [{"input_tokens": 5, "output_tokens": 2}, Usage(-1, None, 3), (1.5, None, 3), Usage(2**70), None, 7]
)
def test_counts_that_cannot_be_are_not_counts(usage: Any) -> None:
    provider = Callable(lambda call: {"text": "fine", "usage": usage})
    answer = finish(complete(router_of(), everywhere(provider)))
    assert (answer.text, answer.model) == ("fine", "small")
    for count in answer.usage:
        assert count is None or count >= 0
    if isinstance(usage, dict):
        assert answer.usage == Usage(5, None, 2)


@pytest.mark.parametrize("said", [unknown_outcome, leaves, lambda call: None, lambda call: Reply(None)])  # type: ignore[arg-type]
def test_a_question_that_a_function_answers_wrongly_falls_to_the_default(said: Any) -> None:
    router = router_of(
        routes="  - {name: legal, description: Law.}",
        classify="{order: [meta_llm], meta_llm: {model: middle, timeout: 5s}}",
    )
    with SyncDispatcher(router, providers={"near": Scripted(["fine"]), "far": Callable(said)}) as dispatcher:
        answer = dispatcher.complete(ASKED)
        assert (answer.text, answer.decision.route) == ("fine", "general")


def test_the_exception_of_a_function_is_the_cause_of_the_error() -> None:
    def broken(call: ProviderCall) -> str:
        return str(dict[str, str]()["answer"])

    with pytest.raises(DispatchError) as caught:
        finish(complete(router_of(), everywhere(Callable(broken))))
    assert isinstance(caught.value.__cause__, KeyError)
    assert "KeyError" in str(caught.value)


def test_many_plain_functions_run_at_once_and_none_counts_as_late() -> None:
    together = threading.Barrier(40, timeout=10)

    def slow(call: ProviderCall) -> str:
        together.wait()
        return "fine"

    router = router_of(timeouts="{attempt: 5s, first_token: 5s, idle: 5s}")
    with SyncDispatcher(router, providers=everywhere(Callable(slow))) as dispatcher, ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: dispatcher.complete(ASKED), range(40)))
    assert {outcome for answer in answers for outcome in outcomes_of(answer.attempts)} == {("small", "success")}


def test_many_agents_that_send_on_do_not_wait_for_each_other() -> None:
    together = threading.Barrier(20, timeout=10)

    def desk(request: Any, decision: Any, dispatcher: SyncDispatcher) -> str:
        together.wait()
        return dispatcher.complete(request.text, **request.again()).text

    providers = everywhere(Callable(lambda call: "fine"))
    with (
        SyncDispatcher(
            router_of(general=TO_DESK), providers=providers, agents={"desk": desk}, max_in_flight=20
        ) as dispatcher,
        ThreadPoolExecutor(20) as pool,
    ):
        assert list(pool.map(lambda _: dispatcher.complete(ASKED).text, range(20))) == ["fine"] * 20


def test_an_agent_that_sends_on_takes_no_second_place() -> None:
    async def desk(request: Any, decision: Any, dispatcher: Any) -> str:
        await asyncio.sleep(0)
        return str((await dispatcher.complete(request.text)).text)

    async def work() -> list[str]:
        providers = everywhere(Scripted(["fine"]))
        async with Dispatcher(
            router_of(general=TO_DESK), providers=providers, agents={"desk": desk}, max_in_flight=2
        ) as dispatcher:
            answers = await asyncio.gather(*(dispatcher.complete(ASKED) for _ in range(6)))
            return [answer.text for answer in answers]

    assert finish(work()) == ["fine"] * 6


def test_a_judge_that_never_speaks_leaves_the_answer() -> None:
    async def silent(question: str, answer: str) -> float:
        await asyncio.sleep(60)
        return 1.0

    general = "cascade: {accept: {answer_confidence: {min: 0.7, from: function, function: judge}}}"
    router = router_of(general=general)
    answer = finish(complete(router, everywhere(Scripted(["fine"])), functions={"judge": silent}, deadline_ms=300))
    assert (answer.text, answer.accepted, answer.confidence) == ("fine", False, None)


@pytest.mark.parametrize("way", ["object", "lambda"])
def test_a_judge_may_be_written_in_any_way(way: str) -> None:
    async def judge(question: str, answer: str) -> float:
        return 0.9

    class Judge:
        async def __call__(self, question: str, answer: str) -> float:
            return await judge(question, answer)

    functions = {"judge": Judge() if way == "object" else lambda question, answer: judge(question, answer)}
    general = "cascade: {accept: {answer_confidence: {min: 0.7, from: function, function: judge}}}"
    answer = finish(complete(router_of(general=general), everywhere(Scripted(["fine"])), functions=functions))
    assert (answer.model, answer.accepted) == ("small", True)
    assert answer.confidence == pytest.approx(0.9)


def test_a_reader_that_is_late_does_not_count_against_the_model() -> None:
    async def many(call: ProviderCall) -> Any:
        for _ in range(300):
            yield Delta("x ")

    async def work() -> None:
        router = router_of()
        async with Dispatcher(router, providers=everywhere(Callable(many))) as dispatcher:
            for _ in range(6):
                with pytest.raises(DispatchError) as caught:
                    async for _ in dispatcher.stream(ASKED, deadline_ms=60):
                        await asyncio.sleep(0.002)
                assert caught.value.code == "DEADLINE_EXCEEDED", caught.value
            assert all(cell["state"] == "closed" for cell in router.live.figures()["cells"])
            assert (await dispatcher.complete(ASKED)).model == "small"

    finish(work())


def test_closing_ends_the_requests_that_run() -> None:
    begun = threading.Event()

    async def hangs(call: ProviderCall) -> str:
        begun.set()
        await asyncio.sleep(60)
        return ""

    dispatcher = SyncDispatcher(router_of(), providers=everywhere(Callable(hangs)))
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            dispatcher.complete(ASKED)
        except DispatchError as error:
            errors.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    assert begun.wait(10)
    started = time.monotonic()
    dispatcher.close()
    thread.join(10)
    assert not thread.is_alive()
    assert time.monotonic() - started < 5
    assert [error.code for error in errors if isinstance(error, DispatchError)] == ["CANCELLED"]


def test_a_stream_after_its_dispatcher_was_closed_says_so() -> None:
    with SyncDispatcher(router_of(), providers=everywhere(Scripted(["one two"]))) as dispatcher:
        chunks = dispatcher.stream(ASKED)
        assert next(chunks).text == "one"
    with pytest.raises(DispatchError) as caught:
        next(chunks)
    assert caught.value.code == "CANCELLED"


def test_an_agent_that_ends_the_program_ends_its_own_request_alone() -> None:
    def desk(request: Any, decision: Any, dispatcher: Any) -> str:
        sys.exit(3)

    routes = "  - {name: desk, description: The desk., agent: desk}"
    rules = "  - {name: desk, when: {keywords: {any: [desk]}}, then: {route: desk}}"
    with SyncDispatcher(
        router_of(routes=routes, rules=rules), providers=everywhere(Scripted(["fine"])), agents={"desk": desk}
    ) as dispatcher:
        with pytest.raises(SystemExit):
            dispatcher.complete("desk")
        assert dispatcher.complete(ASKED).text == "fine"
