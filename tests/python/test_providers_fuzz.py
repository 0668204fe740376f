"""Whatever a provider sends is an answer or a ProviderError, and a stream is the same however it is cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastroute._dispatch import anthropic, openai
from fastroute._dispatch.call import MAX_ANSWER_BYTES, Delta, Gathered, Reply, Usage
from fastroute._dispatch.http import error_inside, parse, read_events
from fastroute._dispatch.judge import parses
from fastroute.providers import ProviderError

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Keys and values that answers have, so that random ones come near to real ones.
WORDS = st.sampled_from(
    [
        "choices",
        "message",
        "delta",
        "content",
        "text",
        "finish_reason",
        "stop",
        "content_filter",
        "refusal",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "id",
        "index",
        "usage",
        "prompt_tokens",
        "completion_tokens",
        "prompt_tokens_details",
        "cached_tokens",
        "logprobs",
        "logprob",
        "error",
        "code",
        "type",
        "content_block",
        "content_block_start",
        "content_block_delta",
        "message_delta",
        "message_start",
        "tool_use",
        "input",
        "input_tokens",
        "output_tokens",
        "partial_json",
        "stop_reason",
        "data",
        "embedding",
        "answer",
    ]
)
NUMBERS = st.integers() | st.floats(allow_nan=True)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5), max_leaves=25
)
OBJECTS = st.dictionaries(WORDS, JSON, max_size=6)


def holds(reply: Reply) -> None:
    """Checks that an answer is what its types say."""
    assert isinstance(reply.text, str)
    assert all(isinstance(part, str) for call in reply.tool_calls for part in call)
    assert reply.finish_reason is None or isinstance(reply.finish_reason, str)
    assert all(count is None or (type(count) is int and count >= 0) for count in reply.usage)


@QUICK
@given(OBJECTS)
def test_any_object_is_an_answer_of_openai_or_a_failure(found: dict[str, Any]) -> None:
    with contextlib.suppress(ProviderError):
        holds(openai._reply(found))
    with contextlib.suppress(ProviderError):
        openai._vectors(found, 2)


@QUICK
@given(OBJECTS)
def test_any_object_is_an_answer_of_anthropic_or_a_failure(found: dict[str, Any]) -> None:
    for wants_schema in (False, True):
        with contextlib.suppress(ProviderError):
            holds(anthropic._reply(found, wants_schema=wants_schema))


@QUICK
@given(st.lists(OBJECTS, max_size=5))
def test_any_events_are_pieces_or_a_failure(events: list[dict[str, Any]]) -> None:
    for read in (openai._delta, lambda event: anthropic._delta(event, 0) or Delta()):
        gathered = Gathered()
        with contextlib.suppress(ProviderError):
            for event in events:
                gathered.add(read(event))
        holds(gathered.reply())


@QUICK
@given(JSON)
def test_any_error_inside_an_answer_is_an_outcome(error: Any) -> None:
    assert error_inside(error).outcome


@QUICK
@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_failure(content: bytes) -> None:
    with contextlib.suppress(ProviderError):
        assert isinstance(parse(content), dict)


@QUICK
@given(st.text(max_size=200))
def test_any_text_parses_or_does_not(text: str) -> None:
    assert parses(text) in (True, False)


@pytest.mark.parametrize("text", ["(" * 5000, "-" * 50_000 + "1", "\x00", "a = '" + "\\" * 999, "[" * 300 + "]" * 300])
def test_code_that_is_made_to_hurt_is_no_code_or_code(text: str) -> None:
    assert parses(text) in (True, False)
    assert parses("x" * (1 << 20)) is None


class Pieces:
    """A response that comes in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


def events_of(pieces: list[bytes]) -> list[bytes]:
    async def work() -> list[bytes]:
        return [event async for event in read_events(cast(Any, Pieces(pieces)))]

    return asyncio.run(work())


LINES = st.lists(
    st.sampled_from([b"data: a", b"data:b", b"data: ", b": comment", b"event: x", b"", b"data", b"id: 1"]), max_size=12
)


@QUICK
@given(LINES, st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(1, 9), max_size=60))
def test_events_are_the_same_however_they_are_cut(lines: list[bytes], end: bytes, cuts: list[int]) -> None:
    whole = b"".join(line + end for line in lines)
    pieces, rest = [], whole
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    expected, data = [], None
    for line in [*lines, b""]:
        if line.startswith(b"data:"):
            said = line[5:].removeprefix(b" ")
            data = said if data is None else data + b"\n" + said
        elif not line and data is not None:
            expected.append(data)
            data = None
    expected = [event for event in expected if event]
    assert (
        [event for event in events_of([*pieces, rest]) if event]
        == expected
        == [event for event in events_of([whole]) if event]
    )


def test_a_stream_of_single_bytes_is_read_in_linear_time() -> None:
    line = b"data: " + b"x" * 300_000 + b"\n\n"
    pieces = [line[place : place + 1] for place in range(len(line))]
    assert [len(event) for event in events_of(pieces)] == [300_000]


def test_a_stream_is_bounded() -> None:
    with pytest.raises(ProviderError, match="8 MiB"):
        events_of([b"x" * (1 << 20)] * (MAX_ANSWER_BYTES // (1 << 20) + 1))


def test_usage_that_comes_in_parts_is_put_together() -> None:
    gathered = Gathered()
    for usage in (Usage(10, 2, None), Usage(None, None, 5), None):
        gathered.add(Delta(usage=usage))
    assert gathered.reply().usage == Usage(10, 2, 5)
