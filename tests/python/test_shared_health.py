"""Processes that share a server share what is known of models: one that trips a breaker trips it for all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import fastroute

pytest.importorskip("grpc")

CONFIG = """
version: 1
providers: {near: {kind: openai, base_url: "http://127.0.0.1:9/v1"}}
models:
  - {name: small, provider: near, context_window: 4000, price: {input: 0.1, output: 0.2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.6}}
  - {name: large, provider: near, context_window: 4000, price: {input: 1, output: 2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.9}}
routes: [{name: general, objective: cheapest}]
default: {route: general}
"""

# Decides, or decides and reports a failure, once a line; prints the model that it was given.
CLIENT = """
import sys, fastroute
with fastroute.Client(sys.argv[1], timeout=30) as client:
    for line in sys.stdin:
        decision = client.route("hello")
        if line.strip() == "fail":
            client.report(decision, "server_error", latency_ms=5)
        print(decision.model, flush=True)
"""


class Process:
    """A client in a process of its own."""

    def __init__(self, address: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def say(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(timeout=60) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[list[Process]]:
    path = tmp_path / "fastroute.yaml"
    path.write_text(CONFIG)
    with fastroute.Server(path) as server:
        started = [Process(server.addresses.grpc[0]) for _ in range(4)]
        yield started
        for process in started:
            process.close()


def test_a_trip_is_seen_by_every_process_at_its_next_decision(processes: list[Process]) -> None:
    first, *others = processes
    assert [process.say("decide") for process in processes] == ["small"] * 4
    # Failures in a row count whichever process tells them.
    for number in range(5):
        assert processes[number % 4].say("fail") == "small"
    assert [process.say("decide") for process in others] == ["large"] * 3
    assert first.say("decide") == "large"


def test_a_session_that_the_server_keeps_and_feedback_are_reached_from_a_client(tmp_path: Path) -> None:
    path = tmp_path / "fastroute.yaml"
    path.write_text(CONFIG.replace("routes: [", "routes: [{name: letters}, "))
    with fastroute.Server(path) as server, fastroute.Client(server.addresses.grpc) as client:
        assert client.route("Tell me about the first letter", task="letters", session="s").route == "letters"
        assert client.route("yes", session="s").route == "letters"
        assert client.route("yes", session="other").route == "general"
        turn = client.route("Tell me about the first letter", task="letters", session=b"")
        assert isinstance(turn.session, bytes)
        assert client.route("yes", session=turn.session).route == "letters"
        told = client.report(
            turn, "success", latency_ms=10, input_tokens=9, cached_tokens=4, output_tokens=3, output="an answer"
        )
        assert told == "accepted"
        thumbs = {"kind": "thumbs", "score": 1.0}
        assert client.report(turn, None, feedback=thumbs) == "accepted"
        assert client.report(turn, None, feedback=thumbs) == "duplicate"
        with pytest.raises(fastroute.RequestError) as refused:
            client.report(turn, None)
        assert refused.value.code == "INVALID_REPORT"
