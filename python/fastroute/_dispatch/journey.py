"""The way of one request through a dispatcher, step by step, under one deadline and one cost cap.

Decide, hand over to an agent, retrieve, shorten what is too long, run the plan, and say what it all
came to. A step that has to wait counts against the deadline; what it spent counts against the cap.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastroute._dispatch.answer import Answer, Attempt, Chunk, Costs, attempts_of, failure
from fastroute._dispatch.ask import Said
from fastroute._dispatch.call import Message, Reply, Usage
from fastroute._dispatch.functions import call_function
from fastroute._dispatch.request import MAX_HOPS, Request, agent_now, hops, without_plan
from fastroute._dispatch.run import Ended, Job, Piece, Running
from fastroute._exceptions import DispatchError
from fastroute._fastroute import Decision, Pending, Run, now_us

if TYPE_CHECKING:
    from fastroute._dispatch.dispatcher import Dispatcher

_LOG = logging.getLogger("fastroute")

_PARTS_AT_ONCE = 4
"""Parts of a long text that are answered beside each other."""

_PARTS = ("answer", "meta_llm", "verify", "retry", "escalation", "hedge")

MessagesFor = Callable[[str], list[Message]]


class Journey:
    """One request on its way."""

    def __init__(self, host: Dispatcher, request: Request, *, is_stream: bool) -> None:
        self._host = host
        self._request = request
        self._is_stream = is_stream
        self._started = now_us()
        self._deadline_us = None if request.deadline_ms is None else int(request.deadline_ms * 1e3)
        self._spent_nano = 0
        self._nano = dict.fromkeys(_PARTS, 0)
        self._baseline_nano: int | None = None
        self._attempts: list[Attempt] = []

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yields the answer as it comes; the last chunk has it whole."""
        decision = await self._decide()
        if decision.outcome != "routed":
            raise without_plan(decision)
        agent = decision.agent
        if agent is not None and agent not in self._host.agents:
            self._host.tell_missing("agent", agent)
        if agent is not None and agent in self._host.agents and agent != (self._request.from_agent or agent_now.get()):
            answer = await self._hand_over(agent, decision)
            yield Chunk(answer.text, answer.tool_calls, answer.model, answer=answer)
            return
        context = await self._retrieve(decision)
        way = decision.too_long.way if decision.too_long is not None else None
        if way == "split":
            messages_for = await self._answer_parts(decision, context)
        elif way == "summarise":
            messages_for = await self._summarise(decision, context)
        else:

            def messages_for(model: str) -> list[Message]:
                return decision._messages_for(model, context=context)

        ended: Ended | None = None
        async with aclosing(self._run(decision, messages_for, is_stream=self._is_stream)) as events:
            async for event in events:
                if isinstance(event, Piece):
                    yield Chunk(event.text, model=event.model, is_restart=event.is_restart)
                else:
                    ended = event
        assert ended is not None
        answer = self._answer(decision, ended)
        yield Chunk("" if ended.is_passed_on else answer.text, answer.tool_calls, answer.model, answer=answer)

    async def _decide(self) -> Decision:
        request = self._request
        if hops.get() > MAX_HOPS:
            raise DispatchError(f"agents have sent the request on more than {MAX_HOPS} times", "AGENT_LOOP")
        seed = random.getrandbits(63) if request.seed is None else request.seed
        begun = self._host.router._begin(request.text, **request.routing(), seed=seed)
        if isinstance(begun, Pending):
            deadline_us = None if self._deadline_us is None else self._started + self._deadline_us
            left_nano = self._left_nano()
            begun, spent = await self._host.beside.decide(begun, request.caller, deadline_us, left_nano)
            self._spend("meta_llm", spent)
        return begun

    async def _hand_over(self, name: str, decision: Decision) -> Answer:
        if decision._is_restricted and name not in self._host.trusted:
            said = f"a rule restricts who may see the request, and agent `{name}` is not trusted"
            raise DispatchError(said, "NOT_PERMITTED", decision=decision)
        function = self._host.agents[name]
        request = self._request.sent_on(self._until_us(decision), self._spent_nano)
        tokens = hops.set(hops.get() + 1), agent_now.set(name)
        try:
            async with _TimeLeft(self._until_us(decision), decision):
                said = await call_function(function, request, decision, self._host.facade)
        finally:
            hops.reset(tokens[0])
            agent_now.reset(tokens[1])
        if isinstance(said, Answer):
            return self._taken_over(said, name)
        if not isinstance(said, str):
            kind = type(said).__name__
            raise DispatchError(
                f"agent `{name}` returned {kind}, not a text or an Answer", "LOCAL_ERROR", (), None, decision
            )
        costs = self._costs()
        return Answer(
            text=said,
            tool_calls=(),
            finish_reason="stop",
            model=None,
            deployment=None,
            decision=decision,
            accepted=True,
            confidence=None,
            attempts=(),
            usage=Usage(),
            costs=costs,
            baseline_usd=None,
            saved_usd=None,
            session=decision.session,
            agent=name,
        )

    def _taken_over(self, said: Answer, name: str) -> Answer:
        """Returns an agent's answer with what this request cost before it."""
        costs = Costs(*(own + theirs for own, theirs in zip(self._costs(), said.costs, strict=True)))
        saved = None if said.baseline_usd is None else said.baseline_usd - costs.total
        return replace(said, agent=said.agent or name, costs=costs, saved_usd=saved)

    async def _retrieve(self, decision: Decision) -> str | None:
        wanted = decision.retrieval
        if wanted is None:
            return None
        if wanted.collection not in self._host.retrievers:
            self._host.tell_missing("retriever", wanted.collection)
            return None
        if decision._is_restricted and wanted.collection not in self._host.trusted:
            _LOG.info("nothing retrieved from `%s`: a rule restricts who may see the request", wanted.collection)
            return None
        retriever = self._host.retrievers[wanted.collection]
        try:
            async with _TimeLeft(self._until_us(decision), decision):
                found = await call_function(retriever, wanted.collection, self._request.last_text(), wanted.top_k)
            passages = _passages(found)
        except DispatchError:
            raise
        except _NoPassagesError as error:
            said = f"the retriever of `{wanted.collection}` returned {error}, not texts"
            raise DispatchError(said, "RETRIEVAL_FAILED", (), None, decision) from None
        except Exception as error:
            said = f"retrieving from `{wanted.collection}` failed: {type(error).__name__}"
            raise DispatchError(said, "RETRIEVAL_FAILED", (), None, decision) from error
        text = "\n\n".join(passages[: wanted.top_k])
        return decision._cut(text, wanted.max_tokens) or None

    async def _answer_parts(self, decision: Decision, context: str | None) -> MessagesFor:
        """Answers each part of a long text on its own, and returns the request to join the answers."""
        places = asyncio.Semaphore(1 if self._request.max_cost is not None else _PARTS_AT_ONCE)

        async def answer(text: str) -> str:
            async with places:
                return await self._answer_part(decision, context, text)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(answer(part)) for part in decision._parts()]
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        answers = [task.result() for task in tasks]
        return lambda model: decision._reduce_messages(answers)

    async def _answer_part(self, decision: Decision, context: str | None, text: str) -> str:
        def messages_for(model: str) -> list[Message]:
            return decision._messages_for(model, context=context, text=text)

        found: Reply | None = None
        run = self._run(decision, messages_for, is_stream=False, request_text=lambda: text)
        async with aclosing(run) as events:
            async for event in events:
                if isinstance(event, Ended):
                    found = event.reply
        return found.text if found is not None else ""

    async def _summarise(self, decision: Decision, context: str | None) -> MessagesFor:
        """Has a long text summarised by the named model, and returns the request with the summary in its place."""
        wanted = decision.too_long
        assert wanted is not None
        assert wanted.model is not None
        assert wanted.max_tokens is not None
        started = now_us()
        said = await self._host.beside.call(
            wanted.model,
            decision._summarise_messages(),
            until_us=self._until_us(decision),
            max_output_tokens=wanted.max_tokens,
            caller=self._request.caller,
            left_nano=self._left_nano(),
        )
        self._spend("meta_llm", said.cost_nano)
        summary = "" if said.reply is None else said.reply.text
        self._attempts.append(self._summary_attempt(wanted.model, said, started))
        if not summary.strip():
            if now_us() >= self._until_us(decision):
                raise failure("DEADLINE_EXCEEDED", tuple(self._attempts), None, decision)
            how = said.outcome if said.reply is None else "nothing in its summary"
            sentence = f"the text is too long, and `{wanted.model}` did not summarise it: {how}"
            raise DispatchError(sentence, "CONTEXT_TOO_LONG", tuple(self._attempts), None, decision)
        return lambda model: decision._messages_for(model, context=context, text=summary)

    def _summary_attempt(self, model: str, said: Said, started_us: int) -> Attempt:
        return Attempt(
            model=model,
            deployment=None,
            why="summary",
            outcome=said.outcome,
            skipped=None,
            detail="",
            started_ms=(started_us - self._started) / 1e3,
            latency_ms=(now_us() - started_us) / 1e3,
            cost_usd=said.cost_nano / 1e9,
            confidence=None,
            accepted=None,
            number=None,
        )

    async def _run(
        self,
        decision: Decision,
        messages_for: MessagesFor,
        *,
        is_stream: bool,
        request_text: Callable[[], str] | None = None,
    ) -> AsyncGenerator[Piece | Ended, None]:
        """Runs the plan; raises DispatchError when it brings no answer."""
        request, host = self._request, self._host
        spent_before = self._spent_nano
        started = now_us()
        run = Run(
            decision,
            id=random.getrandbits(128),
            deadline_us=self._deadline_us,
            asked_us=started - self._started,
            max_cost_nano=None if request.max_cost is None else round(request.max_cost * 1e9),
            spent_nano=spent_before,
            is_stream=is_stream,
            switch_after_stream=request.switch_after_stream,
            max_output_tokens=request.max_output_tokens,
            seed=random.getrandbits(63),
        )
        job = Job(
            decision=decision,
            messages_for=messages_for,
            request_text=request_text or request.last_text,
            provider_of=host.provider_of,
            functions=host.functions,
            temperature=request.temperature,
            tools=request.tools,
            schema=request.schema,
            extra=request.extra,
        )
        running = Running(run, job)
        ended: Ended | None = None
        try:
            async with aclosing(running.events()) as events:
                async for event in events:
                    if isinstance(event, Piece):
                        yield event
                    else:
                        ended = event
        finally:
            self._attempts.extend(attempts_of(run.log(), running.details, self._started))
            self._account(run.costs(), spent_before)
        assert ended is not None
        if ended.reply is None:
            code = ended.ending.code or "ALL_ATTEMPTS_FAILED"
            raise failure(code, tuple(self._attempts), ended.ending.retry_at_us, decision) from running.cause
        yield ended

    def _left_nano(self) -> int | None:
        """Nano-dollars that the request may still cost; None without a limit."""
        limit = self._request.max_cost
        return None if limit is None else max(round(limit * 1e9) - self._spent_nano, 0)

    def _answer(self, decision: Decision, ended: Ended) -> Answer:
        reply, call = ended.reply, ended.call
        assert reply is not None
        assert call is not None
        costs = self._costs()
        baseline = None if self._baseline_nano is None else self._baseline_nano / 1e9
        return Answer(
            text=reply.text,
            tool_calls=reply.tool_calls,
            finish_reason=reply.finish_reason,
            model=call.model,
            deployment=call.deployment,
            decision=decision,
            accepted=ended.ending.accepted,
            confidence=ended.ending.confidence,
            attempts=tuple(self._attempts),
            usage=reply.usage,
            costs=costs,
            baseline_usd=baseline,
            saved_usd=None if baseline is None else baseline - costs.total,
            session=decision.session_after(
                call.model,
                input_tokens=reply.usage.input_tokens or decision.input_tokens or 0,
                output_tokens=reply.usage.output_tokens or 0,
            ),
            attempt=call.attempt,
        )

    def _spend(self, part: str, nano: int) -> None:
        self._nano[part] += nano
        self._spent_nano += nano

    def _account(self, nano: Mapping[str, Any], spent_before: int) -> None:
        """Adds what a run cost beside what was spent before it."""
        for part in _PARTS:
            own = nano[f"{part}_nano"] - (spent_before if part == "meta_llm" else 0)
            self._spend(part, own)
        if nano["baseline_nano"] is not None:
            self._baseline_nano = (self._baseline_nano or 0) + nano["baseline_nano"]

    def _costs(self) -> Costs:
        return Costs(self._spent_nano / 1e9, *(self._nano[part] / 1e9 for part in _PARTS))

    def _until_us(self, decision: Decision) -> int:
        """Returns when the request's deadline passes: its own, or the configuration's if that is sooner."""
        asked_us = now_us() - self._started
        return Run(decision, id=0, deadline_us=self._deadline_us, asked_us=asked_us).deadline_us


class _NoPassagesError(Exception):
    """What a retriever returned is no list of texts; says what it is."""


def _passages(found: object) -> list[str]:
    """Reads what a retriever returned: texts, one text, or nothing."""
    if found is None:
        return []
    if isinstance(found, str):
        return [found]
    if isinstance(found, Mapping) or not isinstance(found, Iterable):
        raise _NoPassagesError(type(found).__name__)
    passages = list(found)
    for passage in passages:
        if not isinstance(passage, str):
            raise _NoPassagesError(f"{type(found).__name__} of {type(passage).__name__}")
    return passages


class _TimeLeft:
    """Ends what runs in its block when the request's deadline passes."""

    def __init__(self, until_us: int | None, decision: Decision) -> None:
        self._decision = decision
        left = None if until_us is None else (until_us - now_us()) / 1e6
        self._timeout = asyncio.timeout(left)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *raised: Any) -> None:
        try:
            await self._timeout.__aexit__(*raised)
        except TimeoutError:
            raise failure("DEADLINE_EXCEEDED", (), None, self._decision) from None
