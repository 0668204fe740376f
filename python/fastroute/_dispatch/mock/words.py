"""Answers of the mock in the forms of OpenAI's chat API and of Anthropic's messages API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_WORD = re.compile(r"\s*\S+|\s+")
LIE = {"prompt_tokens": -5, "completion_tokens": 10**30, "total_tokens": "many"}
"""Counts of tokens that cannot be."""


def words_of(text: str) -> list[str]:
    """Cuts a text into words with the space before them; the mock's tokens."""
    return _WORD.findall(text)


def usage_of(reply: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the counts that a reply names, or counts words."""
    given = dict(reply.get("usage", {}))
    said = sum(len(words_of(json.dumps(message.get("content") or ""))) for message in _messages(request))
    given.setdefault("input_tokens", said)
    given.setdefault("output_tokens", len(words_of(reply.get("text", ""))))
    given.setdefault("cached_tokens", 0)
    return given


def openai_answer(model: str, reply: Mapping[str, Any], usage: Any, log_probability: float | None) -> dict[str, Any]:
    """Returns a whole answer."""
    calls = _openai_calls(reply)
    message: dict[str, Any] = {"role": "assistant", "content": reply.get("text")}
    if calls:
        message["tool_calls"] = calls
    choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": _reason(reply)}
    if log_probability is not None:
        choice["logprobs"] = {"content": _log_probabilities(reply.get("text", ""), log_probability)}
    return {
        "id": "mock",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [choice],
        "usage": usage,
    }


def openai_pieces(
    model: str, reply: Mapping[str, Any], usage: Any, log_probability: float | None
) -> Iterator[dict[str, Any]]:
    """Yields an answer as the events of a stream, a word in each."""

    def event(delta: dict[str, Any], reason: str | None = None, **more: Any) -> dict[str, Any]:
        choices = [{"index": 0, "delta": delta, "finish_reason": reason, **more}]
        return {"id": "mock", "object": "chat.completion.chunk", "created": 0, "model": model, "choices": choices}

    for word in words_of(reply.get("text") or ""):
        if log_probability is None:
            yield event({"content": word})
        else:
            yield event({"content": word}, logprobs={"content": _log_probabilities(word, log_probability)})
    for number, call in enumerate(_openai_calls(reply)):
        function = call["function"]
        half = len(function["arguments"]) // 2
        head = {"name": function["name"], "arguments": function["arguments"][:half]}
        yield event({"tool_calls": [{"index": number, "id": call["id"], "type": "function", "function": head}]})
        yield event({"tool_calls": [{"index": number, "function": {"arguments": function["arguments"][half:]}}]})
    yield event({}, _reason(reply))
    yield {"id": "mock", "object": "chat.completion.chunk", "model": model, "choices": [], "usage": usage}


def anthropic_answer(model: str, reply: Mapping[str, Any], usage: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a whole answer."""
    blocks: list[dict[str, Any]] = [{"type": "text", "text": reply["text"]}] if reply.get("text") else []
    blocks += [{"type": "tool_use", **call} for call in reply.get("tool_calls", ())]
    return {
        "id": "mock",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": _anthropic_reason(reply),
        "usage": _anthropic_usage(usage),
    }


def anthropic_pieces(model: str, reply: Mapping[str, Any], usage: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields an answer as the events of a stream."""
    counted = _anthropic_usage(usage)
    start = {"id": "mock", "role": "assistant", "model": model, "content": [], "usage": counted | {"output_tokens": 0}}
    yield {"type": "message_start", "message": start}
    index = 0
    if reply.get("text"):
        yield {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
        for word in words_of(reply["text"]):
            yield {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": word}}
        yield {"type": "content_block_stop", "index": index}
        index += 1
    for call in reply.get("tool_calls", ()):
        block = {"type": "tool_use", "id": call["id"], "name": call["name"], "input": {}}
        yield {"type": "content_block_start", "index": index, "content_block": block}
        arguments = json.dumps(call["input"])
        for part in (arguments[:3], arguments[3:]):
            delta = {"type": "input_json_delta", "partial_json": part}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
        index += 1
    end = {"stop_reason": _anthropic_reason(reply)}
    yield {"type": "message_delta", "delta": end, "usage": {"output_tokens": counted["output_tokens"]}}
    yield {"type": "message_stop"}


def openai_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Returns counts in OpenAI's form."""
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        "total_tokens": usage["input_tokens"] + usage["output_tokens"],
        "prompt_tokens_details": {"cached_tokens": usage["cached_tokens"]},
    }


def _anthropic_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "input_tokens": usage["input_tokens"] - usage["cached_tokens"],
        "cache_read_input_tokens": usage["cached_tokens"],
        "output_tokens": usage["output_tokens"],
    }


def _messages(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    messages = request.get("messages")
    return [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []


def _openai_calls(reply: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call["input"])},
        }
        for call in reply.get("tool_calls", ())
    ]


def _reason(reply: Mapping[str, Any]) -> str:
    reason = reply.get("finish_reason", "tool_calls" if reply.get("tool_calls") else "stop")
    return str(reason)


def _anthropic_reason(reply: Mapping[str, Any]) -> str:
    reasons = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
    return reasons.get(_reason(reply), _reason(reply))


def _log_probabilities(text: str, log_probability: float) -> list[dict[str, Any]]:
    return [{"token": word, "logprob": log_probability} for word in words_of(text)]
