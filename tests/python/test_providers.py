"""The providers: what they send, and what they read back, over real connections."""

from __future__ import annotations

import json
import pickle
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from fastroute._dispatch.call import Gathered
from fastroute._dispatch.http import Endpoint
from fastroute._dispatch.keys import Key
from fastroute.providers import (
    Anthropic,
    Callable,
    Delta,
    OpenAI,
    Provider,
    ProviderCall,
    ProviderError,
    Reply,
    Scripted,
    ToolCall,
    Usage,
)
from scripted_provider import ASKED, Mock, Received, call_of, finish

TOOL = {
    "type": "function",
    "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}},
}
SCHEMA = {"type": "object", "properties": {"way": {"type": "string"}}, "required": ["way"]}
CALLS = {"text": "I look.", "tool_calls": [{"id": "call-1", "name": "look", "input": {"way": "north"}}]}


def test_what_is_here_keeps_to_the_protocol() -> None:
    for provider in (OpenAI(), Anthropic(), Callable(str), Scripted([])):
        assert isinstance(provider, Provider)


async def asked(
    kind: type[OpenAI] | type[Anthropic],
    settings: dict[str, Any],
    call: ProviderCall,
    *,
    is_stream: bool = False,
    **given: Any,
) -> tuple[Reply, Received, list[Delta]]:
    async with Mock({"models": {"small": settings}}) as mock:
        provider = kind(mock.base_url, **given)
        deltas: list[Delta] = []
        if is_stream:
            gathered = Gathered()
            async for delta in provider.stream(call):
                gathered.add(delta)
                deltas.append(delta)
            reply = gathered.reply()
        else:
            reply = await provider.send(call)
        await provider.aclose()
        await mock.on_quiet.wait()
        return reply, mock.requests[0], deltas


KINDS = pytest.mark.parametrize("kind", [OpenAI, Anthropic])
BOTH = pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])


@KINDS
@BOTH
def test_text_and_usage_come_back(kind: type[OpenAI] | type[Anthropic], is_stream: bool) -> None:
    usage = {"input_tokens": 40, "cached_tokens": 30, "output_tokens": 5}
    settings = {"replies": [{"text": "Go that way, please.", "usage": usage}]}
    reply, _, deltas = finish(asked(kind, settings, call_of(), is_stream=is_stream))
    assert reply.text == "Go that way, please."
    assert reply.usage == Usage(40, 30, 5)
    assert reply.finish_reason == "stop"
    if is_stream:
        assert [delta.text for delta in deltas if delta.text] == ["Go", " that", " way,", " please."]


@KINDS
@BOTH
def test_calls_of_tools_come_back(kind: type[OpenAI] | type[Anthropic], is_stream: bool) -> None:
    reply, received, _ = finish(asked(kind, {"replies": [CALLS]}, call_of(tools=[TOOL]), is_stream=is_stream))
    assert reply.text == "I look."
    assert reply.finish_reason == "tool_calls"
    (call,) = reply.tool_calls
    assert (call.id, call.name, json.loads(call.arguments)) == ("call-1", "look", {"way": "north"})
    name = received.body["tools"][0]["function"]["name"] if kind is OpenAI else received.body["tools"][0]["name"]
    assert name == "look"


@BOTH
def test_openai_is_asked_for_what_a_call_wants(is_stream: bool) -> None:
    call = call_of(max_output_tokens=50, temperature=0.0, schema=SCHEMA, log_probabilities=True, extra={"top_k": 3})
    settings = {"log_probability": -0.5}
    reply, received, _ = finish(asked(OpenAI, settings, call, is_stream=is_stream, extra={"user": "u"}))
    assert reply.log_probabilities == [-0.5, -0.5, -0.5]
    body = received.body
    assert (received.path, body["model"]) == ("/v1/chat/completions", "small")
    assert body["messages"] == [{"role": "user", "content": ASKED}]
    assert (body["max_tokens"], body["temperature"], body["logprobs"]) == (50, 0.0, True)
    form = body["response_format"]
    assert (form["type"], form["json_schema"]["schema"]) == ("json_schema", SCHEMA)
    assert (body["top_k"], body["user"]) == (3, "u")
    assert body.get("stream_options") == ({"include_usage": True} if is_stream else None)


@pytest.mark.parametrize(
    ("schema", "is_strict"),
    [
        ({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, False),
        ({"type": "array", "items": {"type": "object"}}, False),
        ({"type": "string"}, True),
    ],
)
def test_openai_is_asked_strictly_where_its_strict_form_takes_the_schema(schema: Any, is_strict: bool) -> None:
    body = OpenAI()._body(call_of(schema=schema), "http://x/v1")
    assert body["response_format"]["json_schema"]["strict"] is is_strict


def test_openai_itself_is_asked_by_the_newer_name_of_the_limit() -> None:
    for url, name in (("https://api.openai.com/v1", "max_completion_tokens"), ("http://x/v1", "max_tokens")):
        assert OpenAI()._body(call_of(max_output_tokens=5), url)[name] == 5
    assert OpenAI(max_tokens_field="most")._body(call_of(max_output_tokens=5), "http://x/v1")["most"] == 5


def test_a_server_that_does_not_stream_is_read_as_a_whole() -> None:
    async def ignore_stream(received: Received) -> None:
        received.body.pop("stream")

    async def work() -> Reply:
        async with Mock({"models": {"small": {"replies": [CALLS]}}}) as mock:
            mock.on_request = ignore_stream
            provider = OpenAI(mock.base_url)
            gathered = Gathered()
            async for delta in provider.stream(call_of()):
                gathered.add(delta)
            await provider.aclose()
            return gathered.reply()

    reply = finish(work())
    assert (reply.text, reply.tool_calls[0].name) == ("I look.", "look")


def test_anthropic_gets_a_conversation_in_its_own_form() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look."}, {"type": "text", "text": "Now."}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "look", "arguments": '{"way": "north"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "Ice."},
        {"role": "user", "content": "And?"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]},
    ]
    call = ProviderCall("small", messages, tools=[TOOL], max_output_tokens=9)
    _, received, _ = finish(asked(Anthropic, {}, call, api_key="secret"))
    assert (received.path, received.headers["x-api-key"]) == ("/v1/messages", "secret")
    assert received.headers["anthropic-version"] == "2023-06-01"
    body = received.body
    assert (body["system"], body["max_tokens"]) == ("Be brief.", 9)
    text = {"type": "text"}
    assert body["messages"] == [
        {"role": "user", "content": [text | {"text": "Look."}, text | {"text": "Now."}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "look", "input": {"way": "north"}}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "a", "content": [text | {"text": "Ice."}]},
                text | {"text": "And?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}},
            ],
        },
    ]


@BOTH
def test_anthropic_answers_a_schema_through_a_tool_that_it_must_call(is_stream: bool) -> None:
    reply = {"tool_calls": [{"id": "t", "name": "answer", "input": {"way": "north"}}], "text": ""}
    found, received, _ = finish(asked(Anthropic, {"replies": [reply]}, call_of(schema=SCHEMA), is_stream=is_stream))
    assert json.loads(found.text) == {"way": "north"}
    assert (found.tool_calls, found.finish_reason) == ((), "stop")
    assert received.body["tool_choice"] == {"type": "tool", "name": "answer"}


def test_vectors_come_back_in_the_order_of_the_texts() -> None:
    async def work() -> list[list[float]]:
        async with Mock() as mock:
            provider = OpenAI(mock.base_url)
            vectors = await provider.embed(["a b", "abcd"], call=call_of())
            await provider.aclose()
            return vectors

    assert finish(work()) == [[3.0, 1.0], [4.0, 0.0]]


def test_anthropic_has_no_vectors() -> None:
    with pytest.raises(ProviderError, match="no embeddings"):
        finish(Anthropic().embed(["a"], call=call_of()))


def test_a_key_is_read_at_each_call_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-file\n")

    async def work() -> list[str]:
        async with Mock() as mock:
            own = OpenAI(mock.base_url, api_key="${SOME_KEY}")
            configured = OpenAI(mock.base_url)
            monkeypatch.setenv("SOME_KEY", "first")
            await own.send(call_of())
            monkeypatch.setenv("SOME_KEY", "second")
            await own.send(call_of())
            await configured.send(call_of(key=Key("file", str(file))))
            await configured.send(call_of(key=Key.of("plain")))
            await configured.send(call_of())
            for each in (own, configured):
                await each.aclose()
            return [each.headers.get("authorization", "") for each in mock.requests]

    assert finish(work()) == ["Bearer first", "Bearer second", "Bearer from-file", "Bearer plain", ""]
    call = call_of(key=Key.of("plain"))
    for shown in (repr(Key.of("plain")), repr(call), str(call), repr(OpenAI("http://x", api_key="plain"))):
        assert "plain" not in shown
    assert ASKED not in repr(call) + repr(Reply(ASKED)) + repr(Delta(ASKED))
    with pytest.raises(TypeError):
        pickle.dumps(Key.of("plain"))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (Key("env", "FASTROUTE_ABSENT"), "environment variable `FASTROUTE_ABSENT` holds no key"),
        (Key("file", "/nowhere/key"), "file `/nowhere/key` holds no key"),
        (Key("literal", "two\nlines"), "configuration holds a key with characters that no header can carry"),
    ],
)
def test_a_key_that_is_not_there_sends_nothing(key: Key, said: str) -> None:
    async def work() -> tuple[ProviderError, int]:
        async with Mock() as mock:
            provider = OpenAI(mock.base_url)
            with pytest.raises(ProviderError) as caught:
                await provider.send(call_of(key=key))
            return caught.value, len(mock.requests)

    error, sent = finish(work())
    assert (error.outcome, str(error), sent) == ("unauthorized", said, 0)


def test_a_function_answers_whatever_kind_it_is() -> None:
    def plain(call: ProviderCall) -> str:
        return str(call.messages[-1]["content"]).upper()

    async def awaited(call: ProviderCall) -> dict[str, Any]:
        return {"text": plain(call), "usage": Usage(1, 0, 2)}

    def yielding(call: ProviderCall) -> Iterator[str]:
        yield from plain(call).split(" ")

    async def streaming(call: ProviderCall) -> AsyncIterator[str | Delta]:
        for word in plain(call).split(" "):
            yield word
        yield Delta(finish_reason="stop")

    async def work(function: Any) -> tuple[str, list[str]]:
        provider = Callable(function)
        whole = (await provider.send(call_of())).text
        return whole, [delta.text async for delta in provider.stream(call_of())]

    words = ASKED.upper().split(" ")
    assert finish(work(plain)) == (ASKED.upper(), [ASKED.upper()])
    assert finish(work(awaited)) == (ASKED.upper(), [ASKED.upper()])
    assert finish(work(yielding)) == ("".join(words), words)
    assert finish(work(streaming)) == ("".join(words), [*words, ""])


def test_a_function_that_returns_what_is_no_answer_fails() -> None:
    with pytest.raises(ProviderError, match="returned int"):
        finish(Callable(lambda call: 1).send(call_of()))


def test_a_generator_that_is_left_is_closed() -> None:
    closed: list[bool] = []

    def yielding(call: ProviderCall) -> Iterator[str]:
        try:
            yield "one"
            yield "two"
        finally:
            closed.append(True)

    async def work() -> None:
        stream = Callable(yielding).stream(call_of())
        async for delta in stream:
            assert delta.text == "one"
            break
        await stream.aclose()  # type: ignore[attr-defined]

    finish(work())
    assert closed == [True]


def test_a_script_says_its_steps_in_order_and_begins_again() -> None:
    down = ProviderError("server_error", "down")
    provider = Scripted(["one", Reply("two"), down, lambda call: f"to {call.model}"], vectors={"a": [1.0]})

    async def work() -> list[str]:
        said = []
        for _ in range(5):
            try:
                said.append((await provider.send(call_of())).text)
            except ProviderError as error:
                said.append(error.outcome)
        return said

    assert finish(work()) == ["one", "two", "server_error", "to small", "one"]
    assert [call.model for call in provider.calls] == ["small"] * 5
    assert finish(provider.embed(["a"], call=call_of())) == [[1.0]]
    with pytest.raises(ProviderError, match="no vector"):
        finish(provider.embed(["b"], call=call_of()))


def test_a_script_streams_word_by_word() -> None:
    async def work() -> list[str]:
        return [delta.text async for delta in Scripted(["one two three"]).stream(call_of())]

    assert finish(work()) == ["one", " two", " three"]


def test_pieces_of_a_tool_call_become_one() -> None:
    settings = {"replies": [CALLS]}
    reply, _, deltas = finish(asked(OpenAI, settings, call_of(tools=[TOOL]), is_stream=True))
    assert sum(bool(delta.tool_calls) for delta in deltas) == 2
    assert reply.tool_calls == (ToolCall("call-1", "look", '{"way": "north"}'),)


def test_one_provider_serves_one_loop_after_the_other() -> None:
    async def served(provider: OpenAI) -> str:
        async with Mock() as mock:
            reply = await provider.send(call_of(base_url=mock.base_url))
            await provider.aclose()
            return reply.text

    provider = OpenAI()
    assert [finish(served(provider)) for _ in range(2)] == ["This is small."] * 2


def test_an_address_without_tls_turns_off_no_check_of_another_with_it() -> None:
    async def work() -> list[ssl.VerifyMode]:
        endpoint = Endpoint()
        modes = []
        for url in ("http://127.0.0.1:1/v1", "https://127.0.0.1:1/v1", "HTTPS://127.0.0.1:1/v1"):
            pool = endpoint._open(url)._transport._pool  # type: ignore[attr-defined]
            modes.append(pool._ssl_context.verify_mode)
        await endpoint.aclose()
        return modes

    assert finish(work()) == [ssl.CERT_NONE, ssl.CERT_REQUIRED, ssl.CERT_REQUIRED]


def test_the_providers_load_without_httpx_and_say_what_they_need() -> None:
    code = (
        "import sys; sys.modules['httpx'] = None\n"
        "import asyncio, fastroute.providers as p\n"
        "try: asyncio.run(p.OpenAI('http://x').send(p.ProviderCall('m', [])))\n"
        "except ImportError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "fastroute's providers need httpx: pip install 'fastroute[dispatch]'"
