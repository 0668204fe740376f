"""Every bad provider, through the dispatcher: the next model answers, the log says why, nothing is left behind."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import fastroute
from dispatched import PATIENT, SHORT, outcomes_of, router_of
from fastroute import Dispatcher, DispatchError
from scripted_provider import ASKED, Mock, finish

LONG = "one two three four five six seven eight nine"

# What the small model does, and how its attempt ends.
BAD: dict[str | int, str] = {
    "close": "server_error",
    "close_midway": "server_error",
    "error_inside": "server_error",
    "hang": "timeout",
    "hang_midway": "timeout",
    "huge": "server_error",
    "malformed": "server_error",
    "no_choices": "server_error",
    "quota_exhausted": "quota_exhausted",
    "rate_limited": "rate_limited",
    "trickle": "timeout",
    401: "unauthorized",
    404: "model_not_found",
    500: "server_error",
}


def script(behaviour: str | int, **more: Any) -> dict[str, Any]:
    small = {"behaviours": [behaviour] * 10, "replies": [LONG]} | more
    return {"models": {"small": small, "middle": {"replies": ["From afar."]}}}


def patience_for(behaviour: str | int, mock: Mock) -> fastroute.Router:
    """The router of a mock, which waits only as long as a behaviour makes it."""
    timeouts = SHORT if BAD[behaviour] == "timeout" else PATIENT
    return router_of(near=mock.base_url, far=mock.base_url, timeouts=timeouts)


@pytest.mark.parametrize("behaviour", BAD)
def test_the_next_model_answers(behaviour: str | int) -> None:
    async def work() -> None:
        async with Mock(script(behaviour)) as mock:
            async with Dispatcher(patience_for(behaviour, mock)) as dispatcher:
                answer = await dispatcher.complete(ASKED)
                assert (answer.text, answer.model) == ("From afar.", "middle")
                assert outcomes_of(answer.attempts) == [("small", BAD[behaviour]), ("middle", "success")]
                assert dispatcher.in_flight == 0
            await mock.on_quiet.wait()

    finish(work())


@pytest.mark.parametrize("behaviour", BAD)
def test_a_stream_that_has_not_begun_goes_to_the_next_model(behaviour: str | int) -> None:
    async def work() -> None:
        # The first piece comes too late to be passed on, so what breaks off has not begun for the caller.
        async with Mock(script(behaviour, latency_ms=0)) as mock:
            async with Dispatcher(patience_for(behaviour, mock)) as dispatcher:
                chunks = []
                try:
                    chunks = [chunk async for chunk in dispatcher.stream(ASKED)]
                except DispatchError as error:
                    # It had begun: then nothing else may answer.
                    assert error.code == "STREAM_BROKEN"
                    assert behaviour in ("close_midway", "hang_midway", "trickle")
                    assert [attempt.outcome for attempt in error.attempts] == ["stream_broken"]
                else:
                    assert "".join(chunk.text for chunk in chunks) in ("From afar.", LONG)
                assert dispatcher.in_flight == 0
            await mock.on_quiet.wait()

    finish(work())


def test_lying_about_usage_costs_no_more_than_was_set_aside() -> None:
    async def work() -> None:
        async with Mock(script("lying_usage")) as mock, Dispatcher(router_of(near=mock.base_url)) as dispatcher:
            answer = await dispatcher.complete(ASKED)
            assert answer.usage.input_tokens is None
            assert answer.model == "small"
            assert 0 < answer.cost_usd < 0.01

    finish(work())


def test_usage_beyond_what_was_set_aside_is_not_believed() -> None:
    usage = {"input_tokens": 10**11, "output_tokens": 10**11, "cached_tokens": 0}

    async def work() -> float:
        async with (
            Mock({"models": {"small": {"replies": [{"text": "Hi.", "usage": usage}]}}}) as mock,
            Dispatcher(router_of(near=mock.base_url)) as dispatcher,
        ):
            return (await dispatcher.complete(ASKED)).cost_usd

    assert finish(work()) < 0.01


def test_a_limit_without_a_time_cools_by_default_and_the_model_is_not_called_meanwhile() -> None:
    async def work() -> None:
        async with (
            Mock(script("rate_limited")) as mock,
            Dispatcher(router_of(near=mock.base_url, far=mock.base_url)) as dispatcher,
        ):
            first = await dispatcher.complete(ASKED)
            asked = len(mock.requests)
            second = await dispatcher.complete(ASKED)
            assert (first.model, second.model) == ("middle", "middle")
            assert [each.body["model"] for each in mock.requests[asked:]] == ["middle"]

    finish(work())


def test_a_breaker_opens_after_failures_in_a_row() -> None:
    async def work() -> None:
        async with (
            Mock(script(500)) as mock,
            Dispatcher(router_of(near=mock.base_url, far=mock.base_url)) as dispatcher,
        ):
            for _ in range(6):
                await dispatcher.complete(ASKED)
            asked = sum(each.body["model"] == "small" for each in mock.requests)
            await dispatcher.complete(ASKED)
            assert sum(each.body["model"] == "small" for each in mock.requests) == asked == 5

    finish(work())


def test_a_context_that_is_too_long_goes_to_a_larger_window() -> None:
    async def work() -> None:
        async with (
            Mock(script("context_too_long")) as mock,
            Dispatcher(router_of(near=mock.base_url, far=mock.base_url)) as dispatcher,
        ):
            answer = await dispatcher.complete(ASKED)
            assert outcomes_of(answer.attempts) == [("small", "context_too_long"), ("middle", "success")]

    finish(work())


def test_an_invalid_request_and_a_refusal_stop() -> None:
    async def code(behaviour: str | int, general: str = "") -> str:
        async with Mock(script(behaviour)) as mock:
            router = router_of(near=mock.base_url, far=mock.base_url, general=general)
            async with Dispatcher(router) as dispatcher:
                try:
                    return (await dispatcher.complete(ASKED)).text
                except DispatchError as error:
                    return error.code

    assert finish(code(422)) == "INVALID_REQUEST"
    assert finish(code("content_filter")) == "CONTENT_REFUSED"
    assert finish(code("content_filter", "on_content_refused: next")) == "From afar."


def test_nobody_hangs_when_everything_does() -> None:
    async def work() -> None:
        models = {name: {"behaviours": ["hang"] * 100} for name in ("small", "middle", "large-2")}
        async with Mock({"models": models}) as mock:
            router = router_of(near=mock.base_url, far=mock.base_url, other=mock.base_url)
            async with Dispatcher(router) as dispatcher:
                requests = (dispatcher.complete(ASKED, deadline_ms=400) for _ in range(20))
                found = await asyncio.gather(*requests, return_exceptions=True)
                assert all(isinstance(each, DispatchError) for each in found)
                assert dispatcher.in_flight == 0
            await mock.on_quiet.wait()

    finish(work())
