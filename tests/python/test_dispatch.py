"""The dispatcher: a request gets its answer through failures, and one error when there is none."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import subprocess
import sys
from typing import Any

import pytest

import fastroute
from dispatched import everywhere, outcomes_of, router_of, settled
from fastroute import Answer, Dispatcher, DispatchError
from fastroute.providers import Callable, ProviderCall, ProviderError, Reply, Scripted, Usage
from scripted_provider import ASKED, Mock, finish

DOWN = ProviderError("server_error", "status 503")


async def complete(router: fastroute.Router, providers: Any, **given: Any) -> Answer:
    async with Dispatcher(router, providers=providers) as dispatcher:
        try:
            return await dispatcher.complete(given.pop("text", ASKED), **given)
        finally:
            assert dispatcher.in_flight == 0


async def failed(router: fastroute.Router, providers: Any, **given: Any) -> DispatchError:
    with pytest.raises(DispatchError) as caught:
        await complete(router, providers, **given)
    return caught.value


def test_an_answer_says_everything_about_itself() -> None:
    usage = Usage(100, 40, 10)
    provider = Scripted([Reply("North.", finish_reason="stop", usage=usage)])
    answer = finish(complete(router_of(), everywhere(provider)))
    assert (answer.text, answer.content, answer.model, answer.finish_reason) == ("North.", "North.", "small", "stop")
    assert answer.deployment is not None
    assert answer.deployment.provider == "near"
    assert (answer.accepted, answer.confidence, answer.usage, answer.agent) == (True, None, usage, None)
    assert answer.decision.route == "general"
    assert answer.cost_usd == pytest.approx((60 * 1.0 + 40 * 0.5 + 10 * 2.0) / 1e6)
    assert answer.costs.answer == pytest.approx(answer.cost_usd)
    assert (answer.baseline_usd, answer.saved_usd) == (None, None)
    (attempt,) = answer.attempts
    assert (attempt.model, attempt.why, attempt.outcome, attempt.skipped) == ("small", "primary", "success", None)
    assert attempt.latency_ms >= 0
    assert answer.message == {"role": "assistant", "content": "North."}
    assert "North." not in repr(answer)
    (call,) = provider.calls
    assert list(call.messages) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": ASKED},
    ]
    assert call.max_output_tokens == 500


def test_the_next_model_answers_when_one_fails() -> None:
    near, far = Scripted([DOWN]), Scripted(["From afar."])
    answer = finish(complete(router_of(), {"near": near, "far": far}))
    assert (answer.text, answer.model) == ("From afar.", "middle")
    assert outcomes_of(answer.attempts) == [("small", "server_error"), ("middle", "success")]
    assert [attempt.why for attempt in answer.attempts] == ["primary", "fallback"]
    assert answer.attempts[0].detail == "status 503"


def test_a_chain_that_fails_completely_is_one_error_with_every_attempt_and_the_time_to_try_again() -> None:
    limited = ProviderError("rate_limited", "status 429", retry_after_s=60)
    providers = {"near": Scripted([limited]), "far": Scripted([limited]), "other": Scripted([limited])}
    error = finish(failed(router_of(), providers))
    assert error.code == "ALL_ATTEMPTS_FAILED"
    assert outcomes_of(error.attempts) == [(model, "rate_limited") for model in ("small", "middle", "large")]
    assert error.retry_after_s == pytest.approx(60, abs=2)
    said = str(error)
    for number, model in enumerate(("small at near", "middle at far", "large at other"), start=1):
        assert f"{number}. {model}" in said
    assert said.count("rate_limited (status 429)") == 3
    assert "try again in" in said
    assert ASKED not in said
    assert error.decision is not None


def test_the_error_survives_pickling_without_what_holds_the_router() -> None:
    limited = ProviderError("rate_limited", "status 429", retry_after_s=60)
    error = finish(failed(router_of(), everywhere(Scripted([limited]))))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.retry_after_s) == (str(error), error.code, error.retry_after_s)
    assert outcomes_of(again.attempts) == outcomes_of(error.attempts)
    assert again.decision is None
    same = pickle.loads(pickle.dumps(limited))
    assert (str(same), same.outcome, same.retry_after_s) == ("status 429", "rate_limited", 60)


def test_refusals_of_the_router_are_errors_with_their_decision() -> None:
    error = finish(failed(router_of(), {}, text="abuse"))
    assert (error.code, str(error)) == ("REJECTED", "Not here.")
    assert error.decision is not None
    assert error.decision.outcome == "rejected"
    error = finish(failed(router_of(), {}, capabilities=["vision"]))
    assert error.code == "NOTHING_FITS"
    assert "MISSING_CAPABILITY" in str(error)


def test_a_request_outside_the_limits_is_the_routers_error() -> None:
    with pytest.raises(fastroute.RequestError):
        finish(complete(router_of(), {}, max_cost=float("nan")))


def test_tools_and_schemas_go_to_models_that_know_them() -> None:
    provider = Scripted(["{}"])
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    answer = finish(complete(router_of(), everywhere(provider), tools=[tool], schema={"type": "object"}))
    assert answer.decision.fallbacks == ("middle",)
    (call,) = provider.calls
    assert (list(call.tools), call.schema) == ([tool], {"type": "object"})
    assert answer.decision.input_tokens is not None
    plain = finish(complete(router_of(), everywhere(Scripted(["{}"]))))
    assert plain.decision.input_tokens is not None
    assert answer.decision.input_tokens > plain.decision.input_tokens


def test_a_conversation_and_its_tool_calls_come_back_as_a_message() -> None:
    calls = {"replies": [{"text": "", "tool_calls": [{"id": "a", "name": "look", "input": {"way": "north"}}]}]}

    async def work() -> Answer:
        async with Mock({"models": {"small": calls}}) as mock:
            tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
            messages = [{"role": "user", "content": ASKED}]
            return await complete(router_of(near=mock.base_url), {}, text=None, messages=messages, tools=[tool])

    answer = finish(work())
    assert (answer.content, answer.finish_reason) == (None, "tool_calls")
    (call,) = answer.message["tool_calls"]
    assert (call["id"], call["function"]["name"]) == ("a", "look")
    assert json.loads(call["function"]["arguments"]) == {"way": "north"}


def test_an_exception_of_a_function_is_a_failure_that_does_not_repeat_it() -> None:
    def broken(call: ProviderCall) -> str:
        raise ValueError(f"cannot read {call.messages}")

    answer = finish(complete(router_of(), {"near": Callable(broken), "far": Scripted(["fine"])}))
    assert answer.model == "middle"
    assert answer.attempts[0].detail == "ValueError"


def test_a_function_that_nobody_gave_is_said_so() -> None:
    text = router_of().revision  # the router of a callable provider is written below
    assert text
    router = fastroute.Router.from_string(
        """
version: 1
providers: {here: {kind: callable}}
models:
  - name: small
    provider: here
    context_window: 1000
    price: {input: 0, output: 0}
    latency: {first_token: 1ms, per_token: 1ms}
    quality: {default: 0.5}
routes: [{name: general, description: All.}]
default: {route: general}
"""
    )
    error = finish(failed(router, {}))
    assert "no function was given for provider `here`" in str(error)


def test_the_deadline_of_a_request_ends_it() -> None:
    async def never(call: ProviderCall) -> str:
        await asyncio.Event().wait()
        return ""

    async def work() -> tuple[DispatchError, float]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        error = await failed(router_of(), everywhere(Callable(never)), deadline_ms=80)
        return error, loop.time() - started

    error, took = finish(work())
    assert error.code == "DEADLINE_EXCEEDED"
    assert 0.07 < took < 5


def test_the_cost_cap_is_kept_whatever_follows() -> None:
    output_usd = {"small": 2e-6, "middle": 20e-6, "large-2": 200e-6}
    provider = Scripted([DOWN, "fine"])
    answer = finish(complete(router_of(), everywhere(provider), max_cost=0.0015))
    assert [call.model for call in provider.calls] == ["small", "middle"]
    # What each may cost at most fits into the cap: the dearer one is asked for a shorter answer.
    worst = [(call.max_output_tokens or 0) * output_usd[call.model] for call in provider.calls]
    assert max(worst) <= 0.0015
    assert answer.cost_usd <= 0.0015
    error = finish(failed(router_of(), everywhere(Scripted([DOWN])), max_cost=0.00008))
    assert {attempt.model for attempt in error.attempts} == {"small"}


def test_requests_wait_for_a_place_and_no_more_run_at_once() -> None:
    most, now = 0, 0
    turn = asyncio.Event()

    async def counted(call: ProviderCall) -> str:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return "fine"

    async def work() -> None:
        providers = everywhere(Callable(counted))
        async with Dispatcher(router_of(), providers=providers, max_in_flight=3) as dispatcher:
            answers = await asyncio.gather(*(dispatcher.complete(ASKED) for _ in range(20)))
            assert {answer.text for answer in answers} == {"fine"}
            assert dispatcher.in_flight == 0

    finish(work())
    assert not turn.is_set()
    assert most == 3


def test_cancelling_frees_tasks_connections_and_permits() -> None:
    async def work() -> None:
        async with Mock({"models": {"small": {"behaviours": ["hang"]}}}) as mock:
            arrived = asyncio.Event()

            async def note(_: Any) -> None:
                arrived.set()

            mock.on_request = note
            router = router_of(near=mock.base_url)
            async with Dispatcher(router) as dispatcher:
                before = asyncio.all_tasks()
                task = asyncio.create_task(dispatcher.complete(ASKED))
                await arrived.wait()
                assert dispatcher.in_flight == 1
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert dispatcher.in_flight == 0
                await mock.on_quiet.wait()
                await settled()
                ours = {each for each in asyncio.all_tasks() - before if "Mock" not in repr(each)}
                assert not ours
                # Neither closed nor opened anything: the next request gets its answer from the same model.
                assert (await dispatcher.complete(ASKED)).model == "small"

    finish(work())


def test_nothing_of_a_request_reaches_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        async with Mock({"models": {"small": {"behaviours": ["malformed"]}}}) as mock:
            await complete(router_of(near=mock.base_url, far=mock.base_url), {})

    with caplog.at_level(logging.DEBUG):
        finish(work())
    assert ASKED not in caplog.text


def test_the_dispatcher_is_loaded_when_it_is_asked_for() -> None:
    code = (
        "import sys, fastroute; before = 'asyncio' in sys.modules\n"
        "fastroute.Dispatcher; print(before, 'asyncio' in sys.modules, 'httpx' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False True False"
