"""Threads share a router, and a process that forks keeps routing."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
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


class Interrupted(Exception):
    """What the handler raises."""


@pytest.fixture
def alarm() -> Iterator[None]:
    """Raises `Interrupted` from the handler of SIGALRM."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm")
def test_interrupting_is_possible_after_a_decision(default: Router) -> None:
    """No signal handler is taken: what Python raises in one still arrives."""
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    with pytest.raises(Interrupted):
        while True:
            default.route("hi")


@pytest.mark.usefixtures("alarm")
def test_a_signal_ends_a_long_batch(default: Router) -> None:
    texts = ["The quick brown fox jumps over the lazy dog."] * 10_000
    start = time.perf_counter()
    default.route_batch(texts)
    each = (time.perf_counter() - start) / len(texts)
    many = texts * max(1, int(10 / (each * len(texts))))  # some ten seconds of work
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    start = time.perf_counter()
    with pytest.raises(Interrupted):
        default.route_batch(many)
    assert time.perf_counter() - start < 5
    assert len(default.route_batch(texts[:3])) == 3


def test_a_handler_may_decide_during_a_batch(default: Router) -> None:
    routes: list[str | None] = []
    before = signal.signal(signal.SIGALRM, lambda *_: routes.append(default.route("Translate this").route))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
        default.route_batch(["Translate this"] * 50_000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert set(routes) == {"translation"}


def test_threads_run_while_a_long_text_is_decided(default: Router) -> None:
    text = ("The quick brown fox jumps over the lazy dog. " * 93_207)[: 4 << 20]
    ends = threading.Event()
    seen: list[float] = []

    def watch() -> None:
        while not ends.is_set():
            seen.append(time.perf_counter())
            time.sleep(0.001)

    def runs_meanwhile() -> bool:
        start = time.perf_counter()
        default.route(text)
        quarter = (time.perf_counter() - start) / 4
        return any(start + quarter < moment < start + 3 * quarter for moment in seen)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        # A busy machine may keep the watcher waiting; an attached call would do so every time.
        assert any(runs_meanwhile() for _ in range(10))
    finally:
        ends.set()
        watcher.join()


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
