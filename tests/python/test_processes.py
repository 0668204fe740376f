"""Threads share a router, and a process that forks keeps routing."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastroute import Router

TEXTS = [
    "hi",
    "Translate this",
    "refund",
    "",
    "退款",
    "Prove it",
    "x" * 3000,
    "def f():\n    return 1\n",
]


def test_threads_decide_what_one_thread_decides(default: Router) -> None:
    alone = [default.route(text).to_json() for text in TEXTS]

    def decide(_: int) -> list[str]:
        return [default.route(text).to_json() for text in TEXTS for _ in range(20)][::20]

    with ThreadPoolExecutor(8) as pool:
        assert all(result == alone for result in pool.map(decide, range(32)))


def test_batches_and_single_calls_mix_across_threads(default: Router) -> None:
    expected = default.route_batch(TEXTS * 50).tobytes()

    def work(number: int) -> bytes:
        if number % 2:
            default.route(TEXTS[number % len(TEXTS)])
        return default.route_batch(TEXTS * 50).tobytes()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(16))) == {expected}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_decides_the_same(default: Router, tmp_path: Path) -> None:
    expected = "\n".join(default.route(text).to_json() for text in TEXTS)
    written = tmp_path / "child"
    child = os.fork()
    if child == 0:
        try:
            written.write_text("\n".join(default.route(text).to_json() for text in TEXTS))
            Router.default()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert written.read_text() == expected


def test_interrupting_is_possible_after_a_decision(default: Router) -> None:
    """No signal handler is taken: what Python raises in one still arrives."""
    import signal

    def raise_it(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, raise_it)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(TimeoutError):
            while True:
                default.route("hi")
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_decision_holds_no_reference_that_leaks(default: Router) -> None:
    text = "Translate this, please, into " + "French"
    default.route(text).messages()
    before = sys.getrefcount(text)
    for _ in range(100):
        decision = default.route(text, metadata={"a": "b"})
        decision.explain()
        decision.messages()
        default.route_batch([text])
    del decision
    assert sys.getrefcount(text) == before
