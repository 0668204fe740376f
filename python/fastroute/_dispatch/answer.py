"""What a dispatcher gives back: the answer, what it took to get it, and the pieces of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastroute._dispatch.call import Reply, ToolCall, Usage
from fastroute._exceptions import DispatchError
from fastroute._fastroute import Decision, Deployment, now_us


class Attempt(NamedTuple):
    """One call of a run, or one step that was passed over."""

    model: str
    """The model."""
    deployment: Deployment | None
    """Where it runs."""
    why: str
    """`primary`, `retry`, `fallback`, `escalation`, `hedge`, `sample`, `verifier` or `summary`."""
    outcome: str | None
    """One of fastroute.ATTEMPT_OUTCOMES; None for a step that was passed over."""
    skipped: str | None
    """Why it was passed over, such as `BREAKER_OPEN`; None for a call."""
    detail: str
    """What the provider said, as far as it is safe to repeat; may be empty."""
    started_ms: float
    """When it started, after the start of the request."""
    latency_ms: float
    """How long it took."""
    cost_usd: float
    """What it cost."""
    confidence: float | None
    """How far its answer is trusted; None when that is unknown or was not asked."""
    accepted: bool | None
    """Whether its answer was accepted; None for what is no answer."""
    number: int | None
    """Its number in the run, as Router.report takes it; None for a step that was passed over and for a summary."""

    def __str__(self) -> str:
        """Returns one line of the log."""
        where = f" at {self.deployment.provider}" if self.deployment is not None else ""
        said = f"passed over, {self.skipped}" if self.skipped else (self.outcome or "running")
        if self.outcome == "success" and self.accepted is False:
            said = "not accepted"
        sure = "" if self.confidence is None else f", confidence {self.confidence:.2f}"
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.model}{where}, {self.why}: {said}{sure}{detail} after {self.latency_ms:.0f} ms"


class Costs(NamedTuple):
    """What a request cost in US dollars, by what it was spent on; the parts add up to `total`."""

    total: float
    """Everything."""
    answer: float = 0.0
    """The call whose answer it is."""
    meta_llm: float = 0.0
    """Questions to the meta-LLM and summaries."""
    verify: float = 0.0
    """Verifiers, and samples beside the answer."""
    retry: float = 0.0
    """Calls that failed."""
    escalation: float = 0.0
    """Answers that were not accepted."""
    hedge: float = 0.0
    """Calls beside slow ones."""


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """The answer to a request, and what it took.

    Prints neither itself nor the request: both may hold what logs must not.
    """

    text: str
    """The text; empty when the model only calls tools."""
    tool_calls: tuple[ToolCall, ...]
    """What the model wants to be called."""
    finish_reason: str | None
    """`stop`, `length`, `tool_calls`, or what else the provider says."""
    model: str | None
    """The model that answered; None when an agent did."""
    deployment: Deployment | None
    """Where it ran."""
    decision: Decision
    """What was decided."""
    accepted: bool
    """Whether it was accepted; without a cascade every answer is."""
    confidence: float | None
    """How far it is trusted; None when that is unknown or was not asked."""
    attempts: tuple[Attempt, ...]
    """Every call and every step that was passed over, in order."""
    usage: Usage
    """Tokens of the call whose answer it is, as the provider counted."""
    costs: Costs
    """What it cost, everything counted."""
    baseline_usd: float | None
    """What its tokens would have cost at the baseline model; None without one."""
    saved_usd: float | None
    """The baseline less everything; negative when it was dearer."""
    session: bytes | None
    """The session after this turn, to be given to the next; None outside of one."""
    attempt: int | None = None
    """Number of the call whose answer it is, for feedback: `router.report(answer.decision, None, attempt=answer.attempt, …)`."""
    agent: str | None = None
    """The agent that answered."""

    @property
    def content(self) -> str | None:
        """The text, or None when there is none, as chat APIs have it."""
        return self.text or None

    @property
    def cost_usd(self) -> float:
        """The whole cost."""
        return self.costs.total

    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message, to be appended to the conversation."""
        message: dict[str, Any] = {"role": "assistant", "content": self.content}
        if self.tool_calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.tool_calls
            ]
        return message

    def __repr__(self) -> str:
        by = f"agent={self.agent!r}" if self.agent else f"model={self.model!r}"
        return (
            f"Answer({by}, accepted={self.accepted}, characters={len(self.text)}, "
            f"attempts={len(self.attempts)}, cost_usd={self.cost_usd:.6f})"
        )


@dataclass(frozen=True, slots=True, repr=False)
class Chunk:
    """A piece of an answer, passed on as it came."""

    text: str = ""
    """The next piece of the text."""
    tool_calls: tuple[ToolCall, ...] = ()
    """The tool calls of the answer, complete; on the last chunk."""
    model: str | None = None
    """The model that says it."""
    is_restart: bool = False
    """Whether another model starts over, so that what came before is void; only with `switch_after_stream`."""
    answer: Answer | None = None
    """The whole answer; on the last chunk."""

    def __repr__(self) -> str:
        return f"Chunk(model={self.model!r}, characters={len(self.text)}, is_last={self.answer is not None})"


def attempts_of(lines: Iterable[Mapping[str, Any]], details: Mapping[int, str], started_us: int) -> tuple[Attempt, ...]:
    """Returns the log of a run as attempts."""
    return tuple(
        Attempt(
            line["model"],
            line["deployment"],
            line["why"],
            line["outcome"],
            line["skipped"],
            "" if line["attempt"] is None else details.get(line["attempt"], ""),
            (line["started_us"] - started_us) / 1e3,
            line["latency_us"] / 1e3,
            line["cost_nano"] / 1e9,
            line["confidence"],
            line["accepted"],
            line["attempt"],
        )
        for line in lines
    )


def costs_of(nano: Mapping[str, Any]) -> Costs:
    """Returns the costs of a run in dollars."""
    return Costs(*(nano[f"{name}_nano"] / 1e9 for name in Costs._fields))


_SENTENCES = {
    "ALL_ATTEMPTS_FAILED": "every attempt failed",
    "CANCELLED": "the request was cancelled",
    "CONTENT_REFUSED": "the content policy of a provider refused",
    "CONTEXT_TOO_LONG": "the request is too long for every model that is left",
    "DEADLINE_EXCEEDED": "the time is over",
    "INVALID_REQUEST": "a provider says that the request is invalid",
    "LOCAL_ERROR": "the request could not be sent",
    "NO_MODEL_AVAILABLE": "no model can be called now",
    "OVER_BUDGET": "budgets or rates have no room",
    "OVER_MAX_COST": "every step could cost more than the request may",
    "STREAM_BROKEN": "the answer broke off after it had begun",
}


def failure(
    code: str, attempts: tuple[Attempt, ...], retry_at_us: int | None, decision: Decision | None
) -> DispatchError:
    """Returns the one error of a run: each attempt with its reason, and the soonest time to try again."""
    wait = None if retry_at_us is None else max(retry_at_us - now_us(), 0) / 1e6
    lines = [_SENTENCES.get(code, "the run ended without an answer")]
    lines.extend(f"  {number}. {attempt}" for number, attempt in enumerate(attempts, start=1))
    if wait is not None:
        lines.append(f"  try again in {wait:.1f} s")
    return DispatchError("\n".join(lines), code, attempts, wait, decision)


def reply_parts(reply: Reply) -> tuple[str, tuple[ToolCall, ...], str | None, Usage]:
    """Returns the fields of a reply that an answer has too."""
    return reply.text, reply.tool_calls, reply.finish_reason, reply.usage
