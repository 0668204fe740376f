"""Drives one run: its attempts as tasks, the pieces of a stream, and the end of all of it.

The run says what to call, until when, and what an outcome means; this file starts a task for each
attempt, tells the run how it ended, and passes pieces on the moment they come. Whatever way a run
ends, the tasks, connections and permits that it had are given back before the caller goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from fastroute._dispatch.call import (
    MAX_ANSWER_BYTES,
    Delta,
    Gathered,
    Message,
    Provider,
    ProviderCall,
    ProviderError,
    Reply,
    Usage,
    read_reply,
)
from fastroute._dispatch.judge import Functions, Judged, judge
from fastroute._dispatch.keys import Key
from fastroute._fastroute import (
    Call,
    Decision,
    Deployment,
    Ending,
    Run,
    now_us,
    read_verdict,
    self_report_prompt,
    verifier_messages,
)

_MAX_WAITING = 64
"""Pieces that a slow reader may leave before the provider has to wait."""

_SAMPLE_TEMPERATURE = 0.7
"""Of answers that are compared; without any they would all be the same."""

_PATIENCE = 1.0
"""Seconds that a cancelled attempt has to let go."""

_JUDGED_BEFORE_US = 20_000
"""How long before the deadline a judge that has not spoken is not waited for any more."""

_BREAKS = frozenset({"connect_failed", "server_error", "timeout"})


@dataclass(slots=True)
class Job:
    """What a run is asked with."""

    decision: Decision
    messages_for: Callable[[str], list[Message]]
    """The conversation for a model of the plan."""
    request_text: Callable[[], str]
    """What the user asked last, for those who judge answers."""
    provider_of: Callable[[Deployment], Provider]
    functions: Functions
    temperature: float | None = None
    tools: Sequence[Mapping[str, Any]] = ()
    schema: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Piece:
    """A piece of text to pass on."""

    text: str
    model: str
    is_restart: bool


@dataclass(slots=True)
class Ended:
    """The end of a run."""

    ending: Ending
    reply: Reply | None
    call: Call | None
    """The call whose answer it is."""
    is_passed_on: bool
    """Whether the text of the reply was passed on already."""


class Running:
    """One run, from its first call to its end."""

    def __init__(self, run: Run, job: Job) -> None:
        self.run = run
        self.details: dict[int, str] = {}
        """What providers said, by attempt."""
        self.cause: BaseException | None = None
        """The last exception of a provider that is not one of theirs, for whoever looks for its line."""
        self._job = job
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._calls: dict[int, Call] = {}
        self._replies: dict[int, Reply] = {}
        self._pieces: deque[Piece] = deque()
        self._speaker: int | None = None
        self._limits: dict[int, asyncio.Timeout] = {}
        self._given_up: set[int] = set()
        self._held_up: set[int] = set()
        self._waiter: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._has_changed = False

    async def events(self) -> AsyncGenerator[Piece | Ended, None]:
        """Yields pieces as they come, then the end."""
        ending: Ending | None = None
        try:
            while ending is None:
                while self._pieces:
                    yield self._take()
                step = self.run.next(now_us())
                if isinstance(step, int):
                    await self._wait(step)
                elif isinstance(step, Call):
                    self._start(step)
                else:
                    ending = step
            for attempt in ending.cancel:
                self._give_up(attempt)
            while self._pieces:
                yield self._take()
            answer = ending.answer
            if answer is None:
                yield Ended(ending, None, None, False)
            else:
                yield Ended(ending, self._replies.get(answer), self._calls.get(answer), self._speaker == answer)
        finally:
            if ending is None:
                self.run.cancel(now_us())
            await self._free()

    def _take(self) -> Piece:
        piece = self._pieces.popleft()
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        return piece

    async def _wait(self, until_us: int) -> None:
        """Waits until an attempt ends or says something, or until then."""
        if not self._has_changed:
            loop = asyncio.get_running_loop()
            waiter = self._waiter = loop.create_future()
            timer = loop.call_later(max(until_us - now_us(), 0) / 1e6, _release, waiter)
            try:
                await waiter
            finally:
                timer.cancel()
                self._waiter = None
        self._has_changed = False

    def _wake(self) -> None:
        self._has_changed = True
        if self._waiter is not None:
            _release(self._waiter)

    def _start(self, call: Call) -> None:
        provider = self._job.provider_of(call.deployment)
        self._calls[call.attempt] = call
        self._tasks[call.attempt] = asyncio.get_running_loop().create_task(self._attempt(call, provider))

    def _give_up(self, attempt: int) -> None:
        """Cancels an attempt once: a second cancellation would interrupt the closing of its connection."""
        task = self._tasks.get(attempt)
        if task is None or task.done() or attempt in self._given_up:
            return
        self._given_up.add(attempt)
        limit = self._limits.get(attempt)
        if limit is None:
            task.cancel()
        elif not limit.expired():
            limit.reschedule(None)
            task.cancel()

    async def _free(self) -> None:
        running = [task for task in self._tasks.values() if not task.done()]
        if running:
            for attempt in self._tasks:
                self._give_up(attempt)
            await asyncio.wait(running, timeout=_PATIENCE)
        self._tasks.clear()

    async def _attempt(self, call: Call, provider: Provider) -> None:
        """Makes one call and tells the run how it ended."""
        started = now_us()
        first: list[int] = []
        outcome, judged, usage = "success", Judged(), Usage()
        retry_after_us: int | None = None
        limit_scope = "model"
        ended: int | None = None
        try:
            sent = self._call_of(call)
            if call.is_passed_on:
                reply = await self._stream(call, provider, sent, first)
            else:
                async with asyncio.timeout_at(_loop_time(call.until_us)) as limit:
                    self._limits[call.attempt] = limit
                    reply = await provider.send(sent)
            ended = now_us()
            self._limits.pop(call.attempt, None)
            reply = read_reply(reply)
            usage = reply.usage
            if len(reply.text) > MAX_ANSWER_BYTES:
                raise ProviderError("server_error", f"the answer has more than {MAX_ANSWER_BYTES >> 20} MiB")
            judged = await self._judge(call, reply)
            self._replies[call.attempt] = reply
        except ProviderError as error:
            outcome, usage, limit_scope = error.outcome, error.usage or usage, error.limit_scope
            retry_after_us = None if error.retry_after_s is None else int(max(error.retry_after_s, 0) * 1e6)
            self.details[call.attempt] = str(error)
        except TimeoutError:
            outcome = "timeout"
        except asyncio.CancelledError:
            if call.attempt in self._given_up:
                raise
            outcome = "cancelled"
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            # Also what would end the thread of the loop, and with it every other request.
            outcome, usage, self.cause = "server_error", Usage(), error
            # The type alone, as the message of an unknown exception may quote the prompt.
            self.details[call.attempt] = type(error).__name__
        self._limits.pop(call.attempt, None)
        if call.attempt in self._given_up:
            return
        now = now_us()
        if call.attempt in self._held_up and outcome == "timeout":
            # Only the deadline ends what waits for its reader; a timer may be a moment early.
            now = max(now, self.run.deadline_us)
        is_over = outcome == "timeout" and now >= self.run.deadline_us
        if outcome in _BREAKS and self._speaker == call.attempt and not is_over:
            outcome = "stream_broken"
        lost = self.run.ended(
            call.attempt,
            outcome,
            now_us=now,
            retry_after_us=retry_after_us,
            limit_scope=limit_scope,
            input_tokens=usage.input_tokens,
            cached_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens,
            first_token_us=first[0] - started if first else None,
            latency_us=(now if ended is None else ended) - started,
            confidence=judged.confidence,
            in_form=judged.in_form,
            answer_key=judged.answer_key,
        )
        for attempt in lost:
            self._give_up(attempt)
        self._wake()

    async def _stream(self, call: Call, provider: Provider, sent: ProviderCall, first: list[int]) -> Reply:
        """Takes an answer piece by piece, and passes each on before it waits for the next."""
        gathered = Gathered()
        size = held_us = 0
        async with asyncio.timeout_at(_loop_time(call.first_token_until_us)) as limit:
            self._limits[call.attempt] = limit
            async with _closing(provider.stream(sent)) as stream:
                async for delta in stream:
                    now = now_us()
                    if not first:
                        first.append(now)
                    gathered.add(delta)
                    size += len(delta.text) + sum(len(piece.arguments) for piece in delta.tool_calls)
                    if size > MAX_ANSWER_BYTES:
                        raise ProviderError("server_error", f"the answer has more than {MAX_ANSWER_BYTES >> 20} MiB")
                    if delta.text:
                        self._pass_on(call, delta.text)
                        if len(self._pieces) >= _MAX_WAITING:
                            # The reader's time is not the provider's.
                            limit.reschedule(_loop_time(self.run.deadline_us))
                            self._held_up.add(call.attempt)
                            self._room = asyncio.get_running_loop().create_future()
                            await self._room
                            held_us += now_us() - now
                            now = now_us()
                            self._held_up.discard(call.attempt)
                    until_us = min(call.until_us + held_us, self.run.deadline_us)
                    limit.reschedule(_loop_time(min(until_us, now + call.idle_us)))
        return gathered.reply()

    def _pass_on(self, call: Call, text: str) -> None:
        is_restart = False
        if self._speaker != call.attempt:
            is_restart = self._speaker is not None
            self._speaker = call.attempt
            for attempt in self.run.began(call.attempt, now_us()):
                self._give_up(attempt)
        self._pieces.append(Piece(text, call.model, is_restart))
        self._wake()

    def _call_of(self, call: Call) -> ProviderCall:
        job = self._job
        deployment = call.deployment
        key = deployment._api_key()
        sent = ProviderCall(
            deployment.model,
            (),
            max_output_tokens=call.max_output_tokens,
            idle_s=call.idle_us / 1e6,
            base_url=deployment.base_url,
            key=None if key is None else Key(*key),
        )
        if call.of is not None:
            judged = self._replies[call.of]
            messages = verifier_messages(job.decision, job.request_text(), judged.text)
            return replace(sent, messages=messages, temperature=0.0)
        messages = job.messages_for(call.model)
        if "self_report" in call.wants:
            messages = [*messages, {"role": "system", "content": self_report_prompt()}]
        temperature = job.temperature
        if temperature is None and "answer_key" in call.wants:
            temperature = _SAMPLE_TEMPERATURE
        return replace(
            sent,
            messages=messages,
            temperature=temperature,
            tools=job.tools,
            schema=job.schema,
            reasoning=call.reasoning,
            log_probabilities="log_probabilities" in call.wants,
            extra=job.extra,
        )

    async def _judge(self, call: Call, reply: Reply) -> Judged:
        if call.purpose == "verify":
            return Judged(read_verdict(reply.text))
        if not call.wants:
            return Judged()
        try:
            async with asyncio.timeout_at(_loop_time(self.run.deadline_us - _JUDGED_BEFORE_US)):
                return await judge(call, reply, self._job.decision, self._job.request_text(), self._job.functions)
        except TimeoutError:
            # The answer is there and paid for: it stands, of unknown worth.
            return Judged()


@asynccontextmanager
async def _closing(stream: AsyncIterator[Delta]) -> AsyncIterator[AsyncIterator[Delta]]:
    """Closes a stream at the end, if it can be closed."""
    try:
        yield stream
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


def _loop_time(at_us: int) -> float:
    """Returns a time of the run on the clock of the loop."""
    return asyncio.get_running_loop().time() + (at_us - now_us()) / 1e6


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
