"""The cases of `tests/conformance`, for every door that Python has.

They come from `canonical.json`, which the Rust runner writes and keeps fresh: it holds the
configurations as JSON, and the bytes that every door must reproduce.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fastroute import Question, Router

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
    return Router.from_string(_changed(configuration, patch), format="json", base_dir=path.parent)


def text_of(case: Case) -> str:
    """The configuration of a case as JSON."""
    return _changed(case["configuration"], json.dumps(case.get("with", {})))


def _changed(configuration: str, patch: str) -> str:
    return json.dumps(merge(TABLE["configurations"][configuration], json.loads(patch)))


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


def request_of(case: Case) -> dict[str, Any]:
    """The arguments of a case."""
    request = dict(case["request"])
    times = request.pop("repeat", 1)
    if "text" in request:
        request["text"] *= times
    if "messages" in request:
        request["messages"] = [_message(message) for message in request["messages"]]
    return request


def _message(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    if isinstance(content, str):
        content *= message.get("repeat", 1)
    return {"role": message["role"], "content": content}


def answer_of(case: Case) -> tuple[Callable[[Question], str | None], list[Question]]:
    """What answers a case's question, and the list where it notes that it was asked."""
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

    return answer, questions
