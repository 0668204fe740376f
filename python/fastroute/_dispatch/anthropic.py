"""The provider for Anthropic's messages API.

Conversations come in the form of OpenAI's chat API, as everywhere in fastroute, and are turned:
system messages become the system field, results of tools become blocks of the user, neighbours of
one role become one message. A wanted schema becomes a tool that the model must call, as that
holds for every model of theirs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from fastroute._dispatch.call import Delta, ProviderCall, ProviderError, Reply, ToolCall, ToolPiece, Usage, count_of
from fastroute._dispatch.http import Endpoint, error_inside, parse, read_events, read_json, reveal
from fastroute._dispatch.keys import Key

_BASE_URL = "https://api.anthropic.com"
_VERSION = "2023-06-01"
_MAX_TOKENS = 4096
"""What is asked for when nobody says; the API requires a figure."""
_LEAST_THINKING = 1024
"""Fewest tokens of thinking that the API takes."""
_ANSWER_TOOL = "answer"
_REASONS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls"}


class Anthropic:
    """Calls Anthropic's messages API; needs the extra `dispatch`.

    Arguments are those of OpenAI. Log-probabilities do not exist there, nor do embeddings.

    >>> fastroute.providers.Anthropic()
    Anthropic()
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        verify: bool | str = True,
    ) -> None:
        self._base_url = base_url
        self._key = None if api_key is None else Key.of(api_key)
        self._headers = dict(headers or {})
        self._extra = dict(extra or {})
        self._endpoint = Endpoint(verify=verify)

    async def send(self, call: ProviderCall) -> Reply:
        """Returns the whole answer."""
        async with self._endpoint.post(self._url(call), self._body(call), self._all_headers(call)) as found:
            answer = await read_json(found, call.idle_s)
        return _reply(answer, wants_schema=call.schema is not None)

    async def stream(self, call: ProviderCall) -> AsyncIterator[Delta]:
        """Yields the answer in pieces as they come."""
        body = self._body(call) | {"stream": True}
        is_finished = False
        answer_block: object = None
        async with self._endpoint.post(self._url(call), body, self._all_headers(call)) as found:
            async for data in read_events(found):
                event = parse(data)
                kind = event.get("type")
                if kind == "error":
                    raise error_inside(event.get("error"))
                if kind == "message_stop":
                    is_finished = True
                    break
                block = _dict(event.get("content_block"))
                if kind == "content_block_start" and call.schema is not None and block.get("name") == _ANSWER_TOOL:
                    answer_block = event.get("index")
                    continue
                # Thinking says nothing to pass on, but it is no silence.
                yield _delta(event, answer_block) or Delta()
        if not is_finished:
            raise ProviderError("server_error", "the stream ended before the answer did")

    async def embed(self, texts: Sequence[str], *, call: ProviderCall) -> list[list[float]]:
        """Raises ProviderError, as the API has no embeddings."""
        raise ProviderError("local_error", "Anthropic's API has no embeddings")

    async def aclose(self) -> None:
        """Closes the connections; the provider may be used again."""
        await self._endpoint.aclose()

    def __repr__(self) -> str:
        return f"Anthropic({self._base_url!r})" if self._base_url else "Anthropic()"

    def _url(self, call: ProviderCall) -> str:
        base = (self._base_url or call.base_url or _BASE_URL).rstrip("/")
        return f"{base.removesuffix('/v1')}/v1/messages"

    def _all_headers(self, call: ProviderCall) -> dict[str, str]:
        headers = {"anthropic-version": _VERSION, **self._headers}
        key = reveal(self._key, call)
        return headers if key is None else {"x-api-key": key, **headers}

    def _body(self, call: ProviderCall) -> dict[str, Any]:
        system, messages = turn(call.messages)
        body: dict[str, Any] = {
            "model": call.model,
            "messages": messages,
            "max_tokens": call.max_output_tokens or _MAX_TOKENS,
        }
        if system:
            body["system"] = system
        if call.temperature is not None:
            body["temperature"] = call.temperature
        tools = [_tool(each) for each in call.tools]
        if call.schema is not None:
            about = "Gives the answer."
            tools.append({"name": _ANSWER_TOOL, "description": about, "input_schema": call.schema})
            forced = {"type": "any"} if call.tools else {"type": "tool", "name": _ANSWER_TOOL}
            body["tool_choice"] = forced
        if tools:
            body["tools"] = tools
        budget = body["max_tokens"] // 2
        if call.reasoning and call.schema is None and budget >= _LEAST_THINKING:
            # With a tool that must be called the API takes no thinking, and with thinking no temperature.
            body["thinking"] = {"type": "enabled", "budget_tokens": budget}
            body.pop("temperature", None)
        return body | self._extra | dict(call.extra)


def turn(messages: Sequence[Mapping[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Turns a conversation of OpenAI's form into Anthropic's: the system text and the messages."""
    system: list[str] = []
    turned: list[dict[str, Any]] = []
    for message in messages:
        role, content = message.get("role"), message.get("content")
        if role in ("system", "developer"):
            system.extend(block["text"] for block in _blocks(content) if "text" in block)
            continue
        blocks = _blocks(content)
        if role == "tool":
            result = {"type": "tool_result", "tool_use_id": message.get("tool_call_id", ""), "content": blocks}
            role, blocks = "user", [result]
        elif role == "assistant":
            blocks.extend(_tool_use(each) for each in message.get("tool_calls") or ())
        if not blocks:
            continue
        role = "assistant" if role == "assistant" else "user"
        if turned and turned[-1]["role"] == role:
            turned[-1]["content"].extend(blocks)
        else:
            turned.append({"role": role, "content": blocks})
    return "\n\n".join(system), turned


def _blocks(content: object) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    blocks = []
    for part in content if isinstance(content, list) else ():
        if not isinstance(part, Mapping):
            continue
        image = _dict(part.get("image_url")).get("url")
        if isinstance(image, str):
            head, comma, data = image.partition(",")
            is_inline = head.startswith("data:") and comma
            media = head.removeprefix("data:").partition(";")[0]
            source = (
                {"type": "base64", "media_type": media, "data": data} if is_inline else {"type": "url", "url": image}
            )
            blocks.append({"type": "image", "source": source})
        elif isinstance(part.get("text"), str):
            blocks.append({"type": "text", "text": part["text"]})
        else:
            raise ProviderError("local_error", "a part of a message has no form in Anthropic's API")
    return blocks


def _tool_use(call: Mapping[str, Any]) -> dict[str, Any]:
    function = _dict(call.get("function"))
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except (TypeError, ValueError, RecursionError):
        arguments = {}
    name = function.get("name", "")
    return {"type": "tool_use", "id": call.get("id", ""), "name": name, "input": _dict(arguments)}


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    function = _dict(tool.get("function"))
    turned = {"name": function.get("name", ""), "input_schema": function.get("parameters") or {"type": "object"}}
    return turned | ({"description": function["description"]} if "description" in function else {})


def _reply(answer: dict[str, Any], *, wants_schema: bool) -> Reply:
    if answer.get("type") == "error" or answer.get("error"):
        raise error_inside(answer.get("error"))
    blocks = answer.get("content")
    if not isinstance(blocks, list):
        raise ProviderError("server_error", "the answer holds no message")
    usage = _usage(answer.get("usage")) or Usage()
    reason = _reason(answer.get("stop_reason"), usage)
    texts: list[str] = []
    calls: list[ToolCall] = []
    for block in blocks:
        block = _dict(block)
        if block.get("type") == "text" and isinstance(block.get("text"), str):
            texts.append(block["text"])
        elif block.get("type") == "tool_use" and isinstance(block.get("name"), str):
            arguments = json.dumps(block.get("input", {}), ensure_ascii=False)
            if wants_schema and block["name"] == _ANSWER_TOOL:
                texts, reason = [arguments], "stop"
            else:
                calls.append(ToolCall(str(block.get("id", "")), block["name"], arguments))
    return Reply("".join(texts), tuple(calls), reason, usage)


def _delta(event: dict[str, Any], answer_block: object) -> Delta | None:
    kind, index = event.get("type"), count_of(event.get("index")) or 0
    if kind == "message_start":
        return Delta(usage=_usage(_dict(event.get("message")).get("usage")))
    if kind == "content_block_start":
        block = _dict(event.get("content_block"))
        if block.get("type") == "tool_use":
            return Delta(tool_calls=(ToolPiece(index, str(block.get("id", "")), str(block.get("name", ""))),))
        return None
    piece = _dict(event.get("delta"))
    if kind == "content_block_delta":
        text, arguments = piece.get("text"), piece.get("partial_json")
        if isinstance(text, str):
            return Delta(text)
        if isinstance(arguments, str):
            is_answer = answer_block is not None and event.get("index") == answer_block
            return Delta(arguments) if is_answer else Delta(tool_calls=(ToolPiece(index, arguments=arguments),))
        return None
    if kind == "message_delta":
        usage = _usage(event.get("usage"))
        reason = _reason(piece.get("stop_reason"), usage)
        is_answer = answer_block is not None and reason == "tool_calls"
        return Delta(finish_reason="stop" if is_answer else reason, usage=usage)
    return None


def _reason(found: object, usage: Usage | None) -> str | None:
    if found == "refusal":
        raise ProviderError("content_refused", "the provider's content policy refused", usage=usage)
    return _REASONS.get(found, found) if isinstance(found, str) else None


def _usage(found: object) -> Usage | None:
    if not isinstance(found, dict):
        return None
    fresh, output = count_of(found.get("input_tokens")), count_of(found.get("output_tokens"))
    cached = count_of(found.get("cache_read_input_tokens"))
    written = count_of(found.get("cache_creation_input_tokens"))
    # Here the input is what was neither read from the cache nor written to it.
    whole = None if fresh is None else fresh + (cached or 0) + (written or 0)
    return Usage(whole, cached, output)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
