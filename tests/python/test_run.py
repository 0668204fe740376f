"""What a dispatcher is made of: runs on given time, ballots, calls beside a plan, and how answers are judged."""

from __future__ import annotations

import gc
from typing import Any

import pytest

import fastroute
from fastroute import Router, _fastroute
from fastroute._fastroute import Aside, Ballot, Call, Ending, Pending, Run

PLAN = """
version: 1
providers:
  near: {kind: openai, base_url: "http://127.0.0.1:1/v1"}
  far: {kind: anthropic, api_key: "${FAR_KEY}", credentials: {second: {api_key_file: far.key}}}
models:
  - {name: small, provider: near, model: small-7b, context_window: 1000, capabilities: [tools],
     price: {input: 1.0, output: 2.0}, latency: {first_token: 100ms, per_token: 1ms}, quality: {default: 0.5}}
  - {name: large, deployments: [{provider: far, model: large-2, region: eu, credential: second}], context_window: 2000,
     price: {input: 10.0, output: 20.0}, latency: {first_token: 200ms, per_token: 2ms}, quality: {default: 0.9}}
prompts:
  - {name: terse, system: Be brief., template: "Q: {{ input }}{% if context %} ({{ context }}){% endif %}"}
routes:
  - {name: general, description: Everything else., objective: cheapest, expected_output_tokens: 100}
  - {name: graded, description: Sums., expected_output_tokens: 100,
     cascade: {accept: {answer_confidence: {min: 0.7, from: self_reported}, format: json}}}
  - {name: long, choose: [small], prompts: [{use: terse}], expected_output_tokens: 100, on_too_long: {split: {overlap_tokens: 10}}}
  - {name: brief, choose: [small], expected_output_tokens: 100, on_too_long: {summarise: {model: large, max_tokens: 50}}}
rules:
  - {name: graded, when: {keywords: {any: [sum]}}, then: {route: graded}}
  - {name: long, when: {keywords: {any: [essay]}}, then: {route: long}}
  - {name: brief, when: {keywords: {any: [report]}}, then: {route: brief}}
  - {name: general, when: {keywords: {any: [hello]}}, then: {route: general}}
classify: {order: [task, rules, meta_llm], meta_llm: {model: small, timeout: 1s, votes: 3, ask_again: 1}}
default: {route: general}
savings: {baseline: large}
resilience: {deadline: 30s, retry: {max_attempts: 4, budget_ratio: 10}}
"""


@pytest.fixture
def router() -> Router:
    return Router.from_string(PLAN)


def start(router: Router, text: str = "hello", **given: Any) -> Run:
    return Run(router.route(text), id=7, now_us=0, **given)


def call(run: Run, now_us: int) -> Call:
    step = run.next(now_us)
    assert isinstance(step, Call), step
    return step


def end(run: Run, now_us: int) -> Ending:
    step = run.next(now_us)
    assert isinstance(step, Ending), step
    return step


def in_flight(router: Router) -> int:
    return sum(line["in_flight"] for line in router.live.figures()["cells"])


def test_a_run_calls_the_primary_and_ends_with_its_answer(router: Router) -> None:
    run = start(router)
    first = call(run, 0)
    assert (first.attempt, first.purpose, first.why, first.of) == (0, "answer", "primary", None)
    assert (first.model, first.deployment.model, first.deployment.kind) == ("small", "small-7b", "openai")
    assert (first.wants, first.is_passed_on) == ((), False)
    assert 0 < first.until_us <= run.deadline_us == 30_000_000
    assert in_flight(router) == 1
    assert isinstance(run.next(10), int)  # nothing to do until then
    assert run.ended(0, "success", now_us=900_000, latency_us=900_000, input_tokens=1_000, output_tokens=50) == []
    ending = end(run, 900_000)
    assert (ending.answer, ending.accepted, ending.code, ending.cancel) == (0, True, None, [])
    assert repr(ending) == "Ending(answer=0, accepted=True)"
    assert in_flight(router) == 0
    costs = run.costs()
    assert costs["total_nano"] == costs["answer_nano"] == 1_100_000
    assert costs["baseline_nano"] == 11_000_000
    assert costs["saved_nano"] == 9_900_000


def test_a_failure_falls_back_and_the_log_says_so(router: Router) -> None:
    run = start(router)
    call(run, 0)
    run.ended(0, "server_error", now_us=100, latency_us=100)
    second = call(run, 100)
    assert (second.model, second.why) == ("large", "fallback")
    assert (second.deployment.region, second.deployment.credential) == ("eu", "second")
    run.ended(1, "success", now_us=200, latency_us=100, confidence=None)
    assert end(run, 200).answer == 1
    lines = [(line["attempt"], line["model"], line["why"], line["outcome"], line["skipped"]) for line in run.log()]
    assert lines == [
        (0, "small", "primary", "server_error", None),
        (1, "large", "fallback", "success", None),
    ]
    assert run.log()[0]["deployment"].provider == "near"


def test_a_plan_that_fails_completely_ends_with_one_code(router: Router) -> None:
    run = start(router)
    now = 0
    for _ in range(100):
        step = run.next(now)
        if isinstance(step, Call):
            run.ended(step.attempt, "unauthorized", now_us=now, latency_us=1)
        elif isinstance(step, int):
            now = step
        else:
            break
    assert isinstance(step, Ending)
    assert (step.answer, step.code) == (None, "ALL_ATTEMPTS_FAILED")
    assert step.retry_at_us is not None
    assert [line["outcome"] for line in run.log() if line["attempt"] is not None] == ["unauthorized"] * 2
    assert repr(step) == "Ending(code='ALL_ATTEMPTS_FAILED')"


def test_the_deadline_ends_a_run_to_the_microsecond(router: Router) -> None:
    run = start(router, deadline_us=2_000_000, asked_us=500_000)
    assert run.deadline_us == 1_500_000
    call(run, 0)
    assert run.next(1_499_999) == 1_500_000
    ending = end(run, 1_500_000)
    assert (ending.code, ending.cancel) == ("DEADLINE_EXCEEDED", [0])
    assert in_flight(router) == 0


def test_what_is_cancelled_or_dropped_gives_everything_back(router: Router) -> None:
    run = start(router)
    call(run, 0)
    run.cancel(10)
    assert (end(run, 10).code, end(run, 10).cancel) == ("CANCELLED", [0])
    assert in_flight(router) == 0
    call(dropped := start(router), 0)
    assert in_flight(router) == 1
    del dropped
    gc.collect()
    assert in_flight(router) == 0


def test_the_pieces_of_a_stream_are_passed_on_and_nothing_follows_a_break(router: Router) -> None:
    run = start(router, is_stream=True)
    first = call(run, 0)
    assert first.is_passed_on
    assert first.first_token_until_us < first.until_us
    assert run.began(0, 100) == []
    run.ended(0, "stream_broken", now_us=200, latency_us=200)
    assert end(run, 200).code == "STREAM_BROKEN"


def test_a_caller_may_have_another_model_start_over(router: Router) -> None:
    run = start(router, is_stream=True, switch_after_stream=True)
    call(run, 0)
    assert run.began(0, 100) == []
    run.ended(0, "stream_broken", now_us=200, latency_us=200)
    assert call(run, 200).model == "large"


def test_an_answer_that_is_not_trusted_is_escalated(router: Router) -> None:
    decision = router.route("a sum")
    assert (decision.model, decision.escalations) == ("small", ("large",))
    cascade = decision.cascade
    assert cascade is not None
    assert (cascade.min_confidence, cascade.confidence_from, cascade.format) == (0.7, "self_reported", "json")
    assert (cascade.samples, cascade.verifier, cascade.function, cascade.schema) == (0, None, None, None)
    run = Run(decision, id=7, now_us=0)
    first = call(run, 0)
    assert set(first.wants) == {"self_report", "form"}
    run.ended(0, "success", now_us=10, latency_us=10, confidence=0.5, in_form=True)
    second = call(run, 10)
    assert (second.model, second.why) == ("large", "escalation")
    run.ended(1, "success", now_us=20, latency_us=10, confidence=0.6, in_form=True)
    ending = end(run, 20)
    # None is good enough: the best so far, and it says so.
    assert (ending.answer, ending.accepted) == (1, False)
    assert ending.confidence == pytest.approx(0.6)


def test_a_step_that_could_cost_too_much_is_not_taken(router: Router) -> None:
    run = start(router, max_cost_nano=1)
    assert end(run, 0).code == "OVER_MAX_COST"


def test_outcomes_of_a_run_are_reported_by_it(router: Router) -> None:
    decision = router.route("hello")
    now_us = fastroute.now_us()  # figures are taken on the real clock, and its window must hold the call
    run = Run(decision, id=7, now_us=now_us)
    call(run, now_us)
    run.ended(0, "success", now_us=now_us + 10, latency_us=10)
    assert router.report(decision, "success") == "duplicate"
    assert router.report(decision, "success", feedback={"kind": "thumbs", "score": 1}) == "accepted"
    calls = [line["calls"] for line in router.live.figures()["cells"] if line["key"] == "near:small-7b"]
    assert calls == [1]


def test_a_run_under_another_callers_name_spends_that_callers_budget() -> None:
    router = Router.from_string(PLAN + "budgets: [{scope: caller.team, limit_usd: 1, window: 1d}]\n")
    for caller in (None, {"team": "theirs"}):
        run = Run(router.route("hello", caller={"team": "mine"}), id=7, now_us=0, caller=caller)
        call(run, 0)
        run.ended(0, "success", now_us=10, latency_us=10, input_tokens=1000, output_tokens=0)
    spent = {line["value"]: line["spent_usd"] for line in router.live.figures()["budgets"]}
    assert spent == {"mine": pytest.approx(0.001), "theirs": pytest.approx(0.001)}


def test_names_that_are_none_are_refused(router: Router) -> None:
    run = start(router)
    call(run, 0)
    with pytest.raises(ValueError, match="ATTEMPT_OUTCOMES"):
        run.ended(0, "fine", now_us=1, latency_us=1)
    with pytest.raises(ValueError, match="limit_scope"):
        run.ended(0, "rate_limited", now_us=1, latency_us=1, limit_scope="world")
    # What nobody called is told to no avail.
    assert run.ended(9, "success", now_us=1, latency_us=1) in ([], [9])
    assert isinstance(run.next(2), int)


def test_a_question_is_answered_by_votes_and_kept() -> None:
    router = Router.from_string(PLAN)
    pending = router._begin("what is this about")
    assert isinstance(pending, Pending)
    question = pending.question
    assert (question.model, question.timeout_ms) == ("small", 1_000)
    assert question.schema["properties"]["label"]["enum"] == list(question.labels)
    assert question.read('```json\n{"label": "graded"}\n```') == "graded"
    assert question.read("graded, I think") is None
    ballot = Ballot(pending)
    for said in ("graded", "general", None, "graded"):
        assert ballot.next()
        ballot.cast(said)
    assert (ballot.next(), ballot.label, ballot.is_kept) == (False, "graded", False)
    decision = pending.resume(ballot.label)
    assert (decision.route, decision.reason.code) == ("graded", "META_LLM")
    with pytest.raises(ValueError, match="answered before"):
        pending.resume("general")
    assert "what is this" not in repr(pending)

    again = router._begin("what is this about")
    assert isinstance(again, Pending)
    kept = Ballot(again)
    assert (kept.next(), kept.label, kept.is_kept) == (False, "graded", True)
    other = router._begin("and what is that about")
    assert isinstance(other, Pending)
    assert Ballot(other).next()
    assert other.resume(None).reason.code == "DEFAULT_META_LLM_DECLINED"


def test_votes_that_do_not_agree_are_no_answer(router: Router) -> None:
    pending = router._begin("what is this about")
    assert isinstance(pending, Pending)
    ballot = Ballot(pending.question)
    for said in ("graded", "general", "long"):
        ballot.cast(said)
    assert (ballot.next(), ballot.label) == (False, None)


def test_what_needs_no_question_is_decided_at_once(router: Router) -> None:
    assert isinstance(router._begin("hello"), fastroute.Decision)


def test_a_call_beside_a_plan_is_claimed_and_reported(router: Router) -> None:
    aside = router._aside(
        "large", until_us=_fastroute.now_us() + 1_000_000, id=1, input_tokens=10, max_output_tokens=10
    )
    assert isinstance(aside, Aside)
    assert aside.deployment.provider == "far"
    assert in_flight(router) == 1
    now = _fastroute.now_us()
    assert aside.ended("success", now_us=now, latency_us=5, input_tokens=100, output_tokens=10) == 1_200_000
    assert in_flight(router) == 0
    with pytest.raises(ValueError, match="reported before"):
        aside.ended("success", now_us=now, latency_us=5)
    router.live.force("large", "open")
    assert router._aside("large", until_us=now + 1_000_000, id=2) is None
    with pytest.raises(fastroute.RequestError, match="no model of this configuration"):
        router._aside("nobody", until_us=now, id=3)


def test_a_key_is_named_and_never_shown(router: Router) -> None:
    small, large = router.route("hello").deployments
    assert small._api_key() is None
    assert large._api_key() == ("file", "far.key")
    shown = Router.from_string(PLAN.replace("model: large-2, region: eu, credential: second", "model: large-2"))
    assert shown.route("hello").deployments[1]._api_key() == ("env", "FAR_KEY")
    literal = Router.from_string(PLAN.replace('"${FAR_KEY}"', "sk-sesame").replace(", credential: second", ""))
    deployment = literal.route("hello").deployments[1]
    assert deployment._api_key() == ("literal", "sk-sesame")
    assert "sesame" not in repr(deployment) + str(deployment) + repr(literal.warnings)


def test_a_text_that_is_too_long_is_split_and_the_answers_are_joined(router: Router) -> None:
    text = "an essay. " + " ".join(f"Sentence number {n} says something." for n in range(400))
    decision = router.route(text)
    assert decision.too_long is not None
    assert (decision.too_long.way, decision.too_long.model) == ("split", "small")
    parts = decision._parts()
    assert len(parts) > 2
    assert text.startswith(parts[0][:50])
    assert text.endswith(parts[-1][-50:])
    messages = decision._messages_for("small", context="c", text=parts[1])
    assert messages[0] == {"role": "system", "content": "Be brief."}
    assert messages[1] == {"role": "user", "content": f"Q: {parts[1]} (c)"}
    joined = decision._reduce_messages(["first answer", "second answer"])
    assert joined[0] == {"role": "system", "content": "Be brief."}
    assert "first answer" in joined[-1]["content"]
    assert "second answer" in joined[-1]["content"]


def test_a_part_takes_the_place_of_the_last_message_and_leaves_the_others(router: Router) -> None:
    long = " ".join(f"Sentence number {n} says something." for n in range(400))
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "hello", "name": "ann"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": [{"type": "text", "text": "an essay. " + long, "cache": 1}], "name": "ann"},
    ]
    decision = router.route(messages=messages)
    rendered = decision._messages_for("small", text="a part")
    assert rendered[-3:-1] == messages[:2]
    assert rendered[-1] == {
        "role": "user",
        "content": [{"type": "text", "text": "Q: a part", "cache": 1}],
        "name": "ann",
    }


def test_a_text_that_is_too_long_is_summarised_first(router: Router) -> None:
    text = "a report. " + " ".join(f"Sentence {n} is here." for n in range(250))
    decision = router.route(text)
    assert decision.too_long is not None
    assert (decision.too_long.way, decision.too_long.model, decision.too_long.max_tokens) == ("summarise", "large", 50)
    system, user = decision._summarise_messages()
    assert (system["role"], user["role"]) == ("system", "user")
    assert text in user["content"]
    assert decision._cut(text, 5) != text
    assert text.startswith(decision._cut(text, 5))


def test_a_text_that_fits_is_one_part(router: Router) -> None:
    decision = router.route("hello")
    assert decision.too_long is None
    assert decision._parts() == ["hello"]
    assert decision._summarise_messages() == []


@pytest.mark.parametrize(
    ("status", "headers", "code", "told"),
    [
        (200, {}, None, ("success", None, "model")),
        (429, {"retry-after": "2"}, None, ("rate_limited", 2_000_000, "model")),
        (429, {"x-ratelimit-scope": "account"}, None, ("rate_limited", None, "credential")),
        (429, {}, "insufficient_quota", ("quota_exhausted", None, "model")),
        (400, {}, "context_length_exceeded", ("context_too_long", None, "model")),
        (529, {}, "overloaded_error", ("server_error", None, "model")),
        (200, {}, "content_filter", ("content_refused", None, "model")),
        (401, {"retry-after": "\u00e9"}, None, ("unauthorized", None, "model")),
    ],
)
def test_answers_are_classified_by_the_cores_table(
    status: int, headers: dict[str, str], code: str | None, told: tuple[str, int | None, str]
) -> None:
    assert _fastroute.classify(status, headers, code) == told


def test_answers_are_judged_by_the_core(router: Router) -> None:
    assert _fastroute.judge_log_probabilities([0.0, 0.0]) == 1.0
    assert _fastroute.judge_log_probabilities([]) is None
    text, confidence = _fastroute.read_self_report("It is 4.\nConfidence: 85")
    assert text == "It is 4."
    assert confidence == pytest.approx(0.85)
    assert "Confidence: N" in _fastroute.self_report_prompt()
    assert _fastroute.answer_key("So it costs $1,250.00.") == _fastroute.answer_key("#### 1250")
    decision = router.route("a sum")
    assert _fastroute.in_form(decision, '{"a": 1}') is True
    assert _fastroute.in_form(decision, "four") is False
    assert _fastroute.in_form(router.route("hello"), "four") is None
    system, user = _fastroute.verifier_messages(decision, "2 + 2?", "4")
    assert (system["role"], user["role"]) == ("system", "user")
    assert _fastroute.read_verdict("85") == pytest.approx(0.85)
    assert _fastroute.read_verdict("sure") is None


def test_the_clock_never_goes_back() -> None:
    times = [fastroute.now_us() for _ in range(1_000)]
    assert times == sorted(times)
