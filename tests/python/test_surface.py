"""The public surface: what is exported, how values print and compare, what the types say."""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib import metadata

import pytest

import fastroute
from fastroute import Decision, Router


def test_all_is_sorted_and_equals_what_is_imported() -> None:
    def order(name: str) -> tuple[bool, bool, str]:
        return (not name.isupper(), not name[0].isupper(), name)  # ruff's order: constants first

    assert all(getattr(fastroute, name) for name in fastroute._LATER)  # imported when they are asked for
    imported = {
        name
        for name, value in vars(fastroute).items()
        if getattr(value, "__module__", "fastroute").startswith("fastroute")
        and not name.startswith("_")
        and not isinstance(value, type(sys))
        and name not in {"TYPE_CHECKING", "annotations"}
    }
    assert imported | {"__version__"} == set(fastroute.__all__)
    assert sorted(fastroute.__all__, key=order) == fastroute.__all__


def test_the_version_is_the_one_of_the_installed_package() -> None:
    assert fastroute.__version__ == metadata.version("fastroute")


def test_the_stub_says_what_the_extension_has() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "fastroute._fastroute"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_importing_loads_nothing_that_deciding_does_not_need() -> None:
    unneeded = {"asyncio", "click", "dataclasses", "google", "grpc", "httpx", "numpy", "rich", "socket"}
    code = f"import sys, fastroute; print({unneeded} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


HOMES = {
    "fastroute",
    "fastroute._client.awaiting",
    "fastroute._client.blocking",
    "fastroute._dispatch.answer",
    "fastroute._dispatch.blocking",
    "fastroute._dispatch.dispatcher",
    "fastroute._exceptions",
    "fastroute._server",
}


def test_classes_say_where_they_live() -> None:
    for name in fastroute.__all__:
        value = getattr(fastroute, name)
        if isinstance(value, type):
            assert value.__module__ in HOMES, name
            assert value.__doc__, name


def test_decisions_are_frozen(small: Router) -> None:
    decision = small.route("refund please")
    with pytest.raises(AttributeError):
        decision.route = "other"  # type: ignore[misc]


def test_a_decision_has_everything_that_a_host_needs(small: Router) -> None:
    decision = small.route("refund please")
    assert decision.outcome == "routed"
    assert decision.route == "refunds"
    assert decision.model == "small"
    assert decision.fallbacks == ("large",)
    assert decision.prompt == "terse"
    assert decision.rule == "refund"
    assert (decision.reason.code, str(decision.reason)) == ("RULE", decision.reason.sentence)
    assert decision.route_confidence == 1.0
    assert decision.agent == "desk"
    assert decision.reasoning is False
    assert decision.message is None
    assert decision.missing == ()
    assert decision.notes == ()
    assert decision.expected_output_tokens == 100
    assert decision.input_tokens is not None
    assert decision.input_tokens > 50  # the allowance of the retrieval counts
    assert decision.cost_usd == pytest.approx((decision.input_tokens * 1.0 + 100 * 2.0) / 1e6)
    assert decision.latency_ms == pytest.approx(200.0)
    assert decision.quality is not None
    assert 0.0 <= decision.difficulty <= 1.0
    assert decision.revision == small.revision
    retrieval = decision.retrieval
    assert retrieval is not None
    assert (retrieval.collection, retrieval.top_k, retrieval.max_tokens) == ("policy", 2, 50)
    assert [d.model for d in decision.deployments] == ["small", "large-2"]
    assert decision.deployment == decision.deployments[0]
    assert repr(decision.deployment) == (
        "Deployment(provider='near', kind='openai', base_url='http://127.0.0.1:1/v1', model='small')"
    )


def test_names_are_made_once(small: Router) -> None:
    decision = small.route("refund please")
    assert decision.route is small.route("refund again").route
    assert decision.route is small.routes[1]
    assert decision.model is small.models[0]


def test_equal_decisions_are_equal_and_hash_alike(small: Router) -> None:
    first, second, other = (small.route(text) for text in ("refund", "refund", "hello"))
    assert first == second
    assert hash(first) == hash(second)
    assert first != other
    assert first != "refund"
    assert len({first, second, other}) == 2


def test_reprs_can_be_read(small: Router) -> None:
    assert repr(small) == f"Router(revision='{small.revision}', routes=2, models=2)"
    assert repr(small.route("refund")) == (
        "Decision(outcome='routed', route='refunds', model='small', prompt='terse', reason='RULE')"
    )
    assert repr(small.route("abuse")).endswith("prompt=None, reason='REJECTED')")


def test_a_refusal_is_a_decision_with_a_message(small: Router) -> None:
    decision = small.route("abuse")
    assert (decision.outcome, decision.model, decision.message) == ("rejected", None, "Not here.")
    assert (decision.cost_usd, decision.latency_ms, decision.deployment) == (None, None, None)


def test_nothing_fits_lists_what_each_model_lacks(small: Router) -> None:
    decision = small.route("hello", capabilities=["vision"], unavailable=["large"])
    assert (decision.outcome, decision.reason.code) == ("nothing_fits", "NOTHING_FITS")
    assert {(lack.model, lack.code) for lack in decision.missing} == {
        ("small", "MISSING_CAPABILITY"),
        ("large", "UNAVAILABLE"),
    }
    assert all(lack.model in lack.message for lack in decision.missing)


def test_the_canonical_form_is_sorted_and_all_integers(small: Router) -> None:
    decision = small.route("refund please")
    form = decision.to_dict()
    assert list(form) == sorted(form)
    assert form["estimates"]["cost_nano_usd"] == round((decision.cost_usd or 0.0) * 1e9)
    assert form["route_confidence_ppm"] == 1_000_000
    assert "float" not in {type(value).__name__ for value in form.values()}
    assert Decision.__module__ == "fastroute"


def test_errors_survive_pickling() -> None:
    issue = fastroute.ConfigIssue("UNKNOWN_KEY", "no such key", "f.yaml", 3, 4, "routes")
    for error in (
        fastroute.RequestError("too long", "TEXT_TOO_LONG"),
        fastroute.ConfigError("f.yaml:3:4", "INVALID_CONFIG", (issue,)),
        fastroute.ServerError("no port", "ADDRESS_UNAVAILABLE"),
        fastroute.ServiceError("busy", "OVERLOADED", "RESOURCE_EXHAUSTED", 0.25),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.code) == (type(error), str(error), error.code)
        assert vars(again) == vars(error)
