"""The steps around a run: asking for a route, agents, retrieval, cascades, long texts, sessions, savings."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

import fastroute
from dispatched import everywhere, outcomes_of, router_of
from fastroute import Answer, Dispatcher, DispatchError
from fastroute.providers import Callable, ProviderCall, ProviderError, Reply, Scripted, Usage
from scripted_provider import ASKED, finish

ASK = "{order: [task, rules, meta_llm], meta_llm: {model: small, timeout: 10s}}"
BILLING = "  - {name: billing, description: Invoices., choose: [middle]}"
VOTES = "{order: [task, rules, meta_llm], meta_llm: {model: small, timeout: 10s, votes: 3}}"


async def complete(router: fastroute.Router, providers: Any, *, text: str | None = ASKED, **given: Any) -> Answer:
    settings = {name: given.pop(name) for name in ("agents", "retrievers", "functions") if name in given}
    async with Dispatcher(router, providers=providers, **settings) as dispatcher:
        return await dispatcher.complete(text, **given)


# ---------------------------------------------------------------- the meta-LLM


def test_the_meta_llm_is_asked_and_its_cost_counts() -> None:
    near = Scripted([Reply("billing", usage=Usage(200, 0, 3))])
    far = Scripted([Reply("Paid.", usage=Usage(10, 0, 2))])
    router = router_of(routes=BILLING, classify=ASK)
    answer = finish(complete(router, {"near": near, "far": far}))
    assert (answer.text, answer.decision.route, answer.model) == ("Paid.", "billing", "middle")
    assert answer.costs.meta_llm == pytest.approx((200 * 1.0 + 3 * 2.0) / 1e6)
    assert answer.costs.answer == pytest.approx((10 * 10.0 + 2 * 20.0) / 1e6)
    assert answer.cost_usd == pytest.approx(answer.costs.meta_llm + answer.costs.answer)
    (question,) = near.calls
    assert question.temperature == 0.0
    assert question.schema is not None
    assert "billing" in json.dumps(question.schema)
    assert ASKED not in str(question.messages[0])
    assert "which way is north?" in str(question.messages[1])


def test_a_question_that_could_cost_more_than_the_request_may_is_not_asked() -> None:
    dear, cheap = Scripted(["billing"] * 2), Scripted(["Fine."] * 2)
    providers: dict[str, Any] = {**everywhere(cheap), "other": dear}
    router = router_of(routes=BILLING, classify=ASK.replace("small", "large"))
    answer = finish(complete(router, providers, max_cost=0.002))
    assert (answer.text, answer.model, len(dear.calls)) == ("Fine.", "small", 0)
    assert (answer.decision.reason.code, answer.costs.meta_llm) == ("DEFAULT_META_LLM_DECLINED", 0)
    assert answer.cost_usd <= 0.002
    asked = finish(complete(router, providers, max_cost=0.2))
    assert (asked.decision.route, len(dear.calls)) == ("billing", 1)


def test_an_answer_is_kept_by_content_and_not_asked_again() -> None:
    near, far = Scripted(["billing"]), Scripted(["Paid."])
    router = router_of(routes=BILLING, classify=ASK)

    async def work() -> None:
        async with Dispatcher(router, providers={"near": near, "far": far}) as dispatcher:
            for _ in range(3):
                assert (await dispatcher.complete(ASKED)).decision.route == "billing"
            assert len(near.calls) == 1
            await dispatcher.complete("another question")
            assert len(near.calls) == 2

    finish(work())


@pytest.mark.parametrize(
    "said",
    [
        "I think it is billing.",
        "",
        '{"label": "nonsense"}',
        ProviderError("server_error", "down"),
        ValueError("broken"),
    ],
)
def test_what_is_no_label_falls_to_the_default(said: Any) -> None:
    def answer(call: ProviderCall) -> Any:
        if call.schema is not None:  # the question
            if isinstance(said, Exception):
                raise said
            return said
        return "fine"

    router = router_of(routes=BILLING, classify=ASK)
    found = finish(complete(router, everywhere(Callable(answer))))
    assert (found.text, found.decision.route) == ("fine", "general")
    assert found.decision.reason.code.startswith("DEFAULT")


def test_a_late_answer_falls_to_the_default_within_its_time() -> None:
    async def answer(call: ProviderCall) -> str:
        if call.schema is not None:
            await asyncio.Event().wait()
        return "fine"

    classify = "{order: [task, rules, meta_llm], meta_llm: {model: small, timeout: 50ms}}"
    found = finish(complete(router_of(routes=BILLING, classify=classify), everywhere(Callable(answer))))
    assert (found.text, found.decision.route) == ("fine", "general")


def test_the_deadline_of_a_request_holds_for_its_question_too() -> None:
    async def answer(call: ProviderCall) -> str:
        await asyncio.Event().wait()
        return "billing"

    async def work() -> float:
        loop = asyncio.get_running_loop()
        started = loop.time()
        with pytest.raises(DispatchError) as caught:
            await complete(router_of(routes=BILLING, classify=ASK), everywhere(Callable(answer)), deadline_ms=60)
        assert caught.value.code == "DEADLINE_EXCEEDED"
        return loop.time() - started

    assert 0.05 < finish(work()) < 5


def test_the_majority_of_votes_counts() -> None:
    near = Scripted(["billing", "general", "billing"])
    answer = finish(complete(router_of(routes=BILLING, classify=VOTES), {"near": near, "far": Scripted(["Paid."])}))
    assert (answer.decision.route, len(near.calls)) == ("billing", 3)


def test_a_server_without_structured_output_is_asked_for_the_bare_label() -> None:
    refused = ProviderError("invalid_request", "status 400")

    def answer(call: ProviderCall) -> str:
        if call.schema is not None:
            raise refused
        return "billing"

    near = Scripted([answer])
    router = router_of(routes=BILLING, classify=ASK)

    async def work() -> None:
        async with Dispatcher(router, providers={"near": near, "far": Scripted(["Paid."])}) as dispatcher:
            assert (await dispatcher.complete(ASKED)).decision.route == "billing"
            assert (await dispatcher.complete("another")).decision.route == "billing"

    finish(work())
    assert [call.schema is None for call in near.calls] == [False, True, True]


# ---------------------------------------------------------------- agents


def test_an_agent_answers_and_may_send_on() -> None:
    async def desk(request: Any, decision: fastroute.Decision, dispatcher: Dispatcher) -> str:
        assert (request.last_text(), decision.agent) == (ASKED, "desk")
        answer = await dispatcher.complete(request.text, **request.again(), from_agent="desk")
        assert answer.model == "small"
        return f"The desk says: {answer.text}"

    router = router_of(general="agent: desk")
    answer = finish(complete(router, everywhere(Scripted(["fine"])), agents={"desk": desk}))
    assert (answer.text, answer.agent, answer.model) == ("The desk says: fine", "desk", None)


def test_an_agent_may_hand_back_the_answer_it_got() -> None:
    async def desk(request: Any, decision: fastroute.Decision, dispatcher: Dispatcher) -> Answer:
        return await dispatcher.complete(request.text, from_agent="desk")

    router = router_of(general="agent: desk")
    answer = finish(complete(router, everywhere(Scripted(["fine"])), agents={"desk": desk}))
    assert (answer.text, answer.model) == ("fine", "small")


def test_agents_that_send_on_in_circles_are_stopped() -> None:
    count = 0

    async def on(request: Any, decision: fastroute.Decision, dispatcher: Dispatcher) -> Answer:
        nonlocal count
        count += 1
        return await dispatcher.complete("left" if decision.agent == "right" else "right", from_agent=decision.agent)

    routes = "  - {name: right, description: Right., agent: right}\n  - {name: left, description: Left., agent: left}"
    rules = "\n".join(
        f"  - {{name: {name}, when: {{keywords: {{any: [{name}]}}}}, then: {{route: {name}}}}}"
        for name in ("left", "right")
    )
    router = router_of(routes=routes, rules=rules)
    with pytest.raises(DispatchError) as caught:
        finish(complete(router, everywhere(Scripted(["fine"])), text="left", agents={"left": on, "right": on}))
    assert (caught.value.code, count) == ("AGENT_LOOP", 9)


def test_an_agent_that_nobody_registered_is_left_to_the_models() -> None:
    answer = finish(complete(router_of(general="agent: desk"), everywhere(Scripted(["fine"]))))
    assert (answer.text, answer.agent, answer.decision.agent) == ("fine", None, "desk")


# ---------------------------------------------------------------- retrieval

RETRIEVAL = "retrieval: {collection: kb, top_k: 2, max_tokens: 20}"


def test_retrieved_text_enters_the_prompt_as_context() -> None:
    asked: list[tuple[str, str, int]] = []

    async def search(collection: str, query: str, top_k: int) -> list[str]:
        asked.append((collection, query, top_k))
        return ["Up is north.", "Down is south.", "Never seen."]

    provider = Scripted(["fine"])
    finish(complete(router_of(general=RETRIEVAL), everywhere(provider), retrievers={"kb": search}))
    assert asked == [("kb", ASKED, 2)]
    assert provider.calls[0].messages[-1]["content"] == f"{ASKED} [Up is north.\n\nDown is south.]"


def test_retrieved_text_is_cut_to_its_allowance() -> None:
    provider = Scripted(["fine"])
    retrievers = {"kb": lambda collection, query, top_k: ["word " * 5000]}
    finish(complete(router_of(general=RETRIEVAL), everywhere(provider), retrievers=retrievers))
    said = provider.calls[0].messages[-1]["content"]
    assert 20 < len(said) < 400


def test_retrieving_that_fails_is_said_and_nothing_is_called() -> None:
    def broken(collection: str, query: str, top_k: int) -> list[str]:
        raise OSError(f"no {query}")

    provider = Scripted(["fine"])
    with pytest.raises(DispatchError) as caught:
        finish(complete(router_of(general=RETRIEVAL), everywhere(provider), retrievers={"kb": broken}))
    assert (caught.value.code, str(caught.value)) == ("RETRIEVAL_FAILED", "retrieving from `kb` failed: OSError")
    assert not provider.calls


# ---------------------------------------------------------------- cascades


def cascade(accept: str) -> fastroute.Router:
    return router_of(
        routes=f"  - {{name: hard, description: Hard., choose: [small, middle], cascade: {{accept: {accept}}}}}",
        rules="  - {name: hard, when: {task: {in: [hard]}}, then: {route: hard}}",
    )


def test_an_unsure_answer_goes_on_to_the_next_model() -> None:
    near = Scripted([Reply("Perhaps.", log_probabilities=[-1.0, -1.2])])
    far = Scripted([Reply("Surely.", log_probabilities=[-0.01, -0.02])])
    router = cascade("{answer_confidence: {min: 0.7}}")
    answer = finish(complete(router, {"near": near, "far": far}, task="hard"))
    assert (answer.text, answer.model, answer.accepted) == ("Surely.", "middle", True)
    assert answer.confidence == pytest.approx(0.985, abs=0.01)
    assert [(a.model, a.why, a.accepted) for a in answer.attempts] == [
        ("small", "primary", False),
        ("middle", "escalation", True),
    ]
    assert near.calls[0].log_probabilities
    assert answer.costs.escalation > 0


def test_the_best_answer_stands_when_none_is_accepted() -> None:
    near = Scripted([Reply("Perhaps.", log_probabilities=[-0.6])])
    far = Scripted([Reply("Hardly.", log_probabilities=[-2.0])])
    router = cascade("{answer_confidence: {min: 0.9}}")
    answer = finish(complete(router, {"near": near, "far": far}, task="hard"))
    assert (answer.text, answer.model, answer.accepted) == ("Perhaps.", "small", False)


def test_a_model_may_say_how_sure_it_is_itself() -> None:
    def says(text: str, share: float) -> Any:
        return lambda call: f"{text}\nCONFIDENCE: {share}"

    router = cascade("{answer_confidence: {min: 0.7, from: self_reported}}")
    near, far = Scripted([says("Perhaps.", 0.3)]), Scripted([says("Surely.", 0.95)])
    answer = finish(complete(router, {"near": near, "far": far}, task="hard"))
    assert (answer.text, answer.model) == ("Surely.", "middle")
    assert answer.confidence == pytest.approx(0.95)
    assert len(near.calls[0].messages) > 1


def test_a_verifier_judges_and_its_cost_counts() -> None:
    def answer(call: ProviderCall) -> Reply:
        usage = Usage(10, 0, 1)
        if call.model == "large-2":
            return Reply("0.2" if "Perhaps" in str(call.messages) else "0.9", usage=usage)
        return Reply("Perhaps." if call.model == "small" else "Surely.", usage=usage)

    router = cascade("{answer_confidence: {min: 0.7, from: verifier, model: large}}")
    found = finish(complete(router, everywhere(Scripted([answer])), task="hard"))
    assert (found.text, found.accepted) == ("Surely.", True)
    assert found.costs.verify == pytest.approx(2 * (10 * 100.0 + 1 * 200.0) / 1e6)


def test_samples_that_agree_are_accepted() -> None:
    near, far = Scripted(["7", "8", "9"]), Scripted(["It is 42", "42", "so 42"])
    router = cascade("{answer_confidence: {min: 0.6, from: agreement, samples: 3}}")
    answer = finish(complete(router, {"near": near, "far": far}, task="hard"))
    assert (answer.model, answer.accepted) == ("middle", True)
    assert answer.confidence == pytest.approx(1.0)
    assert [call.temperature for call in near.calls] == [0.7] * 3


@pytest.mark.parametrize("is_async", [False, True])
def test_a_function_of_the_host_judges(is_async: bool) -> None:
    def sure(request: str, answer: str) -> float:
        assert request == ASKED
        return 0.9 if answer == "Surely." else 0.1

    async def later(request: str, answer: str) -> float:
        return sure(request, answer)

    router = cascade("{answer_confidence: {min: 0.7, from: function, function: sure}}")
    providers = {"near": Scripted(["Perhaps."]), "far": Scripted(["Surely."])}
    functions = {"sure": later if is_async else sure}
    answer = finish(complete(router, providers, task="hard", functions=functions))
    assert (answer.text, answer.accepted) == ("Surely.", True)
    assert answer.confidence == pytest.approx(0.9)


def test_a_function_that_nobody_gave_or_that_fails_knows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    router = cascade("{answer_confidence: {min: 0.7, from: function, function: sure}}")
    providers = everywhere(Scripted(["Perhaps."]))
    answer = finish(complete(router, providers, task="hard"))
    assert (answer.accepted, answer.confidence) == (False, None)
    answer = finish(complete(router, providers, task="hard", functions={"sure": lambda request, text: 1 / 0}))
    assert (answer.accepted, answer.confidence) == (False, None)
    assert "function `sure`, which judges answers, failed: ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("form", "bad", "good"),
    [
        ("json", "no JSON", '{"way": "north"}'),
        ("{json_schema: {type: object, required: [way]}}", '{"where": 1}', '{"way": "north"}'),
        ("python", "def f(:", "```python\ndef f(): ...\n```"),
    ],
)
def test_an_answer_in_another_form_is_not_accepted(form: str, bad: str, good: str) -> None:
    router = cascade(f"{{format: {form}}}")
    answer = finish(complete(router, {"near": Scripted([bad]), "far": Scripted([good])}, task="hard"))
    assert (answer.text, answer.model, answer.accepted) == (good, "middle", True)


def test_a_streamed_cascade_passes_on_what_was_accepted() -> None:
    near = Scripted([Reply("Perhaps.", log_probabilities=[-1.0])])
    far = Scripted([Reply("Surely so.", log_probabilities=[-0.01])])

    async def work() -> list[str]:
        router = cascade("{answer_confidence: {min: 0.7}}")
        async with Dispatcher(router, providers={"near": near, "far": far}) as dispatcher:
            return [chunk.text async for chunk in dispatcher.stream(ASKED, task="hard")]

    assert "".join(finish(work())) == "Surely so."


# ---------------------------------------------------------------- long texts

LONG = " ".join(f"word{number}" for number in range(6000))


def test_a_long_text_is_split_answered_by_parts_and_joined() -> None:
    def answer(call: ProviderCall) -> str:
        said = str(call.messages[-1]["content"])
        return "joined" if "part answer" in said else "part answer"

    provider = Scripted([answer])
    router = router_of(general="on_too_long: {split: {overlap_tokens: 10, max_parts: 40}}", fallback="[]")
    found = finish(complete(router, everywhere(provider), text=LONG))
    assert found.text == "joined"
    assert len(provider.calls) > 2
    said = " ".join(str(call.messages[-1]["content"]) for call in provider.calls[:-1])
    assert all(f"word{number}" in said for number in (0, 3000, 5999))
    assert found.cost_usd > found.costs.answer * 0.99
    assert len(found.attempts) == len(provider.calls)


def test_a_long_text_is_summarised_first() -> None:
    def answer(call: ProviderCall) -> str:
        return "A summary of words." if call.model == "large-2" else "fine"

    provider = Scripted([answer])
    router = router_of(general="on_too_long: {summarise: {model: large, max_tokens: 100}}", fallback="[]")
    found = finish(complete(router, everywhere(provider), text=LONG))
    assert (found.text, found.model) == ("fine", "small")
    assert [call.model for call in provider.calls] == ["large-2", "small"]
    assert "A summary of words." in str(provider.calls[1].messages)
    assert "word5999" not in str(provider.calls[1].messages)
    assert found.costs.meta_llm > 0


# ---------------------------------------------------------------- sessions and savings


def test_a_session_keeps_its_model_from_turn_to_turn() -> None:
    router = router_of(more="sessions: {redecide: []}")

    async def work() -> None:
        async with Dispatcher(router, providers=everywhere(Scripted(["fine"]))) as dispatcher:
            first = await dispatcher.complete(ASKED, session=b"", unavailable=["small"])
            assert first.model == "middle"
            assert first.session
            second = await dispatcher.complete("and now something else", session=first.session)
            assert second.model == "middle"
            third = await dispatcher.complete("and now something else")
            assert (third.model, third.session) == ("small", None)

    finish(work())


def test_the_saving_is_what_the_baseline_would_have_cost_less_everything() -> None:
    usage = Usage(15, 0, 100)
    router = router_of(more="savings: {baseline: large}")
    providers = {
        "near": Scripted([ProviderError("server_error", "down")]),
        "far": Scripted([Reply("Hi.", usage=usage)]),
    }
    answer = finish(complete(router, providers))
    assert answer.cost_usd == pytest.approx((15 * 10.0 + 100 * 20.0) / 1e6)
    assert answer.baseline_usd == pytest.approx((15 * 100.0 + 100 * 200.0) / 1e6)
    assert answer.saved_usd == pytest.approx((answer.baseline_usd or 0.0) - answer.cost_usd)
    assert outcomes_of(answer.attempts)[0] == ("small", "server_error")


def test_what_users_think_of_an_answer_is_told_of_the_call_that_gave_it() -> None:
    router = router_of()
    providers = {"near": Scripted([ProviderError("server_error", "down")]), "far": Scripted(["fine"])}
    answer = finish(complete(router, providers))
    assert (answer.attempt, answer.attempts[1].number) == (1, 1)

    def tell() -> str:
        feedback = {"kind": "thumbs", "score": 1.0}
        return router.report(answer.decision, None, model=answer.model, attempt=answer.attempt or 0, feedback=feedback)

    assert [tell(), tell()] == ["accepted", "duplicate"]
    calls = {cell["key"]: cell["calls"] for cell in router.live.figures()["cells"] if cell["kind"] == "target"}
    assert calls == {"near:small": 1, "far:middle": 1, "other:large-2": 0}
    assert router.live.figures()["feedback"]


def test_budgets_of_a_caller_hold() -> None:
    router = router_of(more="budgets: [{scope: caller.team, limit_usd: 0.002, window: 1d}]")
    big = Scripted([Reply("Hi.", usage=Usage(1000, 0, 500))])

    async def work() -> None:
        async with Dispatcher(router, providers=everywhere(big)) as dispatcher:
            await dispatcher.complete(ASKED, caller={"team": "red"})
            with pytest.raises(DispatchError) as caught:
                await dispatcher.complete(ASKED, caller={"team": "red"})
            assert caught.value.code == "OVER_BUDGET"
            assert (await dispatcher.complete(ASKED, caller={"team": "blue"})).text == "Hi."

    finish(work())


def test_vectors_come_from_a_model_of_the_configuration() -> None:
    async def work() -> list[list[float]]:
        provider = Scripted([], vectors={"a": [1.0], "b": [2.0]})
        async with Dispatcher(router_of(), providers=everywhere(provider)) as dispatcher:
            with pytest.raises(DispatchError):
                await dispatcher.embed(["c"], model="small")
            return await dispatcher.embed(["a", "b"], model="small")

    assert finish(work()) == [[1.0], [2.0]]
