"""Whatever way a request ends, it gives back what it held: tasks, connections, probes, money set aside."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

import fastroute
from dispatched import NOTHING, everywhere, held_by, outcomes_of, router_of, settled
from fastroute import Dispatcher, DispatchError
from fastroute.providers import Callable, ProviderCall
from scripted_provider import ASKED, Mock, finish

BUDGET = "budgets: [{scope: all, limit_usd: 1, window: 1d}]"
HEDGE = "  hedge: {after: 20ms}\n" + BUDGET


async def hanging(mock: Mock, count: int) -> None:
    """Waits until so many requests have come."""
    arrived = asyncio.Event()

    async def note(_: Any) -> None:
        if len(mock.requests) >= count:
            arrived.set()

    mock.on_request = note
    if len(mock.requests) < count:
        await arrived.wait()


def script(**behaviours: list[str | int]) -> dict[str, Any]:
    models = {name: {"replies": ["one two three"], "behaviours": told} for name, told in behaviours.items()}
    return {"models": models}


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
def test_a_cancelled_request(is_stream: bool) -> None:
    async def consume(dispatcher: Dispatcher) -> None:
        if not is_stream:
            await dispatcher.complete(ASKED)
        async for _ in dispatcher.stream(ASKED):
            pass

    async def work() -> None:
        async with Mock(script(small=["hang"])) as mock:
            router = router_of(near=mock.base_url, more=BUDGET)
            async with Dispatcher(router) as dispatcher:
                task = asyncio.create_task(consume(dispatcher))
                await hanging(mock, 1)
                held = held_by(router)
                assert held["in_flight"] == 1
                assert held["reserved_usd"] > 0
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert held_by(router) == NOTHING
                await mock.on_quiet.wait()

    finish(work())


def test_a_request_that_is_cancelled_while_its_route_is_asked_for() -> None:
    async def work() -> None:
        async with Mock(script(small=["hang"])) as mock:
            classify = "{order: [meta_llm], meta_llm: {model: small, timeout: 5s}}"
            router = router_of(near=mock.base_url, classify=classify, more=BUDGET)
            async with Dispatcher(router) as dispatcher:
                task = asyncio.create_task(dispatcher.complete(ASKED))
                await hanging(mock, 1)
                assert held_by(router)["in_flight"] == 1
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert held_by(router) == NOTHING
                await mock.on_quiet.wait()

    finish(work())


def test_a_stream_that_is_left() -> None:
    async def work() -> None:
        async with Mock(script(small=["hang_midway"])) as mock:
            router = router_of(near=mock.base_url, more=BUDGET)
            async with Dispatcher(router) as dispatcher:
                async with aclosing(dispatcher.stream(ASKED)) as chunks:
                    await anext(chunks)
                    assert held_by(router)["in_flight"] == 1
                assert held_by(router) == NOTHING
                await mock.on_quiet.wait()

    finish(work())


def test_a_request_whose_time_is_over() -> None:
    async def work() -> None:
        async with Mock(script(small=["hang"] * 9)) as mock:
            router = router_of(near=mock.base_url, fallback="[]", more=BUDGET)
            async with Dispatcher(router) as dispatcher:
                with pytest.raises(DispatchError):
                    await dispatcher.complete(ASKED, deadline_ms=50)
                assert held_by(router) == NOTHING
                await mock.on_quiet.wait()

    finish(work())


def test_a_hedge_answers_and_the_slow_call_is_given_up() -> None:
    async def work() -> fastroute.Answer:
        async with Mock(script(small=["hang"])) as mock:
            router = router_of(near=mock.base_url, far=mock.base_url, more=HEDGE)
            async with Dispatcher(router) as dispatcher:
                before = asyncio.all_tasks()
                answer = await dispatcher.complete(ASKED)
                await settled()
                assert held_by(router) == NOTHING
                await asyncio.sleep(0)
                assert not {each for each in asyncio.all_tasks() - before if "Mock" not in repr(each)}
            await mock.on_quiet.wait()
            return answer

    answer = finish(work())
    assert answer.model == "middle"
    assert outcomes_of(answer.attempts) == [("small", "cancelled"), ("middle", "success")]
    assert [attempt.why for attempt in answer.attempts] == ["primary", "hedge"]


def test_a_streamed_hedge_passes_on_one_answer_alone() -> None:
    async def work() -> list[fastroute.Chunk]:
        async with Mock(script(small=["hang"])) as mock:
            router = router_of(near=mock.base_url, far=mock.base_url, more=HEDGE)
            async with Dispatcher(router) as dispatcher:
                chunks = [chunk async for chunk in dispatcher.stream(ASKED)]
                await settled()
                assert held_by(router) == NOTHING
            await mock.on_quiet.wait()
            return chunks

    chunks = finish(work())
    assert {chunk.model for chunk in chunks} == {"middle"}
    assert not any(chunk.is_restart for chunk in chunks)


def test_many_requests_that_end_in_every_way_at_once() -> None:
    async def work() -> None:
        async def moody(call: ProviderCall) -> str:
            await asyncio.sleep(0)
            if hash(call.model) % 3 == 0:
                raise ValueError("moody")
            return "fine"

        router = router_of(more=BUDGET)
        async with Dispatcher(router, providers=everywhere(Callable(moody)), max_in_flight=20) as dispatcher:
            tasks = [asyncio.create_task(dispatcher.complete(ASKED)) for _ in range(200)]
            for _ in range(3):
                await asyncio.sleep(0)
            for task in tasks[::7]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert dispatcher.in_flight == 0
            assert held_by(router) == NOTHING

    finish(work())


def test_a_run_of_parts_that_fails_gives_back_the_others() -> None:
    async def work() -> None:
        async def answer(call: ProviderCall) -> str:
            if "word0" in str(call.messages[-1]["content"]):
                raise ValueError("the first part")
            await asyncio.Event().wait()
            return ""

        router = router_of(general="on_too_long: {split: {max_parts: 40}}", fallback="[]", more=BUDGET)
        text = " ".join(f"word{number}" for number in range(6000))
        async with Dispatcher(router, providers=everywhere(Callable(answer))) as dispatcher:
            with pytest.raises(DispatchError):
                await dispatcher.complete(text, deadline_ms=400)
            assert dispatcher.in_flight == 0
            assert held_by(router) == NOTHING

    finish(work())
