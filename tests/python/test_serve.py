"""`fastroute serve`: one line, signals, exit codes, and the help of the binary."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fastroute import Client
from held import begin_call
from shared import SMALL

LINE = re.compile(r"fastroute (\S+) serves revision ([0-9a-f]{12}): grpc (127\.0\.0\.1:\d+)\n")


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Runs the command; gives the process, the revision that it told and its address."""
    command = [
        sys.executable,
        "-m",
        "fastroute",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--http",
        "none",
        "--admin",
        "none",
    ]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        guard = threading.Timer(40, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            told = LINE.fullmatch(process.stdout.readline())
            assert told is not None
            yield process, told[2], told[3]
        finally:
            guard.cancel()
            process.kill()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command that ends by itself."""
    command = [sys.executable, "-m", "fastroute", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_ends_with_0(number: signal.Signals) -> None:
    with serving() as (process, revision, address):
        with Client(address) as client:
            assert client.route("hello").revision.startswith(revision)
        process.send_signal(number)
        rest, logs = process.communicate(timeout=20)
        assert (process.returncode, rest) == (0, "")
        assert "Traceback" not in logs


def test_a_hangup_reads_the_configuration_again(tmp_path: Path) -> None:
    path = tmp_path / "fastroute.yaml"
    path.write_text(SMALL, encoding="utf-8")
    with serving("-c", str(path), "--no-watch") as (process, revision, address), Client(address) as client:
        assert client.route("refund").route == "refunds"
        path.write_text("version: 1", encoding="utf-8")  # refused without effect
        process.send_signal(signal.SIGHUP)
        path_ = tmp_path / "next.yaml"
        path_.write_text(SMALL.replace("any: [refund]", "any: [reimbursement]"), encoding="utf-8")
        path_.replace(path)
        deadline = time.monotonic() + 20
        while client.route("refund").revision.startswith(revision):
            assert time.monotonic() < deadline
            process.send_signal(signal.SIGHUP)
            time.sleep(0.02)
        assert client.route("refund").route == "general"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert process.returncode == 0


def test_a_second_signal_ends_the_wait_for_calls_in_flight() -> None:
    with serving("--drain", "30s") as (process, _, address), begin_call(address):
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == -signal.SIGTERM


def test_help_and_mistakes_are_those_of_the_one_definition() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    assert "Usage: fastroute serve" in shown.stdout
    assert "--max-in-flight" in shown.stdout
    wrong = run("--max-in-flight", "0")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "--max-in-flight" in wrong.stderr


def test_what_cannot_start_says_so_in_one_line(tmp_path: Path) -> None:
    refused = run("--listen", "0.0.0.0:0")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert re.fullmatch(r"fastroute: .*\[UNAUTHENTICATED_LISTENER\]\n", refused.stderr)
    absent = run("-c", str(tmp_path / "absent.yaml"), "--listen", "127.0.0.1:0")
    assert absent.returncode == 1
    assert absent.stderr.splitlines()[-1].startswith("fastroute: ")
    assert "[UNREADABLE_CONFIG]" in absent.stderr
