"""Whatever a caller gives, routing answers with a decision or with an error of fastroute's."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastroute import FastrouteError, Router

# Every code point, lone surrogates too.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=300) | st.binary(max_size=300)
ANY_VALUE = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.lists(st.integers(), max_size=2)
ANY_METADATA = st.dictionaries(ANY_TEXT, ANY_VALUE, max_size=8)
ANY_PART = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "document", "image", "audio", "tool_result", "tool_use", "smell"])},
    optional={"text": ANY_TEXT, "content": ANY_TEXT, "name": ANY_TEXT},
)
ANY_MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["user", "assistant", "system", "developer", "tool", "king"]),
        "content": st.none() | ANY_TEXT | st.lists(ANY_PART, max_size=4),
    },
)
ANY_LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "min_quality": st.floats(),
        "max_cost": st.floats(),
        "max_latency_ms": st.floats() | st.integers(),
        "expected_output_tokens": st.integers(),
        "tools_tokens": st.integers(),
        "seed": st.integers(),
        "capabilities": st.lists(st.sampled_from(["tools", "vision", "reasoning", "json_schema", "flight"])),
        "unavailable": st.lists(st.sampled_from(["small", "middle", "large", "nobody"])),
        "task": ANY_TEXT,
    },
)
QUICK = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check_decision(router: Router, call: dict[str, Any]) -> None:
    try:
        decision = router.route(**call)
    except FastrouteError as error:
        assert error.code
        return
    assert router.route(**call) == decision
    assert (decision.outcome == "routed") == (decision.model is not None)
    assert decision.outcome != "nothing_fits" or decision.missing
    assert json.loads(decision.to_json()) == decision.to_dict()
    assert decision.explain().to_dict()["decision"] == decision.to_dict()
    for message in decision.messages():
        assert message["role"]
        json.dumps(message, default=repr)


@QUICK
@given(text=ANY_TEXT, metadata=ANY_METADATA, limits=ANY_LIMITS)
def test_a_text_gives_a_decision_or_an_error_of_ours(
    default: Router, text: str | bytes, metadata: dict[Any, Any], limits: dict[str, Any]
) -> None:
    check_decision(default, {"text": text, "metadata": metadata, **limits})


@QUICK
@given(messages=st.lists(ANY_MESSAGE, max_size=5), metadata=ANY_METADATA)
def test_a_conversation_gives_a_decision_or_an_error_of_ours(
    small: Router, messages: list[dict[str, Any]], metadata: dict[Any, Any]
) -> None:
    check_decision(small, {"messages": messages, "metadata": metadata})


@QUICK
@given(texts=st.lists(ANY_TEXT, max_size=6))
def test_a_batch_decides_as_single_calls_do(default: Router, texts: list[str | bytes]) -> None:
    try:
        rows = default.route_batch(texts)
    except FastrouteError as error:
        assert error.code == "NOT_UTF8"
        return
    singles = [default.route(text) for text in texts]
    assert [default.models[model] for model in rows["model"]] == [single.model for single in singles]
    assert [default.routes[route] for route in rows["route"]] == [single.route for single in singles]


@QUICK
@given(text=ANY_TEXT)
def test_any_text_as_configuration_is_refused_or_loaded(text: str | bytes) -> None:
    try:
        Router.from_string(text)
    except FastrouteError as error:
        assert error.code in {"INVALID_CONFIG", "NOT_UTF8"}
