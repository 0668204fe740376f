"""Streaming: the first piece is passed on as it comes, and nothing is mixed, kept or left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from dispatched import SHORT, everywhere, outcomes_of, router_of, settled
from fastroute import Chunk, Dispatcher, DispatchError
from fastroute.providers import Callable, Delta, Provider, ProviderCall, ProviderError, Scripted, Usage
from scripted_provider import ASKED, Mock, finish

TEXT = "one two three four five six"


async def chunks_of(router: Any, providers: Any = None, **given: Any) -> list[Chunk]:
    async with Dispatcher(router, providers=providers) as dispatcher:
        try:
            return [chunk async for chunk in dispatcher.stream(ASKED, **given)]
        finally:
            assert dispatcher.in_flight == 0


def test_pieces_come_in_order_and_the_last_has_the_answer() -> None:
    async def work() -> list[Chunk]:
        async with Mock({"models": {"small": {"replies": [TEXT]}}}) as mock:
            return await chunks_of(router_of(near=mock.base_url))

    chunks = finish(work())
    assert [chunk.text for chunk in chunks] == ["one", " two", " three", " four", " five", " six", ""]
    answer = chunks[-1].answer
    assert answer is not None
    assert (answer.text, answer.model, answer.usage.output_tokens) == (TEXT, "small", 6)
    assert all(chunk.answer is None and chunk.model == "small" for chunk in chunks[:-1])
    assert TEXT not in repr(chunks)


def test_the_first_piece_is_passed_on_before_the_second_exists() -> None:
    async def work() -> None:
        may_go_on = asyncio.Event()

        async def slow(call: ProviderCall) -> AsyncIterator[str]:
            yield "first"
            await may_go_on.wait()
            yield " second"

        async with (
            Dispatcher(router_of(), providers=everywhere(Callable(slow))) as dispatcher,
            aclosing(dispatcher.stream(ASKED)) as chunks,
        ):
            assert (await anext(chunks)).text == "first"
            may_go_on.set()
            assert (await anext(chunks)).text == " second"

    finish(work())


def test_a_stream_that_fails_before_its_first_piece_goes_to_the_next_model() -> None:
    down = ProviderError("server_error", "status 503")
    chunks = finish(chunks_of(router_of(), {"near": Scripted([down]), "far": Scripted([TEXT])}))
    assert {chunk.model for chunk in chunks} == {"middle"}
    answer = chunks[-1].answer
    assert answer is not None
    assert outcomes_of(answer.attempts) == [("small", "server_error"), ("middle", "success")]


async def breaking(call: ProviderCall) -> AsyncIterator[str]:
    yield "half an"
    raise ProviderError("server_error", "the answer broke off")


def test_no_other_model_speaks_after_the_first_piece() -> None:
    async def work() -> tuple[list[str], DispatchError]:
        texts: list[str] = []
        providers: dict[str, Provider] = {"near": Callable(breaking), "far": Scripted([TEXT])}
        async with Dispatcher(router_of(), providers=providers) as dispatcher:
            with pytest.raises(DispatchError) as caught:
                async for chunk in dispatcher.stream(ASKED):
                    texts.append(chunk.text)
            return texts, caught.value

    texts, error = finish(work())
    assert texts == ["half an"]
    assert (error.code, outcomes_of(error.attempts)) == ("STREAM_BROKEN", [("small", "stream_broken")])


def test_another_model_starts_over_when_the_caller_wants_it() -> None:
    providers = {"near": Callable(breaking), "far": Scripted([TEXT])}
    chunks = finish(chunks_of(router_of(), providers, switch_after_stream=True))
    assert [(chunk.text, chunk.model, chunk.is_restart) for chunk in chunks[:2]] == [
        ("half an", "small", False),
        ("one", "middle", True),
    ]
    assert not any(chunk.is_restart for chunk in chunks[2:])
    answer = chunks[-1].answer
    assert answer is not None
    assert answer.text == TEXT


@pytest.mark.parametrize("behaviour", ["close_midway", "hang_midway"])
def test_a_provider_that_stops_midway_breaks_the_stream(behaviour: str) -> None:
    async def work() -> DispatchError:
        async with Mock({"models": {"small": {"replies": [TEXT], "behaviours": [behaviour]}}}) as mock:
            with pytest.raises(DispatchError) as caught:
                await chunks_of(router_of(near=mock.base_url, timeouts=SHORT))
            await mock.on_quiet.wait()
            return caught.value

    error = finish(work())
    assert (error.code, error.attempts[0].outcome) == ("STREAM_BROKEN", "stream_broken")


def test_leaving_a_stream_cancels_it_and_frees_everything() -> None:
    async def work() -> None:
        script = {"models": {"small": {"replies": [TEXT], "behaviours": ["hang_midway"]}}}
        async with Mock(script) as mock, Dispatcher(router_of(near=mock.base_url)) as dispatcher:
            before = asyncio.all_tasks()
            async with aclosing(dispatcher.stream(ASKED)) as chunks:
                assert (await anext(chunks)).text == "one"
                assert dispatcher.in_flight == 1
            assert dispatcher.in_flight == 0
            await mock.on_quiet.wait()
            await settled()
            assert not {each for each in asyncio.all_tasks() - before if "Mock" not in repr(each)}
            assert (await dispatcher.complete(ASKED)).model == "small"

    finish(work())


def test_a_reader_that_is_slow_costs_the_provider_no_time() -> None:
    async def work() -> int:
        async def many(call: ProviderCall) -> AsyncIterator[str]:
            for _ in range(500):
                yield "word "

        count = 0
        async with Dispatcher(router_of(), providers=everywhere(Callable(many))) as dispatcher:
            async for chunk in dispatcher.stream(ASKED):
                count += bool(chunk.text)
                await asyncio.sleep(0)
        return count

    assert finish(work()) == 500


def test_a_stream_of_a_function_is_bounded_too() -> None:
    async def flood(call: ProviderCall) -> AsyncIterator[str]:
        while True:
            yield "x" * (1 << 20)

    async def work() -> DispatchError:
        with pytest.raises(DispatchError) as caught:
            await chunks_of(router_of(), everywhere(Callable(flood)))
        return caught.value

    error = finish(work())
    assert (error.code, error.attempts[0].detail) == ("STREAM_BROKEN", "the answer has more than 8 MiB")


def test_tool_calls_and_usage_are_on_the_last_chunk() -> None:
    reply = {"text": "I look.", "tool_calls": [{"id": "a", "name": "look", "input": {"way": "north"}}]}

    async def work(name: str, **given: str) -> list[Chunk]:
        async with Mock({"models": {name: {"replies": [reply]}}}) as mock:
            urls = dict.fromkeys(given, mock.base_url)
            tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
            unavailable = ["small", "middle"] if name == "large-2" else []
            return await chunks_of(router_of(**urls), tools=[tool], unavailable=unavailable)

    for chunks in (finish(work("small", near="")), finish(work("large-2", other=""))):
        last = chunks[-1]
        assert last.answer is not None
        assert [call.name for call in last.tool_calls] == ["look"]
        assert last.answer.finish_reason == "tool_calls"
        assert last.answer.usage.output_tokens == 2


def test_what_a_stream_said_of_itself_is_reported() -> None:
    async def said(call: ProviderCall) -> AsyncIterator[Delta]:
        yield Delta("Hi.")
        yield Delta(finish_reason="stop", usage=Usage(10, 0, 5))

    chunks = finish(chunks_of(router_of(), everywhere(Callable(said))))
    answer = chunks[-1].answer
    assert answer is not None
    assert answer.cost_usd == pytest.approx((10 * 1.0 + 5 * 2.0) / 1e6)
