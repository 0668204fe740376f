"""Providers that hang, break off, lie and flood, over real connections: each is one outcome, and frees all it took."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from fastroute._dispatch.call import MAX_ANSWER_BYTES
from fastroute.providers import OpenAI, Provider, ProviderError, Reply, Usage
from scripted_provider import ASKED, Mock, call_of, finish

KEY = "sk-not-to-be-seen"

# Each behaviour, what it comes to when the answer is taken whole, and when it is streamed.
OUTCOMES: dict[str | int, tuple[str, str]] = {
    "close": ("server_error", "server_error"),
    "close_midway": ("server_error", "server_error"),
    "content_filter": ("content_refused", "content_refused"),
    "context_too_long": ("context_too_long", "context_too_long"),
    "error_inside": ("server_error", "server_error"),
    "huge": ("server_error", "server_error"),
    "malformed": ("server_error", "server_error"),
    "no_choices": ("server_error", "server_error"),
    "quota_exhausted": ("quota_exhausted", "quota_exhausted"),
    "rate_limited": ("rate_limited", "rate_limited"),
    401: ("unauthorized", "unauthorized"),
    404: ("model_not_found", "model_not_found"),
    422: ("invalid_request", "invalid_request"),
    500: ("server_error", "server_error"),
    503: ("server_error", "server_error"),
}


async def outcome_of(provider: Provider, is_stream: bool) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        if is_stream:
            async for _ in provider.stream(call_of()):
                pass
        else:
            await provider.send(call_of())
    return caught.value


def script(*behaviours: str | int, **more: Any) -> dict[str, Any]:
    settings = {"replies": ["one two three four five six"], "behaviours": list(behaviours)} | more
    return {"models": {"small": settings}}


@pytest.mark.parametrize("behaviour", OUTCOMES)
@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
def test_a_bad_answer_is_one_outcome_and_the_next_call_works(
    behaviour: str | int, is_stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with Mock(script(behaviour)) as mock:
            provider = OpenAI(mock.base_url, api_key=KEY)
            error = await outcome_of(provider, is_stream)
            assert error.outcome == OUTCOMES[behaviour][is_stream]
            assert error.code == error.outcome.upper()
            assert ASKED not in str(error)
            assert KEY not in str(error)
            assert (await provider.send(call_of())).text == "one two three four five six"
            await provider.aclose()
            await mock.on_quiet.wait()

    with caplog.at_level(logging.DEBUG):
        finish(work())
    assert KEY not in caplog.text
    assert ASKED not in caplog.text


@pytest.mark.parametrize("behaviour", ["hang", "hang_midway", "trickle"])
@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
def test_who_is_too_slow_is_left_and_loses_the_connection(behaviour: str, is_stream: bool) -> None:
    async def work() -> None:
        async with Mock(script(behaviour)) as mock:
            provider = OpenAI(mock.base_url)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    if is_stream:
                        async for _ in provider.stream(call_of()):
                            pass
                    else:
                        await provider.send(call_of())
            await mock.on_quiet.wait()
            assert mock.connections == 0
            await provider.aclose()

    finish(work())


def test_counts_that_cannot_be_are_no_counts() -> None:
    async def work() -> Reply:
        async with Mock(script("lying_usage")) as mock:
            provider = OpenAI(mock.base_url)
            reply = await provider.send(call_of())
            await provider.aclose()
            return reply

    reply = finish(work())
    assert reply.text == "one two three four five six"
    assert reply.usage == Usage(None, None, None)


def test_a_limit_that_names_a_time_says_it() -> None:
    async def work() -> ProviderError:
        async with Mock(script("rate_limited", headers={"retry-after": "7"})) as mock:
            provider = OpenAI(mock.base_url)
            error = await outcome_of(provider, False)
            await provider.aclose()
            return error

    assert finish(work()).retry_after_s == 7.0


def test_an_answer_of_eight_mebibytes_is_read_and_one_byte_more_is_not() -> None:
    async def work(size: int) -> str:
        async with Mock({"models": {"small": {"replies": ["x" * size]}}}) as mock:
            provider = OpenAI(mock.base_url)
            try:
                return (await provider.send(call_of())).text
            finally:
                await provider.aclose()

    frame = 1024  # the JSON around the text
    assert len(finish(work(MAX_ANSWER_BYTES - frame))) == MAX_ANSWER_BYTES - frame
    with pytest.raises(ProviderError, match="8 MiB"):
        finish(work(MAX_ANSWER_BYTES))


def test_nobody_there_is_a_failed_connection() -> None:
    async def work() -> ProviderError:
        async with Mock() as mock:
            gone = mock.base_url
        provider = OpenAI(gone)
        error = await outcome_of(provider, False)
        await provider.aclose()
        return error

    assert finish(work()).outcome == "connect_failed"


def test_no_redirect_carries_the_prompt_elsewhere() -> None:
    async def work() -> tuple[ProviderError, int]:
        async with Mock() as other, Mock() as mock:

            async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                target = f"{other.base_url}/chat/completions"
                writer.write(f"HTTP/1.1 307 Moved\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
                writer.close()

            server = await asyncio.start_server(redirect, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            provider = OpenAI(f"http://127.0.0.1:{port}/v1")
            error = await outcome_of(provider, False)
            await provider.aclose()
            server.close()
            await server.wait_closed()
            assert not mock.requests
            return error, len(other.requests)

    error, followed = finish(work())
    assert followed == 0
    assert error.outcome in ("invalid_request", "server_error")


def test_a_compressed_answer_is_refused_before_it_is_unpacked() -> None:
    async def work() -> ProviderError:
        async with Mock(script(headers={"content-encoding": "gzip"})) as mock:
            provider = OpenAI(mock.base_url)
            error = await outcome_of(provider, False)
            assert mock.requests[0].headers["accept-encoding"] == "identity"
            await provider.aclose()
            return error

    assert finish(work()).outcome == "server_error"


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b"null",
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"choices": [{"message": "text"}]}',
        b'{"choices": {"0": {}}}',
        b'{"choices": [null]}',
        b'{"error": "down"}',
        b'{"error": {"code": {"a": 1}, "message": ["x"]}}',
        b'{"choices": [{"message": {"content": 1}}], "usage": ' + b"9" * 5000 + b"}",
    ],
)
def test_any_json_is_an_answer_or_a_failure_of_the_server(answer: bytes) -> None:
    async def work() -> ProviderError:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(answer), answer))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        provider = OpenAI(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
        error = await outcome_of(provider, False)
        await provider.aclose()
        server.close()
        await server.wait_closed()
        return error

    assert finish(work()).outcome == "server_error"
