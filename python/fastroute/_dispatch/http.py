"""HTTP as providers need it: one client for each event loop, bounded answers, failures as outcomes.

Answers are asked for uncompressed, so the bound on bytes holds on memory too. Nothing follows a
redirect, as that would carry the prompt to a place that nobody configured. Time limits are the
dispatcher's, which cancels; a cancelled call closes its connection.

httpx is imported when the first client is made.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastroute._dispatch.call import MAX_ANSWER_BYTES, ProviderCall, ProviderError
from fastroute._dispatch.keys import Key, MissingKeyError
from fastroute._fastroute import classify

if TYPE_CHECKING:
    import httpx

_MAX_ERROR_BYTES = 64 << 10
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


class Endpoint:
    """The connections of one provider."""

    def __init__(self, *, verify: bool | str = True) -> None:
        self._verify = verify
        # One for TLS and one without, as the latter verifies nothing.
        self._clients: dict[bool, httpx.AsyncClient] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def _open(self, url: str) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # Of another loop, perhaps of another process: its connections are not ours to close.
            self._clients = {}
            self._loop = loop
        is_tls = not url.startswith("http:")
        client = self._clients.get(is_tls)
        if client is None:
            httpx = import_httpx()
            client = self._clients[is_tls] = httpx.AsyncClient(
                timeout=httpx.Timeout(None),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=200, keepalive_expiry=30.0),
                # Reading the authorities that the system trusts takes longer than a call on a local network.
                verify=self._verify if is_tls else False,
                headers={"accept-encoding": "identity", "content-type": "application/json"},
            )
        return client

    @asynccontextmanager
    async def post(self, url: str, body: Mapping[str, Any], headers: dict[str, str]) -> AsyncIterator[httpx.Response]:
        """Sends a request and gives its answer with status 2xx, not yet read; raises ProviderError."""
        httpx = import_httpx()
        try:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError):
            raise ProviderError("local_error", "the request cannot be written as JSON") from None
        has_begun = False
        try:
            client = self._open(url)
            request = client.build_request("POST", url, content=content, headers=headers)
            response = await client.send(request, stream=True)
            has_begun = True
            try:
                if not 200 <= response.status_code < 300:
                    raise await _refused(response)
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise ProviderError("server_error", "the answer is compressed, though that was refused")
                yield response
            finally:
                await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError):
            raise ProviderError("connect_failed", "no connection to the provider") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError):
            raise ProviderError("local_error", "the address or a header of the provider cannot be used") from None
        except httpx.HTTPError:
            said = "the answer broke off" if has_begun else "the connection was closed before an answer"
            raise ProviderError("server_error", said) from None

    async def aclose(self) -> None:
        """Closes the connections that the running loop has."""
        clients, self._clients = self._clients, {}
        if self._loop is asyncio.get_running_loop():
            await asyncio.gather(*(client.aclose() for client in clients.values()))


def import_httpx() -> Any:
    """Returns the module `httpx`, or says how to get it."""
    try:
        import httpx
    except ImportError as error:
        raise ImportError("fastroute's providers need httpx: pip install 'fastroute[dispatch]'") from error
    return httpx


def reveal(own: Key | None, call: ProviderCall) -> str | None:
    """Returns the key of a call: the provider's own, else the one that the configuration names."""
    key = own if own is not None else call.key
    try:
        return None if key is None else key.reveal()
    except MissingKeyError as error:
        # As if the provider had refused it: the next model of the plan may have a key that is there.
        raise ProviderError("unauthorized", str(error)) from None


async def read_json(response: httpx.Response, idle_s: float | None = None) -> dict[str, Any]:
    """Reads a whole answer, which must be one JSON object of bounded size; raises TimeoutError for a pause in it."""
    content = bytearray()
    async with asyncio.timeout(None) as limit:
        async for piece in response.aiter_raw():
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                raise _too_long()
            if idle_s is not None:
                limit.reschedule(asyncio.get_running_loop().time() + idle_s)
    return parse(content)


def parse(content: bytes | bytearray) -> dict[str, Any]:
    """Reads one JSON object; anything else is a fault of the provider."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise ProviderError("server_error", "the answer is not JSON") from None
    if not isinstance(found, dict):
        raise ProviderError("server_error", "the answer is not a JSON object")
    return found


async def read_events(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yields the data of each server-sent event as soon as its last byte is there.

    Linear in the bytes, however they are cut; bounded as a whole.
    """
    pending = bytearray()
    data: list[bytes] = []
    total = searched = 0
    async for piece in response.aiter_raw():
        total += len(piece)
        if total > MAX_ANSWER_BYTES:
            raise _too_long()
        pending += piece
        start = 0
        while (end := pending.find(b"\n", max(start, searched))) >= 0:
            line = pending[start:end].removesuffix(b"\r")
            start = end + 1
            if line.startswith(b"data:"):
                data.append(bytes(line[5:].removeprefix(b" ")))
            elif not line and data:
                if event := b"\n".join(data):
                    yield event
                data.clear()
        del pending[:start]
        searched = len(pending)
    if event := b"\n".join(data):
        yield event


def error_inside(error: object) -> ProviderError:
    """Returns what an error inside an answer with status 200 means."""
    found = error if isinstance(error, dict) else {}
    number = found.get("code")
    status = number if isinstance(number, int) and not isinstance(number, bool) and 400 <= number < 600 else 500
    return _failure(status, {}, _code_of(found), "an error inside the answer")


async def _refused(response: httpx.Response) -> ProviderError:
    content = bytearray()
    httpx = import_httpx()
    try:
        async for piece in response.aiter_raw():
            content += piece
            if len(content) > _MAX_ERROR_BYTES:
                break
    except httpx.HTTPError:
        content.clear()
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    inner = found.get("error") if isinstance(found, dict) else None
    code = _code_of(inner if isinstance(inner, dict) else {})
    return _failure(response.status_code, dict(response.headers), code, f"status {response.status_code}")


def _failure(status: int, headers: dict[str, str], code: str | None, said: str) -> ProviderError:
    outcome, retry_after_us, limit_scope = classify(status, headers, code)
    return ProviderError(
        outcome,
        # Not the provider's own message: some quote the prompt, or the key.
        f"{said}, {code}" if code else said,
        retry_after_s=None if retry_after_us is None else retry_after_us / 1e6,
        limit_scope=limit_scope,
    )


def _code_of(error: Mapping[str, Any]) -> str | None:
    for name in ("code", "type"):
        value = error.get(name)
        if isinstance(value, str) and _CODE.fullmatch(value):
            return value
    return None


def _too_long() -> ProviderError:
    return ProviderError("server_error", f"the answer has more than {MAX_ANSWER_BYTES >> 20} MiB")
