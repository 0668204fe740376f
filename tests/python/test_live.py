"""Live state: what reports do to later decisions, what is held by hand, and what a reload keeps."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import fastroute
from fastroute import Decision, Router

# Two models on two providers; one model alone on a third, to see what a route without a way out says.
LIVE = """
version: 1
providers:
  near: {kind: openai, base_url: "http://127.0.0.1:1/v1"}
  far: {kind: openai, base_url: "http://127.0.0.1:2/v1", api_key: "${FAR_KEY}"}
  lone: {kind: callable}
models:
  - {name: small, provider: near, context_window: 1000, price: {input: 1.0, output: 2.0},
     latency: {first_token: 100ms, per_token: 1ms}, quality: {default: 0.5}}
  - {name: large, provider: far, context_window: 1000, price: {input: 10.0, output: 20.0},
     latency: {first_token: 200ms, per_token: 2ms}, quality: {default: 0.9}}
  - {name: only, provider: lone, context_window: 1000, price: {input: 1.0, output: 1.0},
     latency: {first_token: 100ms, per_token: 1ms}, quality: {default: 0.5}}
routes:
  - {name: general, choose: [small, large], objective: cheapest}
  - {name: quick, choose: [small, large], objective: fastest}
  - {name: special, choose: [only]}
rules:
  - {name: quick, when: {keywords: {any: [quick]}}, then: {route: quick}}
  - {name: special, when: {keywords: {any: [special]}}, then: {route: special}}
classify: {order: [rules]}
default: {route: general}
resilience:
  breaker: {consecutive_failures: 3, wait_in_open: 1m}
"""


@pytest.fixture
def router() -> Router:
    """A router whose live state is the test's own."""
    return Router.from_string(LIVE)


def fail(router: Router, text: str = "hello", times: int = 3, **told: Any) -> list[str]:
    return [router.report(router.route(text), "server_error", **told) for _ in range(times)]


def cell(router: Router, key: str) -> dict[str, Any]:
    cells: list[dict[str, Any]] = router.live.figures()["cells"]
    return next(cell for cell in cells if cell["key"] == key)


def test_a_breaker_trips_for_those_who_only_route_and_report(router: Router) -> None:
    assert router.route("hello").model == "small"
    assert fail(router) == ["accepted"] * 3
    decision = router.route("hello")
    assert (decision.model, decision.fallbacks) == ("large", ())
    assert cell(router, "near:small")["state"] == "open"
    assert 0 < cell(router, "near:small")["retry_after_s"] <= 66  # the time in open, and its jitter
    assert cell(router, "far:large")["state"] == "closed"


def test_a_route_without_a_way_out_says_when_to_come_back(router: Router) -> None:
    fail(router, "special")
    decision = router.route("special")
    assert (decision.outcome, decision.model) == ("nothing_fits", None)
    lack = next(lack for lack in decision.missing if lack.model == "only")
    assert lack.code == "BREAKER_OPEN"


def test_batches_and_explanations_see_what_decisions_see(router: Router) -> None:
    before = router.route("hello")
    fail(router)
    rows = router.route_batch(["hello", "hello"])
    assert [router.models[row] for row in rows["model"]] == ["large", "large"]
    after = router.route("hello")
    assert after.explain().to_dict()["decision"]["model"] == "large"
    # A decision is explained as it was made, whatever has happened since.
    assert before.explain().to_dict()["decision"]["model"] == "small"


def test_transitions_are_taken_once_and_say_why(router: Router) -> None:
    assert router.live.transitions() == []
    started = fastroute.now_us()
    fail(router)
    (transition,) = router.live.transitions()
    assert (transition.key, transition.before, transition.after) == ("near:small", "closed", "open")
    assert transition.cause == "consecutive_failures"
    assert str(transition) == "near:small: closed to open, consecutive_failures"
    assert started <= transition.at_us <= fastroute.now_us()
    assert transition.retry_at_us is not None
    assert transition.retry_at_us > transition.at_us
    assert router.live.transitions() == []


def test_a_report_counts_once(router: Router) -> None:
    decision = router.route("hello")
    assert router.report(decision, "server_error") == "accepted"
    assert router.report(decision, "server_error") == "duplicate"
    assert router.report(decision, "success") == "duplicate"
    assert router.report(decision, "server_error", attempt=1) == "accepted"
    assert cell(router, "near:small")["failures"] == 2
    assert router.live.figures()["counters"]["duplicate_outcomes"] == 2


def test_what_nobody_decided_here_is_refused(router: Router) -> None:
    other = Router.from_string(LIVE)
    assert router.report(other.route("hello"), "server_error") == "refused"
    assert router.report(router.route("hello"), "server_error", model="nobody") == "refused"
    assert router.report(router.route("special", unavailable=["only"]), "server_error") == "refused"
    assert router.live.figures()["counters"]["unknown_outcomes"] == 3
    assert cell(router, "near:small")["calls"] == 0


def test_an_outcome_of_before_the_trip_moves_nothing(router: Router) -> None:
    late = router.route("hello")
    fail(router)
    until = cell(router, "near:small")["retry_after_s"]
    assert router.report(late, "server_error") == "accepted"
    assert cell(router, "near:small")["retry_after_s"] <= until
    assert router.live.figures()["counters"]["stale_outcomes"] == 1


def test_what_is_held_by_hand_stays_until_it_is_let_go(router: Router) -> None:
    live = router.live
    assert live.force("small", "open") is True
    assert router.route("hello").model == "large"
    assert live.force("small", "closed") is True
    fail(router, times=10)
    assert router.route("hello").model == "small"
    assert live.force("near:small", "disabled") is True
    assert router.route("hello").model == "small"
    assert live.force("small", None) is True
    assert cell(router, "near:small")["state"] == "closed"
    assert live.force("nothing", "open") is False
    with pytest.raises(ValueError, match="`state` must be"):
        live.force("small", "ajar")  # type: ignore[arg-type]


def test_a_limit_keeps_calls_away_as_long_as_the_provider_asks(router: Router) -> None:
    router.report(router.route("hello"), "rate_limited", retry_after_s=90)
    assert router.route("hello").model == "large"
    line = cell(router, "near:small")
    assert line["state"] == "cooling"
    assert 80 < line["retry_after_s"] <= 90


def test_a_refused_credential_is_told_of_the_credential(router: Router) -> None:
    router.report(router.route("hello"), "unauthorized")
    kinds = {line["key"]: line["state"] for line in router.live.figures()["cells"] if line["kind"] == "credential"}
    assert kinds["near"] == "cooling"
    assert kinds["far"] == "closed"


def test_what_is_known_goes_on_with_a_new_configuration(router: Router) -> None:
    decision = router.route("hello")
    fail(router)
    after = Router.from_string(LIVE.replace("wait_in_open: 1m", "wait_in_open: 2m"), live=router.live)
    assert after.route("hello").model == "large"
    assert Router.from_string(LIVE).route("hello").model == "small"
    # What the configuration before decided is told to the one that serves.
    assert after.report(decision, "success") == "accepted"


def test_live_state_goes_on_from_a_file(tmp_path: Any, router: Router) -> None:
    path = tmp_path / "live.yaml"
    path.write_text(LIVE)
    fail(router)
    assert Router.from_file(path, live=router.live).route("hello").model == "large"


def test_teams_have_breakers_of_their_own_where_the_configuration_says_so() -> None:
    router = Router.from_string(LIVE.replace("resilience:\n", "resilience:\n  scope: team\n"))
    mine, theirs = {"team": "mine"}, {"team": "theirs"}
    for _ in range(3):
        router.report(router.route("hello", caller=mine), "server_error")
    assert router.route("hello", caller=mine).model == "large"
    assert router.route("hello", caller=theirs).model == "small"
    assert [router.models[row] for row in router.route_batch(["hello"], caller=mine)["model"]] == ["large"]
    scopes = {line["scope"] for line in router.live.figures()["cells"] if line["state"] == "open"}
    assert scopes == {"mine"}


def test_a_budget_counts_what_reports_say() -> None:
    router = Router.from_string(LIVE + "budgets: [{scope: caller.team, limit_usd: 0.001, window: 1d}]\n")
    mine = {"team": "mine"}
    decision = router.route("hello", caller=mine)
    assert decision.outcome == "routed"
    router.report(decision, "success", input_tokens=900, output_tokens=50)  # exactly the limit
    after = router.route("hello", caller=mine)
    assert (after.outcome, after.model) == ("over_budget", None)
    assert {lack.code for lack in after.missing if lack.model == "small"} == {"OVER_BUDGET"}
    assert router.route("hello", caller={"team": "theirs"}).outcome == "routed"
    budgets = {line["value"]: line for line in router.live.figures()["budgets"]}
    assert budgets["mine"]["scope"] == "caller.team"
    assert budgets["mine"]["spent_usd"] == pytest.approx(0.001)
    assert budgets["mine"]["limit_usd"] == pytest.approx(0.001)


def test_measured_latency_takes_the_place_of_the_configured_one(router: Router) -> None:
    assert router.route("quick").model == "small"
    for _ in range(30):
        decision = router.route("quick", unavailable=["large"])
        router.report(decision, "success", first_token_ms=5_000, latency_ms=5_100, output_tokens=100)
    assert router.route("quick").model == "large"
    assert cell(router, "near:small")["first_token_s"] == pytest.approx(5.0, rel=0.2)


def test_feedback_may_come_after_the_outcome(router: Router) -> None:
    decision = router.route("hello")
    assert router.report(decision, "success", output="A secret answer.") == "accepted"
    assert router.report(decision, None, feedback={"kind": "thumbs", "score": 1}) == "accepted"
    assert router.report(decision, None, feedback={"kind": "thumbs", "score": 0}) == "duplicate"
    with pytest.raises(fastroute.RequestError, match="needs feedback"):
        router.report(decision, None)
    (line,) = router.live.figures()["feedback"]
    assert line == {"model": "small", "kind": "thumbs", "count": 1, "mean": 1.0}
    figures = cell(router, "near:small")
    assert (figures["calls"], figures["outputs"], figures["output_bytes"]) == (1, 1, 16)
    assert "secret" not in str(router.live.figures())


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"latency_ms": -1}, "INVALID_REPORT"),
        ({"latency_ms": float("nan")}, "INVALID_REPORT"),
        ({"first_token_ms": 1e13}, "INVALID_REPORT"),
        ({"retry_after_s": float("inf")}, "INVALID_REPORT"),
        ({"attempt": 256}, "INVALID_REPORT"),
        ({"feedback": {"kind": "thumbs"}}, "INVALID_REPORT"),
        ({"feedback": {"kind": "", "score": 1}}, "INVALID_REPORT"),
        ({"feedback": {"kind": "thumbs", "score": 1.5}}, "INVALID_REPORT"),
        ({"feedback": {"kind": "thumbs", "score": float("nan")}}, "INVALID_REPORT"),
    ],
)
def test_figures_that_cannot_be_are_refused_and_change_nothing(router: Router, told: dict[str, Any], code: str) -> None:
    decision = router.route("hello")
    with pytest.raises(fastroute.RequestError) as refused:
        router.report(decision, "success", **told)
    assert refused.value.code == code
    assert router.report(decision, "success") == "accepted"


def test_names_that_are_none_are_refused(router: Router) -> None:
    decision = router.route("hello")
    with pytest.raises(ValueError, match="ATTEMPT_OUTCOMES"):
        router.report(decision, "fine")
    with pytest.raises(ValueError, match="limit_scope"):
        router.report(decision, "rate_limited", limit_scope="world")  # type: ignore[arg-type]
    with pytest.raises(fastroute.RequestError, match="`tenant` is none of") as refused:
        router.route("hello", caller={"tenant": "mine"})
    assert refused.value.code == "INVALID_CALLER"
    with pytest.raises(TypeError, match="`caller` must be a mapping"):
        router.route("hello", caller="mine")  # type: ignore[arg-type]
    assert router.route("hello", caller={"team": None, "organisation": "ours"}).outcome == "routed"


def test_every_thread_sees_a_trip_at_its_next_decision(router: Router) -> None:
    before, after = threading.Barrier(5), threading.Barrier(5)
    seen: list[tuple[str | None, str | None]] = []

    def decide() -> None:
        first: Decision = router.route("hello")
        before.wait()
        after.wait()
        seen.append((first.model, router.route("hello").model))

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for thread in threads:
        thread.start()
    before.wait()
    fail(router)
    after.wait()
    for thread in threads:
        thread.join()
    assert seen == [("small", "large")] * 4


def test_one_decision_probes_a_model_that_recovers_and_the_others_go_elsewhere() -> None:
    router = Router.from_string(LIVE.replace("wait_in_open: 1m", "wait_in_open: 1ms"))
    fail(router)
    give_up = fastroute.now_us() + 10_000_000
    probe = router.route("hello")
    while probe.model == "large" and fastroute.now_us() < give_up:
        probe = router.route("hello")
    assert probe.model == "small"
    assert {router.route("hello").model for _ in range(100)} == {"large"}
    assert cell(router, "near:small")["leases"] == 1
    assert router.report(probe, "success") == "accepted"
    assert {router.route("hello").model for _ in range(100)} == {"small"}
    changes = [(change.before, change.after) for change in router.live.transitions()]
    assert changes == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]


def test_live_state_of_one_router_is_not_anothers(router: Router) -> None:
    fail(router)
    other = Router.from_string(LIVE)
    # By turns in one thread, which reads both.
    assert [r.route("hello").model for r in (router, other, router, other)] == ["large", "small"] * 2


def test_reprs_can_be_read(router: Router) -> None:
    fail(router)
    assert repr(router.live).startswith("Live(cells=")
    assert "not_closed=1" in repr(router.live)
    assert repr(router.live.transitions()[0]) == ("Transition(near:small: closed to open, consecutive_failures)")
