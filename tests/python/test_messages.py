"""Conversations of agents: what the core hears of a message, and what comes back for a chat API."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from fastroute import Router
from shared import SMALL

CALL = {"id": "c1", "type": "function", "function": {"name": "find_order", "arguments": '{"order": 17}'}}
AGENT: list[dict[str, Any]] = [
    {"role": "developer", "content": "Use the tools.", "name": "house"},
    {"role": "user", "content": "Where is my order?", "name": "ada"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "lost in transit"},
    {"role": "assistant", "content": "It is lost.", "refusal": None},
    {"role": "user", "content": "refund me then", "name": "ada"},
]
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "lost in transit"}]}
FILE = {"type": "file", "file": {"file_id": "f-1"}}
AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def said(*parts: dict[str, Any], role: str = "user") -> list[dict[str, Any]]:
    """A conversation of one message."""
    return [{"role": role, "content": list(parts)}]


@pytest.fixture(scope="module")
def reading() -> Router:
    """A router whose rules tell who said a word."""
    rules = "".join(
        f"  - {{name: {reads}, when: {{keywords: {{any: [zebra], reads: {reads}}}}}, then: {{reject: Seen.}}}}\n"
        for reads in ("tool", "system", "user", "all")
    )
    return Router.from_string(SMALL.replace("rules:\n", f"rules:\n{rules}"))


def test_an_agents_conversation_comes_back_with_every_key(small: Router) -> None:
    given = copy.deepcopy(AGENT)
    decision = small.route(messages=given)
    assert decision.prompt == "terse"
    system, *rest = decision.messages("14 days")
    assert system["role"] == "system"
    assert rest[:-1] == AGENT[:-1]
    assert rest[-1] == {"role": "user", "content": "refund me then (14 days)", "name": "ada"}
    assert given == AGENT  # nothing of the caller's was changed


def test_without_a_prompt_every_message_is_as_it_was(small: Router) -> None:
    messages = AGENT[:-1]
    decision = small.route(messages=messages)
    assert decision.prompt is None
    assert decision.messages() == messages


def test_changing_what_came_back_changes_no_decision(small: Router) -> None:
    decision = small.route(messages=[*said(text("hello"), IMAGE), *said(text("refund"), IMAGE)])
    before = json.dumps(decision.messages())
    for message in decision.messages()[1:]:
        message["content"][0]["text"] = "changed"
        message["content"].append(FILE)
    assert json.dumps(decision.messages()) == before


CONTENTS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "a_text_part_is_replaced_in_its_place": ([IMAGE, text("refund")], [IMAGE, text("refund (now)")]),
    "several_texts_become_one": ([text("refund"), IMAGE, text("me")], [text("refund\nme (now)"), IMAGE]),
    "a_document_of_text_is_inserted": (
        [text("refund"), {"type": "document", "text": "a bill"}],
        [text("refund\na bill (now)")],
    ),
    "a_text_part_keeps_its_kind_and_its_other_keys": (
        [{"type": "input_text", "text": "refund", "cache_control": {"type": "ephemeral"}}],
        [{"type": "input_text", "text": "refund (now)", "cache_control": {"type": "ephemeral"}}],
    ),
    "a_file_stays": ([text("refund"), FILE], [text("refund (now)"), FILE]),
    "tool_results_stay_in_front": ([RESULT, text("refund")], [RESULT, text("refund (now)")]),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_of_a_list_of_parts_only_the_text_is_replaced(small: Router, name: str) -> None:
    content, expected = CONTENTS[name]
    decision = small.route(messages=said(*content), task="refunds")
    (message,) = decision.messages("now")[1:]
    assert message == {"role": "user", "content": expected}


UNKNOWN: list[dict[str, Any]] = [
    FILE,
    {"type": "refusal", "refusal": "I will not."},
    {"type": "tool_use", "id": "t1", "name": "find_order", "input": {"order": 17}},
    {"type": "tool_use", "id": "t1", "name": "odd", "input": {"order": {17}}},
    RESULT,
    {"type": "tool_result", "tool_use_id": "t1"},
    {"type": "tool_result", "tool_use_id": "t1", "content": "found"},
    {"type": "tool_result", "tool_use_id": "t1", "content": [IMAGE, 7]},
    {"type": "document", "source": {"type": "text", "data": "a bill"}},
    {"type": "document", "source": {"type": "base64", "data": "AAAA"}},
    {"type": "thinking", "thinking": "Hm.", "signature": "x"},
    {"type": "redacted_thinking", "data": "x"},
    {"type": "smell"},
    {"type": "smell", "text": "of roses"},
]


@pytest.mark.parametrize("part", UNKNOWN, ids=lambda part: str(part["type"]))
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_part_of_another_kind_is_no_reason_to_refuse(small: Router, part: dict[str, Any], role: str) -> None:
    messages = [*said(part, role=role), *said(text("hello"))]
    decision = small.route(messages=messages)
    assert decision.outcome == "routed"
    assert decision.messages() == messages
    assert decision.explain().to_dict()["decision"] == decision.to_dict()


WHO: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a_tool_message": ([{"role": "tool", "tool_call_id": "1", "content": "zebra"}], "tool"),
    "a_tool_result_of_a_user": (said({"type": "tool_result", "content": "zebra"}), "tool"),
    "a_tool_result_beside_text": (said({"type": "tool_result", "content": "zebra"}, text("hi")), "tool"),
    "a_document_with_a_source": (said({"type": "document", "source": {"type": "text", "data": "zebra"}}), "tool"),
    "an_unknown_part_with_text": (said({"type": "search_result", "text": "zebra"}), "tool"),
    "a_developer": ([{"role": "developer", "content": "zebra"}], "system"),
    "a_user": (said(text("zebra")), "user"),
    "a_refusal": (said({"type": "refusal", "refusal": "zebra"}, role="assistant"), "all"),
    "a_tool_call": ([{"role": "assistant", "tool_calls": [{"function": {"name": "zebra"}}]}], "all"),
    "an_argument": ([{"role": "assistant", "tool_calls": [{"function": {"arguments": '{"a": "zebra"}'}}]}], "all"),
    "a_tool_use": (said({"type": "tool_use", "name": "f", "input": {"a": "zebra"}}, role="assistant"), "all"),
}


@pytest.mark.parametrize("name", WHO)
def test_a_signal_reads_what_its_role_said(reading: Router, name: str) -> None:
    messages, role = WHO[name]
    assert reading.route(messages=messages).rule == role


def test_what_cannot_be_read_leaves_a_signal_unknown(reading: Router) -> None:
    assert reading.route(messages=said(text("zebra"), AUDIO)).rule == "user"
    explained = reading.route(messages=said(text("hello"), AUDIO)).explain().to_json()
    assert "unknown" in explained
    assert "unknown" not in reading.route(messages=said(text("hello"))).explain().to_json()


def test_a_file_leaves_a_signal_unknown_and_takes_room(reading: Router) -> None:
    assert reading.route(messages=said(text("zebra"), FILE)).rule == "user"
    with_file = reading.route(messages=said(text("hello"), FILE))
    assert "unknown" in with_file.explain().to_json()
    assert (with_file.input_tokens or 0) > 1000


def test_tool_calls_count_in_the_context(small: Router) -> None:
    words = "word " * 3000

    def tokens(message: dict[str, Any]) -> int:
        return small.route(messages=[message, *said(text("hello"))]).input_tokens or 0

    function = {"name": "note", "arguments": words}
    called = tokens({"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": function}]})
    assert called == tokens({"role": "assistant", "content": [text("note"), text(words)]})
    assert called > 2500
    legacy = tokens({"role": "assistant", "content": None, "function_call": function})
    assert legacy == called
    other = tokens({"role": "assistant", "content": [{"type": "tool_use", "name": "note", "input": {"text": words}}]})
    assert other > 2500
    fits = small.route(messages=[{"role": "assistant", "tool_calls": [{"function": function}]}, *said(text("hello"))])
    assert fits.model == "large"  # the context of the other is 1,000 tokens


def test_bytes_come_back_as_text(small: Router) -> None:
    decision = small.route(messages=[{"role": "assistant", "content": b"hi"}, *said({"type": "text", "text": b"yo"})])
    assert decision.messages() == [{"role": "assistant", "content": "hi"}, *said(text("yo"))]


def test_parts_may_come_from_any_iterable(small: Router) -> None:
    decision = small.route(messages=iter([{"role": "user", "content": (text(word) for word in ("a", "b"))}]))
    assert decision.messages() == said(text("a"), text("b"))
