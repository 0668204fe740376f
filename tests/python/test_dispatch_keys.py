"""Keys that the configuration names: read when a call is made, each deployment with its own, shown nowhere."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

import fastroute
from dispatched import outcomes_of
from fastroute import Answer, Dispatcher
from scripted_provider import ASKED, Mock, finish

CONFIG = """
version: 1
providers:
  one: {{kind: openai, base_url: "{url}", api_key: "${{FASTROUTE_TEST_KEY}}", credentials: {{second: {{api_key_file: "{file}"}}}}}}
  two: {{kind: anthropic, base_url: "{url}", api_key: "${{FASTROUTE_TEST_KEY}}"}}
models:
  - name: first
    deployments: [{{provider: one}}, {{provider: one, credential: second}}]
    context_window: 4000
    max_output_tokens: 100
    price: {{input: 1.0, output: 2.0}}
    latency: {{first_token: 1ms, per_token: 1ms}}
    quality: {{default: 0.5}}
  - name: other
    provider: two
    context_window: 4000
    max_output_tokens: 100
    price: {{input: 9.0, output: 9.0}}
    latency: {{first_token: 1ms, per_token: 1ms}}
    quality: {{default: 0.5}}
routes: [{{name: general, description: All., choose: [first], fallback: [other], objective: cheapest, expected_output_tokens: 50}}]
resilience: {{retry: {{backoff: 1ms, budget_min_per_second: 100}}}}
default: {{route: general}}
"""


def keys_of(mock: Mock) -> set[str]:
    return {each.headers.get("authorization") or each.headers.get("x-api-key", "none") for each in mock.requests}


async def asked(mock: Mock, file: Path, times: int = 1) -> list[Answer]:
    router = fastroute.Router.from_string(CONFIG.format(url=mock.base_url, file=file))
    async with Dispatcher(router) as dispatcher:
        return [await dispatcher.complete(ASKED, seed=seed) for seed in range(times)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("from-file\n")
    return path


def test_each_deployment_pays_with_its_own_key(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTROUTE_TEST_KEY", "from-environment")

    async def work() -> set[str]:
        async with Mock() as mock:
            await asked(mock, file, 30)
            return keys_of(mock)

    assert finish(work()) == {"Bearer from-environment", "Bearer from-file"}


def test_a_key_that_is_not_there_sends_nothing_and_the_next_deployment_is_called(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FASTROUTE_TEST_KEY", raising=False)

    async def work() -> None:
        async with Mock() as mock:
            answers = await asked(mock, file, 10)
            assert keys_of(mock) == {"Bearer from-file"}
            told = [attempt.detail for answer in answers for attempt in answer.attempts if attempt.outcome != "success"]
            assert set(told) == {"environment variable `FASTROUTE_TEST_KEY` holds no key"}

    finish(work())


def test_a_refused_key_cools_that_credential_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTROUTE_TEST_KEY", "from-environment")

    async def work() -> None:
        async with Mock({"models": {"first": {"behaviours": [401]}}}) as mock:
            (answer, *rest) = await asked(mock, file, 10)
            assert outcomes_of(answer.attempts) == [("first", "unauthorized"), ("first", "success")]
            assert all(outcomes_of(each.attempts) == [("first", "success")] for each in rest)
            refused = mock.requests[0].headers["authorization"]
            assert refused not in [each.headers["authorization"] for each in mock.requests[1:]]

    finish(work())


def test_a_key_is_shown_nowhere(file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("FASTROUTE_TEST_KEY", "from-environment")

    async def work() -> str:
        behaviours = [500, "error_inside", "malformed", "close"]
        async with Mock({"models": {"first": {"behaviours": behaviours}}}) as mock:
            answers = await asked(mock, file, 3)
            attempts = [attempt for answer in answers for attempt in answer.attempts]
            return f"{answers}{attempts}{[str(each) for each in attempts]}{[each.deployment for each in attempts]}"

    with caplog.at_level(logging.DEBUG):
        shown = finish(work())
    for secret in ("from-environment", "from-file"):
        assert secret not in shown
        assert secret not in caplog.text
