"""Sessions: bytes in and out, what stays from turn to turn, and what is decided again."""

from __future__ import annotations

from typing import Any

import pytest

import fastroute
from fastroute import Router

SESSIONS = """
version: 1
providers: {near: {kind: callable}}
models:
  - {name: small, provider: near, context_window: 10000, capabilities: [tools], tags: [local],
     price: {input: 1.0, output: 2.0, cached_input: 0.1}, latency: {first_token: 100ms, per_token: 1ms}, quality: {default: 0.5}}
  - {name: large, provider: near, context_window: 10000, capabilities: [tools, vision],
     price: {input: 2.0, output: 4.0, cached_input: 0.2}, latency: {first_token: 200ms, per_token: 2ms}, quality: {default: 0.9}}
routes:
  - {name: general, objective: cheapest}
  - {name: hard, objective: best}
rules:
  - {name: hard, when: {keywords: {any: [theorem]}}, then: {route: hard}}
  - {name: private, when: {keywords: {any: [salary]}}, then: {restrict: {tags: [local]}}}
classify: {order: [rules]}
default: {route: general}
sessions: {sticky: model, redecide: [user_turn, restriction, capability, breaker], max_age: 30m}
"""


@pytest.fixture
def router() -> Router:
    return Router.from_string(SESSIONS)


def codes(decision: fastroute.Decision) -> set[str]:
    return {note.code for note in decision.notes}


def test_a_request_outside_of_a_session_has_none(router: Router) -> None:
    assert router.route("hello").session is None
    assert router.route("hello").session_after("small", input_tokens=1) is None


def test_a_session_is_a_few_bytes_that_say_nothing_of_the_text(router: Router) -> None:
    state = router.route("a theorem about bees", session=b"").session
    assert isinstance(state, bytes)
    assert 0 < len(state) <= 200
    assert b"bees" not in state
    assert b"hard" not in state


def test_a_follow_up_inherits_the_route(router: Router) -> None:
    first = router.route("prove the theorem", session=b"")
    assert (first.route, first.model) == ("hard", "large")
    assert router.route("yes, do that").route == "general"
    second = router.route("yes, do that", session=first.session)
    assert (second.route, second.reason.code) == ("hard", "SESSION")


def test_a_tool_turn_keeps_the_model(router: Router) -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "prove the theorem"}]
    first = router.route(messages=messages, session=b"")
    messages += [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "1", "content": "42"},
    ]
    second = router.route(messages=messages, session=first.session)
    assert (second.route, second.model) == ("hard", "large")


def test_a_new_message_is_decided_again(router: Router) -> None:
    first = router.route("prove the theorem", session=b"")
    second = router.route("what is the weather like in Lima today", session=first.session)
    assert (second.route, second.model) == ("general", "small")


def test_what_was_sensitive_stays_sensitive(router: Router) -> None:
    first = router.route("what is my salary", session=b"")
    assert first.model == "small"
    second = router.route("prove the theorem", session=first.session)
    assert (second.route, second.model, second.fallbacks) == ("hard", "small", ())
    assert router.route("prove the theorem").model == "large"


def test_a_model_that_is_away_is_not_kept(router: Router) -> None:
    first = router.route("prove the theorem", session=b"")
    router.live.force("large", "open")
    second = router.route("yes, do that", session=first.session)
    assert (second.route, second.model) == ("hard", "small")


@pytest.mark.parametrize("state", [b"\x00", b"nonsense", b"\xff" * 200, b"{}", b"x" * 100_000])
def test_bytes_of_another_kind_begin_a_new_session(router: Router, state: bytes) -> None:
    decision = router.route("yes, do that", session=state)
    assert decision.route == "general"
    assert "SESSION_UNREADABLE" in codes(decision)
    assert decision.session is not None


def test_every_prefix_and_every_flipped_bit_is_read_without_harm(router: Router) -> None:
    state = router.route("prove the theorem", session=b"").session
    assert state is not None
    for length in range(len(state)):
        assert router.route("yes", session=state[:length]).outcome == "routed"
    for place in range(len(state)):
        for bit in range(8):
            flipped = bytearray(state)
            flipped[place] ^= 1 << bit
            assert router.route("yes", session=bytes(flipped)).session is not None


def test_a_session_must_be_bytes(router: Router) -> None:
    with pytest.raises(TypeError, match="`session` must be bytes"):
        router.route("hello", session="state")  # type: ignore[arg-type]


def test_a_session_goes_on_under_another_configuration(router: Router) -> None:
    state = router.route("prove the theorem", session=b"").session
    other = Router.from_string(
        SESSIONS.replace("name: general", "name: everything").replace("route: general", "route: everything")
    )
    assert other.route("yes, do that", session=state).route == "hard"


def test_who_answered_is_what_the_next_turn_goes_by(router: Router) -> None:
    first = router.route("prove the theorem", session=b"")
    state = first.session_after("small", input_tokens=500, output_tokens=100)
    second = router.route("yes, do that", session=state)
    assert second.route == "hard"
    with pytest.raises(fastroute.RequestError, match="no model of this configuration"):
        first.session_after("nobody", input_tokens=1)


def test_an_explanation_knows_the_session(router: Router) -> None:
    first = router.route("prove the theorem", session=b"")
    second = router.route("yes, do that", session=first.session)
    assert second.explain().to_dict()["decision"]["route"] == "hard"
