"""The table of `tests/conformance` and the questions of `examples`, through the in-process door."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cases import CASES, TABLE, Case, answer_of, request_of, router_of
from fastroute import OUTCOMES, REASONS, Decision


def decide(case: Case) -> tuple[Decision, bool]:
    """Decides a case; also tells whether the meta-LLM was asked."""
    answer, questions = answer_of(case)
    decision = router_of(case).route(**request_of(case), on_ask=answer)
    return decision, bool(questions)


def observe(decision: Decision, asked: bool) -> dict[str, Any]:
    """What a case may expect, read from the attributes that callers read."""
    retrieval, deployment = decision.retrieval, decision.deployment
    missing: dict[str, list[str]] = {}
    for lack in decision.missing:
        missing.setdefault(lack.model, []).append(lack.code)
    return {
        "agent": decision.agent,
        "asked": asked,
        "deployment": deployment and {"provider": deployment.provider, "model": deployment.model},
        "difficulty": decision.difficulty,
        "expected_output_tokens": decision.expected_output_tokens,
        "fallbacks": list(decision.fallbacks),
        "message": decision.message,
        "missing": missing,
        "model": decision.model,
        "outcome": decision.outcome,
        "prompt": decision.prompt,
        "reason": decision.reason.code,
        "reasoning": decision.reasoning,
        "retrieval": retrieval
        and {
            "collection": retrieval.collection,
            "top_k": retrieval.top_k,
            "max_tokens": retrieval.max_tokens,
        },
        "route": decision.route,
        "rule": decision.rule,
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_case_decides_as_promised(case: Case) -> None:
    decision, asked = decide(case)
    assert decision.to_json() == case["canonical"]
    seen = observe(decision, asked)
    assert seen["outcome"] == case["expect"].get("outcome", "routed")
    for key, wanted in case["expect"].items():
        if key == "difficulty":
            assert seen[key] == pytest.approx(wanted, abs=1e-6)
        elif key == "fallbacks_end_with":
            assert seen["fallbacks"][-len(wanted) :] == wanted
        elif key == "missing":
            assert wanted or not seen[key]
            for model, codes in wanted.items():
                assert sorted(seen[key][model]) == sorted(codes)
        elif key == "model_in":
            assert seen["model"] in wanted
        elif key in ("cascade", "notes", "session", "too_long"):
            assert json.loads(decision.to_json()).get(key) == wanted
        else:
            assert seen[key] == wanted, key


def test_the_table_covers_every_outcome_and_every_reason() -> None:
    decisions = [json.loads(case["canonical"]) for case in CASES + TABLE["given"]]
    assert {decision["outcome"] for decision in decisions} == set(OUTCOMES)
    assert {decision["reason"] for decision in decisions} == set(REASONS)


def test_a_batch_decides_each_case_of_one_text_as_a_single_call_does() -> None:
    alone = [case for case in CASES if set(case["request"]) == {"text"} and "answer" not in case]
    assert len(alone) > 100
    for case in alone:
        router = router_of(case)
        row = router.route_batch([case["request"]["text"]])[0]
        single = json.loads(case["canonical"])
        names = {"route": router.routes, "model": router.models, "prompt": router.prompts}
        for key, values in names.items():
            found = values[row[key]] if row[key] >= 0 else None
            assert found == single[key], case["name"]
        assert OUTCOMES[row["outcome"]] == single["outcome"]
        assert REASONS[row["reason"]] == single["reason"]
