"""What goes beside the models of a plan: agents, retrievers, tools, judges, and the limits that hold for them too."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

import fastroute
from dispatched import everywhere, router_of
from fastroute import Answer, Dispatcher, DispatchError, RequestError
from fastroute.providers import Anthropic, Callable, OpenAI, ProviderError, Reply, Scripted, ToolCall
from scripted_provider import ASKED, Mock, call_of, finish

SECRET = "  - {name: secret, when: {keywords: {any: [secret]}}, then: {restrict: {models: [small]}}}"
RETRIEVAL = "retrieval: {collection: kb, top_k: 2, max_tokens: 20}"


async def complete(router: fastroute.Router, providers: Any, **given: Any) -> Answer:
    names = ("agents", "functions", "retrievers", "trusted")
    settings = {name: given.pop(name) for name in names if name in given}
    async with Dispatcher(router, providers=providers, **settings) as dispatcher:
        return await dispatcher.complete(given.pop("text", ASKED), **given)


def test_an_agent_gets_no_request_that_a_rule_restricts_unless_it_is_trusted() -> None:
    seen: list[str] = []

    def desk(request: Any, decision: Any, dispatcher: Any) -> str:
        seen.append(request.last_text())
        return "done"

    router = router_of(general="agent: desk", rules=SECRET)
    given: dict[str, Any] = {"text": "my secret", "agents": {"desk": desk}}
    with pytest.raises(DispatchError) as caught:
        finish(complete(router, everywhere(Scripted(["fine"])), **given))
    assert (caught.value.code, seen) == ("NOT_PERMITTED", [])
    assert "my secret" not in str(caught.value)
    assert finish(complete(router, everywhere(Scripted(["fine"])), **given, trusted=["desk"])).text == "done"
    assert finish(complete(router, everywhere(Scripted(["fine"])), **given | {"text": ASKED})).text == "done"


def test_a_retriever_gets_no_request_that_a_rule_restricts_unless_it_is_trusted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[str] = []

    def search(collection: str, query: str, top_k: int) -> list[str]:
        seen.append(query)
        return ["found"]

    router = router_of(general=RETRIEVAL, rules=SECRET)
    given: dict[str, Any] = {"text": "my secret", "retrievers": {"kb": search}}
    provider = Scripted(["fine"])
    with caplog.at_level(logging.INFO, logger="fastroute"):
        assert finish(complete(router, everywhere(provider), **given)).text == "fine"
    assert seen == []
    assert "kb" in caplog.text
    assert "my secret" not in caplog.text
    finish(complete(router, everywhere(provider), **given, trusted=["kb"]))
    assert seen == ["my secret"]
    assert "found" in str(provider.calls[-1].messages)


def test_settings_that_cannot_work_are_found_before_a_request() -> None:
    with pytest.raises(ValueError, match="`kb`"):
        Dispatcher(router_of(), trusted=["kb"])
    with pytest.raises(TypeError, match="Callable"):
        Dispatcher(router_of(), providers={"near": lambda call: "fine"})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="desk"):
        Dispatcher(router_of(), agents={"desk": "desk"})  # type: ignore[dict-item]


@pytest.mark.parametrize("way", ["always", "never"])
def test_reasoning_is_asked_for_of_models_that_can(way: str) -> None:
    provider = Scripted([ProviderError("server_error", "down"), "fine"])
    router = router_of(general=f"reasoning: {way}", can="tools, json_schema, reasoning")
    answer = finish(complete(router, everywhere(provider)))
    assert answer.model == "middle"
    assert [call.reasoning for call in provider.calls] == [way == "always", False]


def test_providers_ask_for_reasoning_in_their_own_words() -> None:
    asked, plain = call_of(reasoning=True, max_output_tokens=4096, temperature=0.0), call_of(max_output_tokens=4096)
    assert OpenAI()._body(asked, "https://x.example")["reasoning_effort"] == "medium"
    assert "reasoning_effort" not in OpenAI()._body(plain, "https://x.example")
    body = Anthropic()._body(asked)
    assert (body["thinking"], "temperature" in body) == ({"type": "enabled", "budget_tokens": 2048}, False)
    assert "thinking" not in Anthropic()._body(plain)
    assert "thinking" not in Anthropic()._body(call_of(reasoning=True, max_output_tokens=1000))


def test_an_agent_is_held_to_the_deadline_of_the_configuration() -> None:
    async def desk(request: Any, decision: Any, dispatcher: Any) -> str:
        assert request.again()["deadline_ms"] <= 200
        await asyncio.sleep(60)
        return ""

    with pytest.raises(DispatchError) as caught:
        finish(
            complete(router_of(general="agent: desk"), everywhere(Scripted([])), agents={"desk": desk}, deadline_ms=200)
        )
    assert caught.value.code == "DEADLINE_EXCEEDED"

    async def left(request: Any, decision: Any, dispatcher: Any) -> str:
        return str(request.again()["deadline_ms"])

    answer = finish(complete(router_of(general="agent: desk"), everywhere(Scripted([])), agents={"desk": left}))
    assert 10_000 < float(answer.text) <= 15_000


def test_an_agents_answer_counts_what_was_spent_before_it() -> None:
    async def desk(request: Any, decision: Any, dispatcher: Any) -> Answer:
        found: Answer = await dispatcher.complete(request.text, task="plain")
        return found

    router = router_of(
        general="agent: desk",
        routes="  - {name: plain, description: Law., choose: [small]}",
        rules="  - {name: plain, when: {task: {in: [plain]}}, then: {route: plain}}",
        classify="{order: [task, rules, meta_llm], meta_llm: {model: middle, timeout: 5s}}",
    )
    providers = {"near": Scripted(["fine"]), "far": Scripted(["general"])}
    answer = finish(complete(router, providers, agents={"desk": desk}))
    assert (answer.text, answer.agent) == ("fine", "desk")
    assert answer.costs.meta_llm > 0
    assert answer.cost_usd == pytest.approx(sum(answer.costs[1:]))


def test_agents_that_do_not_name_themselves_are_stopped_in_circles_too() -> None:
    count = 0

    async def on(request: Any, decision: Any, dispatcher: Any) -> str:
        nonlocal count
        count += 1
        return str((await dispatcher.complete("left" if decision.agent == "right" else "right")).text)

    routes = "  - {name: right, description: Right., agent: right}\n  - {name: left, description: Left., agent: left}"
    rules = "\n".join(
        f"  - {{name: {name}, when: {{keywords: {{any: [{name}]}}}}, then: {{route: {name}}}}}"
        for name in ("left", "right")
    )
    router = router_of(routes=routes, rules=rules)
    with pytest.raises(DispatchError) as caught:
        finish(complete(router, everywhere(Scripted(["fine"])), text="left", agents={"left": on, "right": on}))
    assert (caught.value.code, count) == ("AGENT_LOOP", 9)


@pytest.mark.parametrize(
    ("found", "context"), [("One passage.", " [One passage.]"), (None, ""), ([], ""), (("a", "b"), " [a\n\nb]")]
)
def test_a_retriever_may_return_one_text_or_none(found: Any, context: str) -> None:
    provider = Scripted(["fine"])
    retrievers = {"kb": lambda collection, query, top_k: found}
    finish(complete(router_of(general=RETRIEVAL), everywhere(provider), retrievers=retrievers))
    assert provider.calls[0].messages[-1]["content"] == f"{ASKED}{context}"


@pytest.mark.parametrize(("found", "kind"), [(7, "int"), ({"a": 1}, "dict"), ([{"text": "a"}], "list of dict")])
def test_a_retriever_that_returns_something_else_is_told(found: Any, kind: str) -> None:
    retrievers = {"kb": lambda collection, query, top_k: found}
    with pytest.raises(DispatchError, match=f"returned {kind}, not texts") as caught:
        finish(complete(router_of(general=RETRIEVAL), everywhere(Scripted(["fine"])), retrievers=retrievers))
    assert caught.value.code == "RETRIEVAL_FAILED"


def test_an_empty_summary_is_none() -> None:
    router = router_of(general="on_too_long: {summarise: {model: large, max_tokens: 100}}", fallback="[]")
    with pytest.raises(DispatchError, match="nothing in its summary") as caught:
        finish(complete(router, everywhere(Scripted(["  "])), text=" ".join(f"word{n}" for n in range(6000))))
    assert caught.value.code == "CONTEXT_TOO_LONG"


@pytest.mark.parametrize(("arguments", "model"), [('{"city": "Lisbon"}', "small"), ('{"city": ', "middle")])
def test_calls_of_tools_are_accepted_when_their_arguments_are_json(arguments: str, model: str) -> None:
    routes = "  - {name: hard, description: Hard., choose: [small, middle], cascade: {accept: {format: json}}}"
    router = router_of(routes=routes, rules="  - {name: hard, when: {task: {in: [hard]}}, then: {route: hard}}")
    calls = Reply("", (ToolCall("1", "look", arguments),), "tool_calls")
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    providers = {"near": Scripted([calls]), "far": Scripted(["{}"])}
    answer = finish(complete(router, providers, task="hard", tools=[tool]))
    assert (answer.model, answer.accepted) == (model, True)


@pytest.mark.parametrize(
    "limits",
    [{"deadline_ms": value} for value in (float("nan"), float("inf"), -1, 0)]
    + [{"max_output_tokens": value} for value in (-1, 0)],
)
def test_limits_that_cannot_be_are_the_requests_error(limits: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as caught:
        finish(complete(router_of(), everywhere(Scripted(["fine"])), **limits))
    assert caught.value.code == "INVALID_LIMIT"


def test_a_request_that_nothing_can_serve_now_says_when_to_try_again() -> None:
    limited = ProviderError("rate_limited", "status 429", retry_after_s=60)

    async def work() -> None:
        async with Dispatcher(router_of(), providers=everywhere(Scripted([limited]))) as dispatcher:
            for code in ("ALL_ATTEMPTS_FAILED", "NOTHING_FITS"):
                with pytest.raises(DispatchError, match="try again in") as caught:
                    await dispatcher.complete(ASKED)
                assert caught.value.code == code
                assert caught.value.retry_after_s == pytest.approx(60, abs=3)

    finish(work())


def test_a_whole_answer_that_pauses_in_its_middle_is_given_up() -> None:
    models = {"small": {"behaviours": ["hang_midway"]}, "middle": {"replies": ["From afar."]}}

    async def work() -> None:
        async with Mock({"models": models}) as mock:
            timeouts = "{attempt: 10s, first_token: 10s, idle: 100ms}"
            router = router_of(near=mock.base_url, far=mock.base_url, timeouts=timeouts)
            async with Dispatcher(router) as dispatcher:
                answer = await dispatcher.complete(ASKED)
                assert (answer.model, answer.attempts[0].outcome) == ("middle", "timeout")
                assert answer.attempts[0].latency_ms < 5_000

    finish(work())


def test_a_function_may_yield_nothing_of_use_and_the_next_model_answers() -> None:
    async def odd(call: Any) -> Any:
        yield 7

    answer = finish(complete(router_of(), {"near": Callable(odd), "far": Scripted(["fine"])}))
    assert (answer.text, answer.model) == ("fine", "middle")
