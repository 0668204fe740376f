"""What a provider gets and gives: a call, a reply or the pieces of one, and the failure.

Every provider speaks these types, whatever protocol is behind it, so the dispatcher knows none.
Nothing here prints a prompt, an answer or a key: a call shows its model and its counts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any, NamedTuple, Protocol, runtime_checkable

from fastroute._dispatch.keys import Key
from fastroute._exceptions import FastrouteError
from fastroute._fastroute import ATTEMPT_OUTCOMES

Message = dict[str, Any]
"""One message as chat APIs take it."""

MAX_ANSWER_BYTES = 8 << 20
"""A longer answer is no answer: it counts as a failure of the provider."""

_MAX_TOKENS = 1 << 40
_MAX_WAIT_S = 366 * 86_400.0
_LIMIT_SCOPES = ("model", "credential", "provider")


class Usage(NamedTuple):
    """Tokens that a provider counted; what it did not say, or said wrongly, is None."""

    input_tokens: int | None = None
    """Input, cached included."""
    cached_tokens: int | None = None
    """Input that the provider had cached."""
    output_tokens: int | None = None
    """Output, reasoning included."""


_UNCOUNTED = Usage()


class ToolCall(NamedTuple):
    """A call of a tool that the model wants."""

    id: str
    """What the result must name."""
    name: str
    """The tool."""
    arguments: str
    """The arguments as the model wrote them, JSON if it kept to the form."""


class ToolPiece(NamedTuple):
    """A piece of a tool call, as streams bring them."""

    place: int
    """Which of the calls of this answer it belongs to."""
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ProviderCall:
    """One call of a model, complete and ready to be sent."""

    model: str
    """What the provider calls the model."""
    messages: Sequence[Message]
    """The rendered conversation."""
    max_output_tokens: int | None = None
    """Most tokens of the answer; what is reserved in budgets counts on it."""
    temperature: float | None = None
    """None leaves it to the provider."""
    tools: Sequence[Mapping[str, Any]] = ()
    """Tools as OpenAI's API describes them."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer must keep to."""
    reasoning: bool = False
    """Whether to ask for reasoning; only of models with the capability."""
    log_probabilities: bool = False
    """Whether the probability of each token is wanted."""
    idle_s: float | None = None
    """Most seconds between two pieces of the body of an answer, once its first byte came."""
    base_url: str | None = None
    """Where the configuration says that the provider listens."""
    key: Key | None = None
    """The key of the deployment, as the configuration names it; read when the call is made."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields that go into the request as they are."""

    def __repr__(self) -> str:
        return f"ProviderCall(model={self.model!r}, messages={len(self.messages)})"


@dataclass(slots=True, repr=False)
class Reply:
    """A complete answer."""

    text: str = ""
    """The text; empty when there are only tool calls."""
    tool_calls: tuple[ToolCall, ...] = ()
    """What the model wants to be called."""
    finish_reason: str | None = None
    """`stop`, `length`, `tool_calls`, or what else the provider says."""
    usage: Usage = _UNCOUNTED
    """What the provider counted."""
    log_probabilities: list[float] | None = None
    """The natural logarithm of each token's probability, if asked for and given."""

    def __repr__(self) -> str:
        return f"Reply(characters={len(self.text)}, finish_reason={self.finish_reason!r})"


@dataclass(slots=True, repr=False)
class Delta:
    """A piece of an answer as it comes."""

    text: str = ""
    tool_calls: tuple[ToolPiece, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None
    log_probabilities: list[float] | None = None

    def __repr__(self) -> str:
        return f"Delta(characters={len(self.text)}, finish_reason={self.finish_reason!r})"


class ProviderError(FastrouteError):
    """A call failed in a way that the dispatcher can act on.

    `outcome` is one of fastroute.ATTEMPT_OUTCOMES. Providers of yours raise it too; another
    exception of theirs counts as `server_error`. The message goes into the error of the run, so
    it must hold no prompt and no key.
    """

    def __init__(
        self,
        outcome: str,
        message: str,
        *,
        retry_after_s: float | None = None,
        limit_scope: str = "model",
        usage: Usage | None = None,
    ) -> None:
        if outcome not in ATTEMPT_OUTCOMES:
            raise ValueError(f"outcome {outcome!r} is none of {', '.join(ATTEMPT_OUTCOMES)}")
        if limit_scope not in _LIMIT_SCOPES:
            raise ValueError(f"limit_scope {limit_scope!r} is none of {', '.join(_LIMIT_SCOPES)}")
        super().__init__(message, outcome.upper())
        self.outcome = outcome
        wait = number_of(retry_after_s)
        self.retry_after_s = None if wait is None else min(max(wait, 0.0), _MAX_WAIT_S)
        self.limit_scope = limit_scope
        self.usage = None if usage is None else read_usage(usage)

    def __reduce__(self) -> tuple[Any, ...]:
        made = partial(ProviderError, retry_after_s=self.retry_after_s, limit_scope=self.limit_scope, usage=self.usage)
        return made, (self.outcome, str(self))


@runtime_checkable
class Provider(Protocol):
    """What the dispatcher calls."""

    async def send(self, call: ProviderCall) -> Reply:
        """Returns the whole answer, or raises ProviderError."""

    def stream(self, call: ProviderCall) -> AsyncIterator[Delta]:
        """Yields the answer in pieces as they come, or raises ProviderError."""

    async def embed(self, texts: Sequence[str], *, call: ProviderCall) -> list[list[float]]:
        """Returns one vector for each text, in order; of `call` the model and the key count."""

    async def aclose(self) -> None:
        """Frees the connections; the provider may be used again."""


class Gathered:
    """Puts the pieces of a stream together."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._tools: dict[int, list[str]] = {}
        self._finish_reason: str | None = None
        self._usage = Usage()
        self._log_probabilities: list[float] | None = None

    def add(self, delta: Delta) -> None:
        """Takes the next piece."""
        if delta.text:
            self._texts.append(delta.text)
        for piece in delta.tool_calls:
            parts = self._tools.setdefault(piece.place, ["", "", ""])
            parts[0] = parts[0] or piece.id
            parts[1] = parts[1] or piece.name
            parts[2] += piece.arguments
        if delta.finish_reason is not None:
            self._finish_reason = delta.finish_reason
        if delta.usage is not None:
            known = zip(delta.usage, self._usage, strict=True)
            self._usage = Usage(*(new if new is not None else old for new, old in known))
        if delta.log_probabilities:
            self._log_probabilities = [*(self._log_probabilities or ()), *delta.log_probabilities]

    def reply(self) -> Reply:
        """Returns what came so far as one answer."""
        calls = tuple(ToolCall(*self._tools[index]) for index in sorted(self._tools))
        return Reply("".join(self._texts), calls, self._finish_reason, self._usage, self._log_probabilities)


def read_reply(said: object) -> Reply:
    """Checks what a provider returned: every field is what it should be, and counts that cannot be are not counts."""
    if not isinstance(said, Reply):
        raise ProviderError("server_error", f"the provider returned {type(said).__name__}, not a Reply")
    text: object = said.text
    if text is not None and not isinstance(text, str):
        raise ProviderError("server_error", f"the text of the reply is {type(text).__name__}, not str")
    said.text = text or ""
    said.usage = read_usage(said.usage)
    said.tool_calls = tuple(said.tool_calls or ())
    return said


def read_usage(said: object) -> Usage:
    """Reads counts, which may come as a Usage or a mapping of its fields."""
    if isinstance(said, Mapping):
        return Usage(*(count_of(said.get(name)) for name in Usage._fields))
    if isinstance(said, tuple) and len(said) == len(Usage._fields):
        return Usage(*map(count_of, said))
    return _UNCOUNTED


def number_of(value: object) -> float | None:
    """Reads a number; None for what is none, or no finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def count_of(value: object) -> int | None:
    """Reads a number of tokens; None for what can be no such number, however a provider came to say it."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_TOKENS:
        return None
    return value
