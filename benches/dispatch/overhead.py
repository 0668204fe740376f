"""Row: what dispatching adds to a call, beside what litellm's `acompletion` adds to the same call.

One mock provider in a process of its own answers all three contestants: the bare HTTP client (httpx, one client, the body written once),
fastroute's dispatcher (decide, claim, call, report, account), and litellm. One call at a time, contestants in turn,
round by round. What a contestant adds is its median less the bare client's in the same round.

What would make it lie: a contestant that answers from a cache (prompts differ from call to call, and the mock counts its calls),
another connection per call (the mock counts those too), or an answer that was not read (each text is compared first).
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import httpx

import fastroute
from measure.report import Row

CALLS = 150


def row(*, rounds: int) -> Row:
    with subprocess.Popen([sys.executable, "-m", "fastroute", "mock"], stdout=subprocess.PIPE, text=True) as mock:
        try:
            assert mock.stdout is not None
            address = mock.stdout.readline().split()[-1]
            measured = asyncio.run(_measure(address, rounds=rounds))
        finally:
            mock.terminate()
    medians = {name: statistics.median(each) for name, each in measured.items()}
    added = {
        name: [own - bare for own, bare in zip(measured[name], measured["httpx"], strict=True)]
        for name in ("fastroute", "litellm")
    }
    ratios = sorted(ours / theirs for ours, theirs in zip(added["fastroute"], added["litellm"], strict=True))
    ratio = statistics.median(ratios)
    ours, theirs = (statistics.median(added[name]) for name in ("fastroute", "litellm"))
    return Row(
        "what the dispatcher adds to a call, p50, against what litellm's `acompletion` adds",
        "at most a fifth",
        f"{ratio:.3f} ({ratios[0]:.3f}-{ratios[-1]:.3f}); {ours:.0f} us against {theirs:.0f} us, on {medians['httpx']:.0f} us of bare httpx",
        ratio <= 0.2,
        {"medians, us": medians},
    )


async def _measure(address: str, *, rounds: int) -> dict[str, list[float]]:
    """Medians of each round, in microseconds."""
    import litellm

    router = fastroute.Router.from_string(json.dumps(_configuration(address)), format="json")
    body = {"model": "small", "max_tokens": 300}
    async with httpx.AsyncClient(base_url=address) as client, fastroute.Dispatcher(router) as dispatcher:

        async def bare(prompt: str) -> str:
            sent = {**body, "messages": [{"role": "user", "content": prompt}]}
            answer = await client.post("chat/completions", json=sent)
            return str(answer.json()["choices"][0]["message"]["content"])

        async def ours(prompt: str) -> str:
            return (await dispatcher.complete(prompt)).text

        async def theirs(prompt: str) -> str:
            answer = await litellm.acompletion(
                model="openai/small",
                api_base=address,
                api_key="none",
                max_tokens=300,
                messages=[{"role": "user", "content": prompt}],
            )
            return str(answer.choices[0].message.content)

        contestants = {"httpx": bare, "fastroute": ours, "litellm": theirs}
        said = {await call("Is this the same for all?") for call in contestants.values()}
        assert len(said) == 1 and said != {""}, f"the contestants answer differently: {len(said)} texts"
        measured: dict[str, list[float]] = {name: [] for name in contestants}
        for turn in range(rounds + 1):
            for name, call in contestants.items():
                median = await _round(call, turn)
                if turn:  # the first one warms up
                    measured[name].append(median)
        return measured


async def _round(call: Callable[[str], Awaitable[str]], turn: int) -> float:
    times = []
    for number in range(CALLS):
        start = time.perf_counter_ns()
        await call(f"Question {number} of turn {turn}: what is asked here?")
        times.append((time.perf_counter_ns() - start) / 1e3)
    return statistics.median(times)


def _configuration(address: str) -> dict[str, object]:
    model = {
        "name": "small", "provider": "mock", "context_window": 32_768, "price": {"input": 0.1, "output": 0.4},
        "latency": {"first_token": "5ms", "per_token": "1ms"}, "quality": {"default": 0.7},
    }  # fmt: skip
    return {
        "version": 1,
        "providers": {"mock": {"kind": "openai", "base_url": address}},
        "models": [model],
        "routes": [{"name": "general"}],
        "default": {"route": "general"},
    }
