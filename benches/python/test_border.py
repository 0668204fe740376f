"""What a call across the border between Python and Rust costs.

Question: how much does Python add to a decision, and how much do an explanation and rendered messages cost?
Input: the reference workload, the next of its 512 prompts at each call. Fair because every benchmark asserts
its answer, and arguments are built before the clock starts, as a caller has them.

What would make it lie: reading it as a comparison. It has no rival; `benches/run.py` has. Wall time on a
shared machine advises; watch one figure against another of the same run.

    PYTHONPATH=python .venv/bin/pytest benches/python
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_benchmark.fixture import BenchmarkFixture

import fastroute


def test_a_decision_on_a_text(
    benchmark: BenchmarkFixture, router: fastroute.Router, next_prompt: Iterator[str]
) -> None:
    decision = benchmark(lambda: router.route(next(next_prompt)))
    assert decision.outcome == "routed"


def test_a_decision_with_metadata(
    benchmark: BenchmarkFixture, router: fastroute.Router, next_prompt: Iterator[str]
) -> None:
    metadata: dict[str, str | float] = {"tier": "free", "region": "eu", "seats": 12}
    decision = benchmark(lambda: router.route(next(next_prompt), metadata=metadata))
    assert decision.model in {"model_00", "model_01", "model_02", "model_03"}, (
        "the rule `free_tier` allows local models"
    )


def test_a_decision_on_a_conversation(
    benchmark: BenchmarkFixture, router: fastroute.Router, prompts: list[str]
) -> None:
    conversations = [
        [
            {"role": "system", "content": "You help customers."},
            {"role": "user", "content": before},
            {"role": "assistant", "content": "Which one do you mean?"},
            {"role": "user", "content": text},
        ]
        for before, text in zip(prompts[1:], prompts, strict=False)
    ]
    rounds = iter(conversations * 1000)
    decision = benchmark(lambda: router.route(messages=next(rounds)))
    assert decision.outcome == "routed"


def test_a_decision_and_all_that_a_caller_reads(
    benchmark: BenchmarkFixture, router: fastroute.Router, next_prompt: Iterator[str]
) -> None:
    def read() -> tuple[object, ...]:
        decision = router.route(next(next_prompt))
        return (
            decision.route,
            decision.model,
            decision.fallbacks,
            decision.prompt,
            decision.reason.code,
            decision.cost_usd,
        )

    assert all(part is not None for part in benchmark(read)[:3])


def test_a_batch_of_512(benchmark: BenchmarkFixture, router: fastroute.Router, prompts: list[str]) -> None:
    rows = benchmark(lambda: router.route_batch(prompts))
    assert len(rows) == len(prompts)
    assert (rows["model"] >= 0).all()


def test_an_explanation(benchmark: BenchmarkFixture, router: fastroute.Router, prompts: list[str]) -> None:
    decision = router.route(prompts[0])
    explanation = benchmark(decision.explain)
    assert explanation.to_dict()


def test_rendered_messages(benchmark: BenchmarkFixture, router: fastroute.Router, prompts: list[str]) -> None:
    decision = next(decided for decided in map(router.route, prompts) if decided.prompt)
    messages = benchmark(decision.messages)
    assert messages[-1]["role"] == "user"
