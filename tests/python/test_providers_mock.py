"""The mock provider: what a script makes it do, and `fastroute mock`."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import fastroute
from fastroute.mock import BEHAVIOURS, Mock, MockModel, MockThread, read_script
from fastroute.providers import OpenAI, ProviderError
from scripted_provider import ASKED, call_of, finish


def asked(url: str, model: str = "small") -> Any:
    """Asks the mock as any client would."""
    body = {"model": model, "messages": [{"role": "user", "content": ASKED}]}
    request = urllib.request.Request(
        f"{url}/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as found:
        return json.load(found)


def test_replies_come_in_order_and_begin_again() -> None:
    async def work() -> list[str]:
        async with Mock({"models": {"small": {"replies": ["one", "two"]}}}) as mock:
            provider = OpenAI(mock.base_url)
            said = [(await provider.send(call_of())).text for _ in range(3)]
            said.append((await provider.send(call_of("unknown"))).text)
            await provider.aclose()
            return said

    assert finish(work()) == ["one", "two", "one", "This is unknown."]


def test_a_share_of_failures_is_the_same_in_every_run() -> None:
    async def work() -> list[bool]:
        async with Mock({"models": {"small": {"failure_share": 0.3}}}) as mock:
            provider = OpenAI(mock.base_url)
            failed = []
            for _ in range(100):
                try:
                    await provider.send(call_of())
                    failed.append(False)
                except ProviderError as error:
                    assert error.outcome == "server_error"
                    failed.append(True)
            await provider.aclose()
            return failed

    first = finish(work())
    assert first == finish(work())
    assert 15 <= sum(first) <= 45


def test_latency_is_kept() -> None:
    async def work() -> float:
        async with Mock({"models": {"small": {"latency_ms": 30}}}) as mock:
            provider = OpenAI(mock.base_url)
            loop = asyncio.get_running_loop()
            started = loop.time()
            await provider.send(call_of())
            await provider.aclose()
            return loop.time() - started

    assert finish(work()) >= 0.03


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"model": {}}, "a script has one key"),
        ({"models": []}, "a script has one key"),
        ({"models": {"small": []}}, "settings are an object"),
        ({"models": {"small": {"behaviours": ["sulk"]}}}, "`sulk` is no behaviour"),
        ({"models": {"small": {"behaviours": [200]}}}, "`200` is no behaviour"),
        ({"models": {"small": {"failure_share": 2}}}, "is a share"),
        ({"models": {"small": {"speed": 2}}}, "unexpected keyword argument 'speed'"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused(script: dict[str, Any], said: str, tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text(json.dumps(script))
    with pytest.raises(ValueError, match=re.escape(said)):
        read_script(file)
    run = subprocess.run(
        [sys.executable, "-m", "fastroute", "mock", "--script", str(file)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert said in run.stderr


def test_every_behaviour_says_what_it_does() -> None:
    assert list(BEHAVIOURS) == sorted(BEHAVIOURS)
    assert all(MockModel("small", behaviours=[each]) for each in BEHAVIOURS)


@pytest.mark.parametrize("end", [".json", ".toml"])
def test_the_command_serves_a_script_until_it_is_told_to_stop(tmp_path: Path, end: str) -> None:
    file = tmp_path / f"script{end}"
    file.write_text(
        '{"models": {"small": {"replies": ["Yes."]}}}' if end == ".json" else '[models.small]\nreplies = ["Yes."]'
    )
    command = [sys.executable, "-m", "fastroute", "mock", "--script", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"mock provider on (http://127\.0\.0\.1:\d+/v1)\n", line)
        assert found
        assert asked(found[1])["choices"][0]["message"]["content"] == "Yes."
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_mock_needs_nothing_beside_the_standard_library() -> None:
    code = (
        "import sys; sys.modules['httpx'] = None\n"
        "import fastroute.mock\n"
        "with fastroute.mock.MockThread() as mock: print(mock.base_url.startswith('http://127.0.0.1:'))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "True"


def test_the_mock_is_reached_through_the_package() -> None:
    with MockThread() as mock:
        assert asked(mock.base_url)["model"] == "small"
    assert fastroute.mock.Mock is Mock
