"""The provider for OpenAI-compatible endpoints: OpenAI, Azure, vLLM, llama.cpp's server, Ollama, and many more.

Reads only what the protocol promises and takes nothing else on trust: a field of the wrong type is
absent, an answer without a choice is no answer, and counts that cannot be are not counts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from fastroute._dispatch.call import (
    Delta,
    ProviderCall,
    ProviderError,
    Reply,
    ToolCall,
    ToolPiece,
    Usage,
    count_of,
    number_of,
)
from fastroute._dispatch.http import Endpoint, error_inside, parse, read_events, read_json, reveal
from fastroute._dispatch.keys import Key

_BASE_URL = "https://api.openai.com/v1"
_EFFORT = "medium"
"""Of reasoning that is asked for; `extra` may say another."""


class OpenAI:
    """Calls an OpenAI-compatible endpoint; needs the extra `dispatch`.

    `base_url` ends before `/chat/completions`; the configuration's, or OpenAI's own, without it.
    `api_key` may be `${NAME}`, which is read from the environment at each call; the configuration's
    key without it. `headers` go with each request, `extra` into each body.

    >>> fastroute.providers.OpenAI("http://127.0.0.1:11434/v1")
    OpenAI('http://127.0.0.1:11434/v1')
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        max_tokens_field: str | None = None,
        verify: bool | str = True,
    ) -> None:
        self._base_url = base_url
        self._key = None if api_key is None else Key.of(api_key)
        self._headers = dict(headers or {})
        self._extra = dict(extra or {})
        self._max_tokens_field = max_tokens_field
        self._endpoint = Endpoint(verify=verify)

    async def send(self, call: ProviderCall) -> Reply:
        """Returns the whole answer."""
        url = self._url(call)
        async with self._endpoint.post(
            f"{url}/chat/completions", self._body(call, url), self._all_headers(call)
        ) as found:
            answer = await read_json(found, call.idle_s)
        return _reply(answer)

    async def stream(self, call: ProviderCall) -> AsyncIterator[Delta]:
        """Yields the answer in pieces as they come."""
        url = self._url(call)
        body = self._body(call, url) | {"stream": True, "stream_options": {"include_usage": True}}
        headers = self._all_headers(call) | {"accept": "text/event-stream"}
        is_finished = False
        async with self._endpoint.post(f"{url}/chat/completions", body, headers) as found:
            if not found.headers.get("content-type", "").startswith("text/event-stream"):
                # A server that does not stream answers as a whole, or with an error.
                reply = _reply(await read_json(found))
                pieces = tuple(ToolPiece(number, *each) for number, each in enumerate(reply.tool_calls))
                yield Delta(reply.text, pieces, reply.finish_reason, reply.usage, reply.log_probabilities)
                return
            async for data in read_events(found):
                if data == b"[DONE]":
                    is_finished = True
                    break
                delta = _delta(parse(data))
                is_finished = is_finished or delta.finish_reason is not None
                yield delta
        if not is_finished:
            raise ProviderError("server_error", "the stream ended before the answer did")

    async def embed(self, texts: Sequence[str], *, call: ProviderCall) -> list[list[float]]:
        """Returns one vector for each text."""
        url = self._url(call)
        body = {"model": call.model, "input": list(texts), "encoding_format": "float"}
        async with self._endpoint.post(f"{url}/embeddings", body, self._all_headers(call)) as found:
            answer = await read_json(found)
        return _vectors(answer, len(texts))

    async def aclose(self) -> None:
        """Closes the connections; the provider may be used again."""
        await self._endpoint.aclose()

    def __repr__(self) -> str:
        return f"OpenAI({self._base_url!r})" if self._base_url else "OpenAI()"

    def _url(self, call: ProviderCall) -> str:
        return (self._base_url or call.base_url or _BASE_URL).rstrip("/")

    def _all_headers(self, call: ProviderCall) -> dict[str, str]:
        key = reveal(self._key, call)
        return self._headers if key is None else {"authorization": f"Bearer {key}", **self._headers}

    def _body(self, call: ProviderCall, url: str) -> dict[str, Any]:
        body: dict[str, Any] = {"model": call.model, "messages": list(call.messages)}
        if call.max_output_tokens is not None:
            # OpenAI's own models take only the newer name, most other servers only the older.
            newer = url == _BASE_URL or url.endswith(".openai.azure.com/openai/v1")
            name = self._max_tokens_field or ("max_completion_tokens" if newer else "max_tokens")
            body[name] = call.max_output_tokens
        if call.temperature is not None:
            body["temperature"] = call.temperature
        if call.tools:
            body["tools"] = list(call.tools)
        if call.schema is not None:
            form = {"name": "answer", "schema": call.schema, "strict": _is_strict(call.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        if call.reasoning:
            body["reasoning_effort"] = _EFFORT
        if call.log_probabilities:
            body["logprobs"] = True
        return body | self._extra | dict(call.extra)


def _is_strict(schema: object) -> bool:
    """Tells whether OpenAI's strict form takes a schema: every object closed, every property required."""
    if isinstance(schema, list):
        return all(map(_is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or properties is not None:
        required = schema.get("required") or ()
        if schema.get("additionalProperties") is not False or set(properties or ()) != set(required):
            return False
    return all(map(_is_strict, schema.values()))


def _reply(answer: dict[str, Any]) -> Reply:
    if answer.get("error"):
        raise error_inside(answer["error"])
    choice = _choice(answer)
    message = None if choice is None else choice.get("message")
    if choice is None or not isinstance(message, dict):
        raise ProviderError("server_error", "the answer holds no message")
    usage = _usage(answer.get("usage")) or Usage()
    reason = choice.get("finish_reason")
    _refuse_refusals(reason, message.get("refusal"), usage)
    calls = []
    for each in _list(message.get("tool_calls")):
        piece = _tool_piece(0, each)
        if piece is not None and piece.name:
            calls.append(ToolCall(piece.id, piece.name, piece.arguments))
    return Reply(
        _text(message.get("content")),
        tuple(calls),
        reason if isinstance(reason, str) else None,
        usage,
        _log_probabilities(choice.get("logprobs")),
    )


def _delta(event: dict[str, Any]) -> Delta:
    if event.get("error"):
        raise error_inside(event["error"])
    usage = _usage(event.get("usage"))
    choice = _choice(event)
    if choice is None:
        return Delta(usage=usage)
    piece = choice.get("delta")
    piece = piece if isinstance(piece, dict) else {}
    reason = choice.get("finish_reason")
    _refuse_refusals(reason, piece.get("refusal"), usage)
    tools = (_tool_piece(number, each) for number, each in enumerate(_list(piece.get("tool_calls"))))
    return Delta(
        _text(piece.get("content")),
        tuple(each for each in tools if each is not None),
        reason if isinstance(reason, str) else None,
        usage,
        _log_probabilities(choice.get("logprobs")),
    )


def _refuse_refusals(reason: object, refusal: object, usage: Usage | None) -> None:
    if reason == "content_filter" or (isinstance(refusal, str) and refusal):
        raise ProviderError("content_refused", "the provider's content policy refused", usage=usage)


def _choice(answer: dict[str, Any]) -> dict[str, Any] | None:
    choices = _list(answer.get("choices"))
    return choices[0] if choices and isinstance(choices[0], dict) else None


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = (part.get("text") for part in _list(content) if isinstance(part, dict))
    return "".join(part for part in parts if isinstance(part, str))


def _tool_piece(number: int, found: object) -> ToolPiece | None:
    if not isinstance(found, dict):
        return None
    index, function = found.get("index"), found.get("function")
    function = function if isinstance(function, dict) else {}
    texts = (found.get("id"), function.get("name"), function.get("arguments"))
    place = count_of(index)
    return ToolPiece(number if place is None else place, *(each if isinstance(each, str) else "" for each in texts))


def _usage(found: object) -> Usage | None:
    if not isinstance(found, dict):
        return None
    details = found.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else found.get("prompt_cache_hit_tokens")
    return Usage(count_of(found.get("prompt_tokens")), count_of(cached), count_of(found.get("completion_tokens")))


def _log_probabilities(found: object) -> list[float] | None:
    if not isinstance(found, dict):
        return None
    values = (number_of(each.get("logprob")) for each in _list(found.get("content")) if isinstance(each, dict))
    return [value for value in values if value is not None] or None


def _vectors(answer: dict[str, Any], count: int) -> list[list[float]]:
    if answer.get("error"):
        raise error_inside(answer["error"])
    rows: dict[int, list[float]] = {}
    for place, item in enumerate(_list(answer.get("data"))):
        vector = item.get("embedding") if isinstance(item, dict) else None
        numbers = [number_of(each) for each in _list(vector)]
        known = [number for number in numbers if number is not None]
        if known and len(known) == len(numbers):
            index = count_of(item.get("index"))
            rows[place if index is None else index] = known
    if sorted(rows) != list(range(count)):
        raise ProviderError("server_error", "the answer does not hold one vector for each text")
    return [rows[place] for place in range(count)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
