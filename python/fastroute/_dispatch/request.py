"""What a request asks for: the arguments of `complete` and `stream`, read once."""

from __future__ import annotations

import contextvars
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastroute._exceptions import DispatchError, RequestError
from fastroute._fastroute import Decision, now_us

MAX_HOPS = 8
"""Times that agents may send a request on before it counts as going in circles."""

hops: contextvars.ContextVar[int] = contextvars.ContextVar("fastroute_hops", default=0)
"""Agents that the request which is being served has gone through."""

agent_now: contextvars.ContextVar[str | None] = contextvars.ContextVar("fastroute_agent", default=None)
"""The agent that runs, which what it sends on does not go to again."""

_ROUTING = (
    "messages",
    "task",
    "metadata",
    "capabilities",
    "tools_tokens",
    "min_quality",
    "max_cost",
    "max_latency_ms",
    "expected_output_tokens",
    "unavailable",
    "caller",
    "session",
)


_MOST = 1 << 31

_NOT_SENT_ON = frozenset({"text", "from_agent", "switch_after_stream", "until_us"})


@dataclass(slots=True, repr=False)
class Request:
    """One request as the caller gave it.

    An agent gets it, and may send it on as it is: `dispatcher.complete(request.text, **request.again())`.
    """

    text: str | bytes | None = None
    messages: list[dict[str, Any]] | None = None
    task: str | None = None
    metadata: Mapping[str, Any] | None = None
    capabilities: Iterable[str] | None = None
    tools_tokens: int | None = None
    min_quality: float | None = None
    max_cost: float | None = None
    max_latency_ms: float | None = None
    expected_output_tokens: int | None = None
    unavailable: Any = None
    caller: Mapping[str, str | None] | None = None
    session: bytes | None = None
    seed: int | None = None
    deadline_ms: float | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    tools: list[Mapping[str, Any]] = field(default_factory=list)
    schema: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    from_agent: str | None = None
    switch_after_stream: bool = False
    until_us: int | None = None

    @classmethod
    def read(cls, text: str | bytes | None, given: dict[str, Any]) -> Request:
        """Takes the arguments of a call; what is iterated twice is copied."""
        request = cls(text, **given)
        for name, least in (("deadline_ms", 0.0), ("max_output_tokens", 1)):
            value = given.get(name)
            if value is not None and not (least <= value <= _MOST and value):
                raise RequestError(f"`{name}` is {value}, not a figure above 0 that is finite", "INVALID_LIMIT")
        if request.messages is not None:
            request.messages = list(request.messages)
        request.tools = list(request.tools or ())
        request.extra = dict(request.extra or {})
        needs = [*(["tools"] if request.tools else []), *(["json_schema"] if request.schema is not None else [])]
        if needs:
            given_names = (request.capabilities,) if isinstance(request.capabilities, str) else request.capabilities
            request.capabilities = list(dict.fromkeys([*(given_names or ()), *needs]))
        if request.tools and request.tools_tokens is None:
            # A token has rarely fewer than three bytes of JSON; counting too many is safe.
            request.tools_tokens = len(json.dumps(request.tools, ensure_ascii=False)) // 3 + 1
        return request

    def routing(self) -> dict[str, Any]:
        """Returns what the router takes."""
        found = ((name, getattr(self, name)) for name in _ROUTING)
        return {name: value for name, value in found if value is not None}

    def again(self) -> dict[str, Any]:
        """Returns the arguments beside the text with which it can be sent on."""
        found = ((name, getattr(self, name)) for name in self.__slots__ if name not in _NOT_SENT_ON)
        given = {name: value for name, value in found if value not in (None, (), [], {})}
        if self.until_us is not None:
            given["deadline_ms"] = max((self.until_us - now_us()) / 1e3, 1.0)
        return given

    def sent_on(self, until_us: int, spent_nano: int) -> Request:
        """Returns it as an agent gets it, which may send it on with the time and the money that are left."""
        left = None if self.max_cost is None else max(self.max_cost - spent_nano / 1e9, 0.0)
        return replace(self, max_cost=left, until_us=until_us)

    def last_text(self) -> str:
        """Returns what the user said last."""
        if self.text is not None:
            return self.text if isinstance(self.text, str) else self.text.decode("utf-8", "replace")
        for message in reversed(self.messages or []):
            if message.get("role") == "user":
                return text_of(message.get("content"))
        return ""

    def __repr__(self) -> str:
        return f"Request(messages={1 if self.messages is None else len(self.messages)}, from_agent={self.from_agent!r})"


def text_of(content: object) -> str:
    """Returns the text of a message's content."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))


_OUTCOMES = {
    "nothing_fits": "no model may and can serve the request",
    "over_budget": "every model that could serve the request is over a budget",
}


def without_plan(decision: Decision) -> DispatchError:
    """Returns the error of a decision that has no plan."""
    said = decision.message or _OUTCOMES.get(decision.outcome, "the request was not routed")
    lines = [said, *(f"  {lack.message} [{lack.code}]" for lack in decision.missing)]
    at_us = decision._retry_at_us
    wait = None if at_us is None else max(at_us - now_us(), 0) / 1e6
    if wait is not None:
        lines.append(f"  try again in {wait:.1f} s")
    return DispatchError("\n".join(lines), decision.outcome.upper(), (), wait, decision)
