"""Calls beside a plan: the meta-LLM's question, and whatever else one model by name is asked.

The meta-LLM is asked at temperature 0 for one of the labels: in structured form where the provider
knows how, else its text is read strictly. A label that is kept from before is taken without a
call. What is no label, late, or failed is no answer, and the default takes the request.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from fastroute._dispatch.call import Message, Provider, ProviderCall, ProviderError, Reply, Usage, read_reply
from fastroute._dispatch.keys import Key
from fastroute._fastroute import Aside, Ballot, Decision, Deployment, Pending, Router, now_us

_EMBED_US = 30_000_000
"""Time for vectors."""

T = TypeVar("T")

ProviderOf = Callable[[Deployment], Provider]


class Said(NamedTuple):
    """What came of a call beside a plan."""

    reply: Reply | None
    outcome: str
    cost_nano: int


class Beside:
    """Makes calls beside a plan; remembers which models know no structured output."""

    def __init__(self, router: Router, provider_of: ProviderOf) -> None:
        self._router = router
        self._provider_of = provider_of
        self._without_schema: set[tuple[str, str]] = set()

    async def decide(
        self, pending: Pending, caller: Any, deadline_us: int | None, left_nano: int | None = None
    ) -> tuple[Decision, int]:
        """Puts the question and resumes; returns the decision, and the nano-dollars that asking cost.

        `deadline_us` is when the time of the request is over, if it has a time of its own. What could cost
        more than `left_nano` is not asked, so that the default takes the request.
        """
        question = pending.question
        ballot = Ballot(pending)
        until_us = now_us() + int(question.timeout_ms * 1e3)
        if deadline_us is not None:
            until_us = min(until_us, deadline_us)
        messages = [{"role": "system", "content": question.system}, {"role": "user", "content": question.user}]
        spent = 0
        while ballot.next() and now_us() < until_us:
            said = await self.call(
                question.model,
                messages,
                until_us=until_us,
                max_output_tokens=question.max_output_tokens,
                schema=question.schema,
                caller=caller,
                left_nano=None if left_nano is None else max(left_nano - spent, 0),
            )
            spent += said.cost_nano
            ballot.cast(None if said.reply is None else question.read(said.reply.text))
            if said.reply is None:
                break  # It is down, or has no time left; the default has.
        return pending.resume(ballot.label), spent

    async def call(
        self,
        model: str,
        messages: Sequence[Message],
        *,
        until_us: int,
        max_output_tokens: int,
        caller: Any,
        schema: Mapping[str, Any] | None = None,
        left_nano: int | None = None,
    ) -> Said:
        """Calls one model by name, unless its health, a rate, a budget or what is left to spend says no."""
        tokens = sum(len(str(message.get("content", ""))) for message in messages) // 3
        aside = self._aside(model, caller, tokens, max_output_tokens, until_us, left_nano)
        if aside is None:
            return Said(None, "cancelled", 0)
        deployment = aside.deployment
        place = (deployment.provider, deployment.model)
        if place in self._without_schema:
            schema = None
        call = ProviderCall(
            deployment.model,
            messages,
            max_output_tokens=max_output_tokens,
            temperature=0.0,
            schema=schema,
            base_url=deployment.base_url,
            key=_key(deployment),
        )
        provider = self._provider_of(deployment)
        reply, outcome, cost = await _timed(aside, provider.send(call), until_us, _usage_of)
        if outcome == "invalid_request" and schema is not None:
            # Some servers refuse what they do not know; asked without, the text is read strictly.
            self._without_schema.add(place)
            again = await self.call(
                model,
                messages,
                until_us=until_us,
                max_output_tokens=max_output_tokens,
                caller=caller,
                left_nano=None if left_nano is None else max(left_nano - cost, 0),
            )
            return again._replace(cost_nano=again.cost_nano + cost)
        return Said(reply, outcome, cost)

    async def embed(self, model: str, texts: Sequence[str]) -> tuple[list[list[float]] | None, str]:
        """Returns a vector for each text, or what went wrong."""
        until_us = now_us() + _EMBED_US
        aside = self._aside(model, None, sum(map(len, texts)) // 3, 0, until_us)
        if aside is None:
            return None, "cancelled"
        deployment = aside.deployment
        call = ProviderCall(deployment.model, (), base_url=deployment.base_url, key=_key(deployment))
        work = self._provider_of(deployment).embed(texts, call=call)
        vectors, outcome, _ = await _timed(aside, work, until_us, lambda _: Usage(output_tokens=0))
        return vectors, outcome

    def _aside(
        self,
        model: str,
        caller: Any,
        input_tokens: int,
        output_tokens: int,
        until_us: int,
        left_nano: int | None = None,
    ) -> Aside | None:
        return self._router._aside(
            model,
            caller=caller,
            input_tokens=input_tokens,
            max_output_tokens=output_tokens,
            until_us=until_us,
            id=random.getrandbits(128),
            seed=random.getrandbits(63),
            max_cost_nano=left_nano,
        )


def _key(deployment: Deployment) -> Key | None:
    found = deployment._api_key()
    return None if found is None else Key(*found)


def _usage_of(reply: Reply) -> Usage:
    return read_reply(reply).usage


async def _timed(
    aside: Aside, work: Awaitable[T], until_us: int, usage_of: Callable[[Any], Usage]
) -> tuple[T | None, str, int]:
    """Waits for a call and reports how it ended; returns what came, the outcome and the cost."""
    started = now_us()
    found, outcome, usage = None, "success", Usage()
    retry_after_us: int | None = None
    limit_scope = "model"
    try:
        async with asyncio.timeout((until_us - started) / 1e6):
            found = await work
        usage = usage_of(found)
    except ProviderError as error:
        found, outcome, limit_scope, usage = None, error.outcome, error.limit_scope, error.usage or usage
        retry_after_us = None if error.retry_after_s is None else int(max(error.retry_after_s, 0) * 1e6)
    except TimeoutError:
        outcome = "timeout"
    except asyncio.CancelledError:
        now = now_us()
        aside.ended("cancelled", now_us=now, latency_us=now - started)
        raise
    except (Exception, SystemExit, KeyboardInterrupt):
        found, outcome, usage = None, "server_error", Usage()
    now = now_us()
    cost = aside.ended(
        outcome,
        now_us=now,
        retry_after_us=retry_after_us,
        limit_scope=limit_scope,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        latency_us=now - started,
    )
    return found, outcome, cost
