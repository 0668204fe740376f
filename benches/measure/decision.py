"""Rows: one decision against the same decision of PyPI parts; a batch of 512 against 512 single calls.

Question: what does a Python program wait for one decision, and does a batch save CPU? Input: the reference
workload, all 512 prompts a round, no metadata. Fair because both sides first give the same route, models in
the same order and prompt for all 512, the rival scores with the same head and is prepared as its file says,
and both answer with names in Python objects. Neither side waits or uses a second thread, so CPU time is taken:
on an idle machine it is the time that passes, and on a busy one it does not count the neighbours.

What would make it lie: reading only the route of ours while the rival builds everything. So our side reads
route, model, fallbacks, prompt, confidence and cost of each decision as well. The batch is held against bare
calls; since it returns ten columns that a program with calls would read one by one, that ratio is shown too.
"""

from __future__ import annotations

import time
from typing import Any

import fastroute
from measure import workload
from measure.report import Row
from measure.timing import each_us, interleave, ratio
from peers import head, vocabulary
from peers.parts import Parts


def against_parts(*, rounds: int) -> list[Row]:
    router, prompts = _router(), workload.prompts()
    trained = head.read(workload.export("head", str(workload.DIRECTORY / "fastroute.yaml")))
    encoding = vocabulary.o200k()

    def rival(**switches: bool) -> Parts:
        return Parts(workload.configuration(), workload.ENCODER, trained, encoding, **switches)

    full = rival()
    least = rival(count_exactly=False, with_evidence=False)
    shares = _assert_equal(router, full, least, prompts)
    seconds = interleave(
        {
            "fastroute": lambda: [_read(router.route(text)) for text in prompts],
            "parts": lambda: [full.decide(text) for text in prompts],
            "parts, least work": lambda: [least.decide(text) for text in prompts],
        },
        rounds=rounds,
        repeats=3,
        clock=time.process_time,
    )
    figures = {f"{name}, us": round(each_us(each, len(prompts)), 2) for name, each in seconds.items()}
    against_full = ratio(seconds["parts"], seconds["fastroute"])
    against_least = ratio(seconds["parts, least work"], seconds["fastroute"])
    ours, theirs, bare = figures.values()
    return [
        Row(
            "one decision from Python, against the same decision of PyPI parts",
            "at least 10x",
            f"{against_full} ({ours:.1f} us against {theirs:.0f} us)",
            against_full.median >= 10,
            {**figures, "ratio": vars(against_full), "prompts by reason": shares},
        ),
        Row(
            "the same, the rival without exact token counts and without nearest examples",
            "report",
            f"{against_least} ({ours:.1f} us against {bare:.0f} us)",
            details={"ratio": vars(against_least)},
        ),
    ]


def _router() -> fastroute.Router:
    return fastroute.Router.from_file(workload.DIRECTORY / "fastroute.yaml")


def _read(decision: fastroute.Decision) -> tuple[Any, ...]:
    return (
        decision.route,
        decision.model,
        decision.fallbacks,
        decision.prompt,
        decision.route_confidence,
        decision.cost_usd,
    )


def _assert_equal(router: fastroute.Router, full: Parts, least: Parts, prompts: list[str]) -> dict[str, int]:
    """Raises `SystemExit` unless all three decide alike on every prompt; returns how many had which reason."""
    shares: dict[str, int] = {}
    different = 0
    for text in prompts:
        ours = router.route(text)
        shares[ours.reason.code] = shares.get(ours.reason.code, 0) + 1
        for rival in (full, least):
            theirs = rival.decide(text)
            if (ours.route, [ours.model, *ours.fallbacks], ours.prompt) != (theirs.route, theirs.models, theirs.prompt):
                different += 1
                print(f"differs: {ours.route} {ours.model} {ours.route_confidence}, rival {theirs}: {text}")
    if different:
        raise SystemExit(f"`{different}` decisions of {2 * len(prompts)} differ; nothing was timed")
    return shares


def batch(*, rounds: int) -> Row:
    router, prompts = _router(), workload.prompts()
    for text, record in zip(prompts, router.route_batch(prompts), strict=True):
        single = router.route(text)
        if (router.routes[record["route"]], router.models[record["model"]]) != (single.route, single.model):
            raise SystemExit(f"batch and single decide differently: {text}")
    # CPU seconds of the whole process: a batch that used more threads would not look better for it.
    seconds = interleave(
        {
            "calls": lambda: [router.route(text) for text in prompts],
            "calls, columns read": lambda: [_columns(router.route(text)) for text in prompts],
            "batch": lambda: router.route_batch(prompts),
        },
        rounds=2 * rounds,
        repeats=10,
        clock=time.process_time,
    )
    alone = ratio(seconds["calls"], seconds["batch"])
    read = ratio(seconds["calls, columns read"], seconds["batch"])
    figures = {f"{name}, CPU us": round(each_us(each, len(prompts)), 2) for name, each in seconds.items()}
    calls, _, batched = figures.values()
    return Row(
        "a batch of 512 against 512 single calls, per prompt and CPU-second",
        "at least 1.3x",
        f"{alone.median:.3f}x ({alone.low:.2f}-{alone.high:.2f}; {calls:.1f} us against {batched:.1f} us); "
        f"{read.median:.2f}x when the calls' decisions are read into the batch's columns",
        alone.median >= 1.3,
        {**figures, "ratio": vars(alone), "ratio with columns read": vars(read)},
    )


def _columns(decision: fastroute.Decision) -> tuple[Any, ...]:
    """Returns what the batch returns of a prompt."""
    return (
        decision.outcome,
        decision.reason.code,
        decision.route,
        decision.model,
        decision.prompt,
        decision.route_confidence,
        decision.difficulty,
        decision.input_tokens,
        decision.latency_ms,
        decision.cost_usd,
    )
