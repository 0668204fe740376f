"""The table of `tests/conformance` and the questions of `examples`, through the Python door.

The cases come from `canonical.json`, which the Rust runner writes and keeps fresh: it holds the
configurations as JSON, and the bytes that every door must reproduce.
"""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fastroute import OUTCOMES, REASONS, Decision, Question, Router

ROOT = Path(__file__).resolve().parents[2]
Case = dict[str, Any]

TABLE: dict[str, Any] = json.loads((ROOT / "tests" / "conformance" / "canonical.json").read_text(encoding="utf-8"))
CASES: list[Case] = TABLE["cases"]


def router_of(case: Case) -> Router:
    """The router of a case: of its configuration's file, or of its changes to it."""
    return _build(case["configuration"], json.dumps(case.get("with")))


@cache
def _build(configuration: str, patch: str) -> Router:
    path = ROOT / configuration
    if patch == "null":
        return Router.from_file(path)
    changed = merge(TABLE["configurations"][configuration], json.loads(patch))
    return Router.from_string(json.dumps(changed), format="json", base_dir=path.parent)


def merge(target: Any, patch: Any) -> Any:
    """Applies a JSON merge patch, RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def decide(case: Case) -> tuple[Decision, bool]:
    """Decides a case; also tells whether the meta-LLM was asked."""
    questions: list[Question] = []

    def answer(question: Question) -> str | None:
        questions.append(question)
        scripted = case.get("answer", "declined")
        if scripted == "declined":
            return None
        if "late" in scripted:
            time.sleep(2 * question.timeout_ms / 1000)
            return str(scripted["late"])
        return str(scripted["label"])

    request = dict(case["request"])
    times = request.pop("repeat", 1)
    if "text" in request:
        request["text"] *= times
    if "messages" in request:
        request["messages"] = [_message(message) for message in request["messages"]]
    router = router_of(case)
    decision = router.route(**request, on_ask=answer)
    return decision, bool(questions)


def _message(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    if isinstance(content, str):
        content *= message.get("repeat", 1)
    return {"role": message["role"], "content": content}


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
        else:
            assert seen[key] == wanted, key


def test_the_table_covers_every_outcome_and_every_reason() -> None:
    decisions = [json.loads(case["canonical"]) for case in CASES]
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
