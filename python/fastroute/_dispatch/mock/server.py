"""The server of the mock: HTTP/1.1 on asyncio's streams, as much of it as clients of models use."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, NamedTuple

from fastroute._dispatch.mock import words
from fastroute._dispatch.mock.script import MockModel, models_of

_MAX_BODY = 64 << 20
_HUGE = 10_000_000
_PHRASES = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}


class Received(NamedTuple):
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Mock:
    """Serves a script on a port of its own while an `async with` block runs.

    >>> import fastroute.providers
    >>> from fastroute.mock import Mock
    >>> async def ask():
    ...     async with Mock({"models": {"small": {"replies": ["Yes."]}}}) as mock:
    ...         provider = fastroute.providers.OpenAI(mock.base_url)
    ...         messages = [{"role": "user", "content": "Is it?"}]
    ...         reply = await provider.send(fastroute.providers.ProviderCall("small", messages))
    ...         await provider.aclose()
    ...         return reply.text
    >>> import asyncio
    >>> asyncio.run(ask())
    'Yes.'
    """

    def __init__(
        self, script: Mapping[str, Any] | None = None, *, host: str = "127.0.0.1", port: int = 0, keep: int = 1000
    ) -> None:
        self._models = models_of(script or {})
        self._host, self._port = host, port
        self._keep = keep
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[Received] = []
        """The first requests that came."""
        self.connections = 0
        """Connections that are open now."""
        self.on_quiet: asyncio.Event = asyncio.Event()
        """Set while no connection is open."""
        self.on_request: Callable[[Received], Awaitable[None]] | None = None
        """Called with each request before it is answered."""

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self._host}:{self._port}"

    @property
    def base_url(self) -> str:
        """What clients of OpenAI's API take."""
        return f"http://{self.address}/v1"

    async def start(self) -> None:
        """Listens."""
        self.on_quiet.set()
        self._server = await asyncio.start_server(self._accept, self._host, self._port, limit=256 << 10)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes every connection and listens no more."""
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Mock:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connection(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.on_quiet.clear()
        try:
            while (received := await _read(reader)) is not None:
                if len(self.requests) < self._keep:
                    self.requests.append(received)
                if self.on_request is not None:
                    await self.on_request(received)
                if not await self._answer(received, _Exchange(reader, writer)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            self.connections -= 1
            if self.connections == 0:
                self.on_quiet.set()
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, received: Received, exchange: _Exchange) -> bool:
        """Answers one request; returns whether the connection stays open."""
        path, body = received.path.removeprefix("/v1"), received.body
        if received.path == "/messages":
            # Anthropic's API is below `/v1`, always.
            return await exchange.error(404, "not_found")
        if path == "/models":
            listed = [{"id": name, "object": "model"} for name in self._models]
            return await exchange.whole(200, {"object": "list", "data": listed})
        if path == "/embeddings":
            return await exchange.whole(200, _embeddings(body))
        if path not in ("/chat/completions", "/messages"):
            return await exchange.error(404, "not_found")
        name = str(body.get("model"))
        model = self._models.get(name)
        if model is None:
            model = self._models[name] = MockModel(name)
        behaviour = model.next_behaviour()
        if model.latency_s:
            await asyncio.sleep(model.latency_s)
        if isinstance(behaviour, int):
            return await exchange.error(behaviour, "scripted", model.headers)
        if behaviour in _WITHOUT_ANSWER:
            return await _WITHOUT_ANSWER[behaviour](exchange, model)
        reply = model.next_reply()
        if behaviour == "content_filter":
            reply["finish_reason"] = "content_filter"
        if behaviour == "huge":
            reply["text"] = "x" * _HUGE
        usage = words.usage_of(reply, body)
        counts: Any = words.LIE if behaviour == "lying_usage" else words.openai_usage(usage)
        is_openai = path == "/chat/completions"
        probability = model.log_probability if body.get("logprobs") else None
        if body.get("stream"):
            if is_openai:
                events = [
                    f"data: {json.dumps(each)}\n\n" for each in words.openai_pieces(name, reply, counts, probability)
                ]
                events.append("data: [DONE]\n\n")
            else:
                pieces = words.anthropic_pieces(name, reply, usage)
                events = [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in pieces]
            return await exchange.stream(events, behaviour, model)
        if is_openai:
            answer = words.openai_answer(name, reply, counts, probability)
        else:
            answer = words.anthropic_answer(name, reply, usage)
        if model.per_token_s:
            await asyncio.sleep(model.per_token_s * len(words.words_of(reply.get("text", ""))))
        return await exchange.whole(200, answer, model.headers, behaviour)


class _Exchange:
    """One answer on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def whole(
        self, status: int, answer: Any, headers: Mapping[str, str] | None = None, behaviour: str = "answer"
    ) -> bool:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self._head(status, {"content-type": "application/json", "content-length": str(len(content)), **(headers or {})})
        if behaviour == "close_midway":
            self._writer.write(content[: len(content) // 2])
            await self._writer.drain()
            return False
        if behaviour == "hang_midway":
            self._writer.write(content[: len(content) // 2])
            return await self.until_closed()
        if behaviour == "trickle":
            return await self._trickle(content)
        self._writer.write(content)
        await self._writer.drain()
        return True

    async def error(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> bool:
        error = {"message": "the mock was told to say so", "type": code, "code": code}
        return await self.whole(status, {"error": error}, headers)

    async def stream(self, events: list[str], behaviour: str, model: MockModel) -> bool:
        headers = {"content-type": "text/event-stream", "transfer-encoding": "chunked", **model.headers}
        self._head(200, headers)
        if behaviour == "trickle":
            return await self._trickle("".join(events).encode(), is_chunked=True)
        stops_after = max(1, len(events) // 3) if behaviour.endswith("_midway") else len(events)
        for number, event in enumerate(events[:stops_after]):
            if number and model.per_token_s:
                await asyncio.sleep(model.per_token_s)
            self._chunk(event.encode())
            await self._writer.drain()
        if behaviour == "close_midway":
            return False
        if behaviour == "hang_midway":
            return await self.until_closed()
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()
        return True

    async def until_closed(self) -> bool:
        """Says nothing until the client gives up."""
        while await self._reader.read(1 << 16):
            pass
        return False

    async def _trickle(self, content: bytes, *, is_chunked: bool = False) -> bool:
        for place in range(len(content)):
            byte = content[place : place + 1]
            self._chunk(byte) if is_chunked else self._writer.write(byte)
            await self._writer.drain()
            await asyncio.sleep(0.01)
        if is_chunked:
            self._writer.write(b"0\r\n\r\n")
        return True

    def _chunk(self, content: bytes) -> None:
        self._writer.write(b"%x\r\n%b\r\n" % (len(content), content))

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Status')}", *(f"{n}: {v}" for n, v in headers.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))


async def _hang(exchange: _Exchange, _: MockModel) -> bool:
    return await exchange.until_closed()


async def _close(_: _Exchange, __: MockModel) -> bool:
    return False


async def _malformed(exchange: _Exchange, model: MockModel) -> bool:
    return await exchange.whole(200, b'{"choices": [{"message": {"content": "an answ', model.headers)


async def _no_choices(exchange: _Exchange, model: MockModel) -> bool:
    return await exchange.whole(200, {"id": "mock", "choices": []}, model.headers)


async def _error_inside(exchange: _Exchange, model: MockModel) -> bool:
    error = {"type": "server_error", "code": "internal_error", "message": "the mock was told to say so"}
    return await exchange.whole(200, {"error": error}, model.headers)


async def _rate_limited(exchange: _Exchange, model: MockModel) -> bool:
    return await exchange.error(429, "rate_limit_exceeded", model.headers)


async def _quota_exhausted(exchange: _Exchange, model: MockModel) -> bool:
    return await exchange.error(429, "insufficient_quota", model.headers)


async def _context_too_long(exchange: _Exchange, model: MockModel) -> bool:
    return await exchange.error(400, "context_length_exceeded", model.headers)


_WITHOUT_ANSWER: dict[str, Callable[[_Exchange, MockModel], Awaitable[bool]]] = {
    "close": _close,
    "context_too_long": _context_too_long,
    "error_inside": _error_inside,
    "hang": _hang,
    "malformed": _malformed,
    "no_choices": _no_choices,
    "quota_exhausted": _quota_exhausted,
    "rate_limited": _rate_limited,
}


def _embeddings(body: Mapping[str, Any]) -> dict[str, Any]:
    texts = body.get("input")
    texts = texts if isinstance(texts, list) else [texts]
    data = [
        {"object": "embedding", "index": place, "embedding": [float(len(str(text))), float(str(text).count(" "))]}
        for place, text in enumerate(texts)
    ]
    return {"object": "list", "data": data[::-1], "usage": {"prompt_tokens": 1, "total_tokens": 1}}


async def _read(reader: asyncio.StreamReader) -> Received | None:
    """Reads one request; None when the client has closed the connection, or says what is no request."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    length = int(headers.get("content-length", "0"))
    if len(parts) != 3 or not 0 <= length <= _MAX_BODY or "transfer-encoding" in headers:
        return None
    content = await reader.readexactly(length)
    body = json.loads(content) if content else {}
    return Received(parts[1].partition("?")[0], headers, body if isinstance(body, dict) else {})
