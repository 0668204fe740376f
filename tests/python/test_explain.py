"""Explanations, rendered messages, and what a meta-LLM is asked."""

from __future__ import annotations

import gc
import json
import time
import weakref
from typing import Any

import pytest

import fastroute
from fastroute import Question, Router


def test_an_explanation_is_a_page_and_a_dictionary(default: Router) -> None:
    decision = default.route("Translate 'good morning' into French.")
    explanation = decision.explain()
    page, form = str(explanation), explanation.to_dict()
    assert len(page.splitlines()) > 5
    assert decision.route is not None
    assert decision.route in page
    assert json.loads(explanation.to_json()) == form
    assert repr(explanation).startswith("Explanation(")


def test_explaining_decides_the_same_again(small: Router) -> None:
    text = "hello"
    answered = small.route(text, on_ask=lambda question: "refunds")
    declined = small.route(text, on_ask=lambda question: None)
    assert "refunds" in str(answered.explain())
    assert answered.explain().to_json() != declined.explain().to_json()
    down = small.route("refund", unavailable=["small"])
    assert down.model == "large"
    assert "UNAVAILABLE" in down.explain().to_json()


def test_a_decision_can_be_explained_after_its_router_was_let_go() -> None:
    decision = Router.default().route("hi")
    gc.collect()
    assert str(decision.explain())


def test_changing_the_arguments_later_changes_nothing(small: Router) -> None:
    metadata: dict[str, Any] = {"tone": "Be kind."}
    message = {"role": "user", "content": "refund"}
    decision = small.route(messages=[message], metadata=metadata)
    before = decision.messages()
    metadata["tone"], message["content"] = "Be rude.", "abuse"
    assert decision.messages() == before
    assert "Be kind." in before[0]["content"]


def test_messages_are_ready_for_a_chat_api(small: Router) -> None:
    decision = small.route("refund please", metadata={"tone": "Be kind."})
    assert decision.messages() == [
        {"role": "system", "content": "Answer in one sentence. Be kind."},
        {"role": "user", "content": "refund please"},
    ]
    assert decision.messages("14 days")[1]["content"] == "refund please (14 days)"
    assert decision.messages(context="14 days") == decision.messages("14 days")


def test_without_a_prompt_the_messages_are_as_they_were(small: Router) -> None:
    assert small.route("hello").messages() == [{"role": "user", "content": "hello"}]


def test_a_conversation_keeps_its_turns_and_its_images(small: Router) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    turns: list[dict[str, Any]] = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "hi"},
        {"role": "user", "content": [{"type": "text", "text": "refund this"}, image]},
    ]
    decision = small.route(messages=turns)
    assert decision.model == "large"  # the only one that can see
    messages = decision.messages()
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[3]["content"] == [{"type": "text", "text": "refund this"}, image]


def test_user_text_is_never_a_template(small: Router) -> None:
    text = "refund {{ metadata.tone }} {% for x in range(10) %}"
    assert small.route(text).messages()[1]["content"] == text


def test_a_template_that_never_ends_is_a_render_error() -> None:
    endless = "{% for a in context %}{% for b in context %}{% for c in context %}x{% endfor %}{% endfor %}{% endfor %}"
    configuration = f"""
        version: 1
        providers: {{p: {{kind: openai}}}}
        models: [{{name: m, provider: p, context_window: 100000, price: {{input: 1, output: 1}},
                  latency: {{first_token: 1ms, per_token: 1ms}}, quality: {{default: 0.5}}}}]
        prompts: [{{name: endless, template: "{endless}"}}]
        routes: [{{name: only, prompts: [{{use: endless}}]}}]
        default: {{route: only}}
    """
    decision = Router.from_string(configuration).route("x")
    with pytest.raises(fastroute.RenderError) as caught:
        decision.messages("x" * 1000)
    assert caught.value.code == "RENDER_FAILED"


def test_a_meta_llm_is_asked_for_a_label(small: Router) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> str:
        asked.append(question)
        return "refunds"

    decision = small.route("my secret is 4711", on_ask=answer)
    assert (decision.route, decision.reason.code) == ("refunds", "META_LLM")
    (question,) = asked
    assert question.model == "small"
    assert question.labels[:2] == small.routes
    assert question.timeout_ms == 100.0
    assert "Money back." in question.system
    assert "4711" in question.user
    assert "4711" not in repr(question)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (None, "DEFAULT_META_LLM_DECLINED"),
        ("elsewhere", "DEFAULT_META_LLM_UNKNOWN"),
        ("", "DEFAULT_META_LLM_UNKNOWN"),
        ("\ud800", "DEFAULT_META_LLM_UNKNOWN"),
    ],
)
def test_what_is_no_label_leaves_the_default(small: Router, answer: str | None, code: str) -> None:
    decision = small.route("hello", on_ask=lambda question: answer)
    assert (decision.route, decision.reason.code) == ("general", code)


def test_a_late_answer_leaves_the_default(small: Router) -> None:
    def answer(question: Question) -> str:
        time.sleep(question.timeout_ms / 1000 + 0.02)  # the host's clock is the real one
        return "refunds"

    decision = small.route("hello", on_ask=answer)
    assert (decision.route, decision.reason.code) == ("general", "DEFAULT_META_LLM_LATE")
    assert decision.explain().to_dict()["decision"]["route"] == "general"


def test_what_the_host_raises_passes_through(small: Router) -> None:
    class HostError(Exception):
        pass

    def answer(question: Question) -> str:
        raise HostError

    with pytest.raises(HostError):
        small.route("hello", on_ask=answer)
    with pytest.raises(TypeError, match="must return str or None"):
        small.route("hello", on_ask=lambda question: 1)  # type: ignore[arg-type, return-value]


def test_the_host_may_decide_while_it_is_asked(small: Router) -> None:
    decision = small.route("hello", on_ask=lambda question: small.route("refund").route)
    assert decision.route == "refunds"


def test_what_is_unavailable_is_asked_again_after_the_question(small: Router) -> None:
    views: list[list[str]] = [[], ["large"]]
    calls: list[list[str]] = []

    def unavailable() -> list[str]:
        calls.append(views[len(calls)])
        return calls[-1]

    decision = small.route("hello", unavailable=unavailable, on_ask=lambda question: "refunds")
    assert calls == views
    assert (decision.route, decision.model, decision.fallbacks) == ("refunds", "small", ())
    assert small.route("hello", on_ask=lambda question: "refunds").fallbacks == ("large",)
    assert decision.explain().to_dict()["decision"] == decision.to_dict()


def test_what_is_unavailable_is_asked_once_when_nobody_was_asked(small: Router) -> None:
    calls: list[str] = []

    def unavailable() -> list[str]:
        calls.append("called")
        return ["small"]

    assert small.route("refund", unavailable=unavailable, on_ask=lambda question: None).model == "large"
    assert small.route("hello", unavailable=unavailable).model == "large"
    assert small.models[small.route_batch(["refund"], unavailable=unavailable)["model"][0]] == "large"
    assert len(calls) == 3


def test_letting_go_of_everything_frees_the_text() -> None:
    class Text(str):
        __slots__ = ("__weakref__",)

    text = Text("refund")
    freed = weakref.ref(text)
    decision = Router.default().route(text)
    del text
    gc.collect()
    assert decision.messages()
    del decision
    gc.collect()
    assert freed() is None
