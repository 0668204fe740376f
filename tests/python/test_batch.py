"""A batch is the same decisions, as rows of one array."""

from __future__ import annotations

import math
import sys
import tracemalloc

import numpy as np
import pytest

import fastroute
from fastroute import Decision, Router

TEXTS = [
    "hi there",
    "Translate 'good morning' into French.",
    "Prove that the square root of 2 is irrational.",
    "Why does `print(d['a'])` raise a KeyError?",
    "",
    "退款 please",
    "x" * 5000,
]


def row_of(router: Router, decision: Decision) -> dict[str, float]:
    """What the row of a decision must hold."""

    def place(names: tuple[str, ...], name: str | None) -> int:
        return -1 if name is None else names.index(name)

    def number(value: float | None) -> float:
        return math.nan if value is None else value

    return {
        "outcome": fastroute.OUTCOMES.index(decision.outcome),
        "reason": fastroute.REASONS.index(decision.reason.code),
        "route": place(router.routes, decision.route),
        "model": place(router.models, decision.model),
        "prompt": place(router.prompts, decision.prompt),
        "confidence": number(decision.route_confidence),
        "difficulty": decision.difficulty,
        "input_tokens": decision.input_tokens or 0,
        "latency_ms": float(np.float32(number(decision.latency_ms))),
        "cost_usd": number(decision.cost_usd),
    }


def test_a_batch_equals_single_calls(default: Router, small: Router) -> None:
    texts = [*TEXTS, "refund please", "abuse"]
    for router in (default, small):
        rows = router.route_batch(texts)
        assert rows.dtype.names == tuple(row_of(router, router.route("x")))
        for text, row in zip(texts, rows, strict=True):
            for column, value in row_of(router, router.route(text)).items():
                np.testing.assert_equal(row[column], value, err_msg=f"{column} of {text[:30]!r}")


def test_options_hold_for_every_text_of_a_batch(small: Router) -> None:
    rows = small.route_batch(["hello", "refund"], unavailable=["small"], task="refunds", metadata={"tone": "kind"})
    assert [small.models[model] for model in rows["model"]] == ["large", "large"]
    assert [small.routes[route] for route in rows["route"]] == ["refunds", "refunds"]
    nothing = small.route_batch(["hello"], capabilities=["vision"], unavailable=["large"])
    assert fastroute.OUTCOMES[nothing["outcome"][0]] == "nothing_fits"
    assert nothing["model"][0] == -1
    assert math.isnan(nothing["cost_usd"][0])


def test_questions_of_a_batch_are_declined(small: Router) -> None:
    rows = small.route_batch(["hello"])
    assert fastroute.REASONS[rows["reason"][0]] == "DEFAULT_META_LLM_DECLINED"


@pytest.mark.parametrize("texts", [[], (), iter([]), np.array([], dtype=object)])
def test_an_empty_batch_is_an_empty_array(small: Router, texts: list[str]) -> None:
    rows = small.route_batch(texts)
    assert rows.shape == (0,)


def test_any_iterable_of_str_and_bytes_is_a_batch(small: Router) -> None:
    expected = small.route_batch(["refund", "hello"])
    for texts in (
        ("refund", b"hello"),
        iter(["refund", "hello"]),
        np.array(["refund", "hello"], dtype=object),
    ):
        assert (small.route_batch(texts)["route"] == expected["route"]).all()


def test_the_array_is_packed_owns_its_memory_and_may_be_changed(small: Router) -> None:
    rows = small.route_batch(["refund"] * 100)
    assert rows.dtype.itemsize == 32
    assert rows.flags.writeable
    rows["route"] = 0
    assert (small.route_batch(["refund"] * 100)["route"] == 1).all()


def test_numpy_strings_of_a_fixed_width_are_texts(small: Router) -> None:
    assert (small.route_batch(np.array(["refund", "hello"]))["route"] == [1, 0]).all()


def test_one_batch_makes_no_python_object_per_prompt(small: Router) -> None:
    texts = [f"refund number {number}" for number in range(10_000)]
    small.route_batch(texts)  # what is made once is made here
    before = sys.getallocatedblocks()
    rows = small.route_batch(texts)
    assert sys.getallocatedblocks() - before < 100
    tracemalloc.start()
    try:
        small.route_batch(texts)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < rows.nbytes + 100_000  # on the way, too


def test_prompts_lie_where_the_caller_has_them(small: Router) -> None:
    """Neither `bytes` nor ASCII `str` is copied."""
    text = "refund " * 100_000
    for prompt in (text, text.encode()):
        tracemalloc.start()
        try:
            decision = small.route(prompt)
            small.route_batch([prompt])
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < len(text) // 10
        assert decision.route == "refunds"


def test_a_decision_keeps_the_bytes_that_it_was_made_of(small: Router) -> None:
    prompt = b"refund " + bytes([65])
    before = sys.getrefcount(prompt)
    decision = small.route(prompt)
    assert sys.getrefcount(prompt) == before + 1
    del decision
    assert sys.getrefcount(prompt) == before


def test_a_batch_of_many_chunks_is_one_batch(small: Router) -> None:
    texts = ["hello", "refund", "x" * 600_000, "y" * 600_000, "abuse"] + ["refund", "hello"] * 5000
    rows = small.route_batch(texts)
    short = small.route_batch(["hello", "refund", "abuse"])
    assert len(rows) == len(texts)
    assert rows[[0, 1, 4]].tobytes() == short.tobytes()
    assert rows[5:].tobytes() == np.tile(short[[1, 0]], 5000).tobytes()
    with pytest.raises(fastroute.RequestError, match=r"texts\[10005\]"):
        small.route_batch([*texts, "x" * (8 * 2**20 + 1)])
