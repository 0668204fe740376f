"""SyncDispatcher: the same answers without a loop of one's own, from many threads and after a fork."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import fastroute
from dispatched import everywhere, router_of
from fastroute import DispatchError, SyncDispatcher
from fastroute.providers import Callable, ProviderCall, ProviderError, Scripted
from scripted_provider import ASKED, MockThread


def test_it_answers_streams_and_fails_as_the_other_does() -> None:
    with (
        MockThread({"models": {"small": {"replies": ["one two"]}}}) as mock,
        SyncDispatcher(router_of(near=mock.base_url)) as dispatcher,
    ):
        assert dispatcher.complete(ASKED).text == "one two"
        chunks = list(dispatcher.stream(ASKED))
        assert [chunk.text for chunk in chunks] == ["one", " two", ""]
        assert chunks[-1].answer is not None
        assert dispatcher.in_flight == 0
    down = ProviderError("unauthorized", "status 401")
    with SyncDispatcher(router_of(), providers=everywhere(Scripted([down]))) as dispatcher:
        with pytest.raises(DispatchError) as caught:
            dispatcher.complete(ASKED)
        assert caught.value.code == "ALL_ATTEMPTS_FAILED"


def test_threads_share_one() -> None:
    with SyncDispatcher(router_of(), providers=everywhere(Scripted(["fine"]))) as dispatcher:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: dispatcher.complete(ASKED).text, range(50)))
        assert answers == ["fine"] * 50
        assert dispatcher.in_flight == 0


def test_leaving_a_stream_early_frees_it() -> None:
    with (
        MockThread({"models": {"small": {"replies": ["one two"], "behaviours": ["hang_midway"]}}}) as mock,
        SyncDispatcher(router_of(near=mock.base_url)) as dispatcher,
    ):
        stream = dispatcher.stream(ASKED)
        assert next(stream).text == "one"
        stream.close()
        assert dispatcher.in_flight == 0


def test_closing_ends_the_thread_and_a_later_call_begins_anew() -> None:
    before = threading.active_count()
    dispatcher = SyncDispatcher(router_of(), providers=everywhere(Scripted(["fine"])))
    assert dispatcher.complete(ASKED).text == "fine"
    dispatcher.close()
    dispatcher.close()
    assert threading.active_count() == before
    assert dispatcher.complete(ASKED).text == "fine"
    dispatcher.close()


def test_an_agent_may_call_the_dispatcher_that_called_it() -> None:
    def desk(request: object, decision: fastroute.Decision, dispatcher: SyncDispatcher) -> str:
        return "The desk says: " + dispatcher.complete(ASKED, from_agent="desk").text

    router = router_of(general="agent: desk")
    with SyncDispatcher(router, providers=everywhere(Scripted(["fine"])), agents={"desk": desk}) as dispatcher:
        answer = dispatcher.complete(ASKED)
    assert (answer.text, answer.agent) == ("The desk says: fine", "desk")


def test_a_child_of_a_fork_has_a_loop_of_its_own() -> None:
    def who(call: ProviderCall) -> str:
        return str(os.getpid())

    with SyncDispatcher(router_of(), providers=everywhere(Callable(who))) as dispatcher:
        assert dispatcher.complete(ASKED).text == str(os.getpid())
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            said = "failed"
            try:
                said = dispatcher.complete(ASKED).text
            finally:
                os.write(writing, said.encode())
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            assert pipe.read() == str(child)
        os.waitpid(child, 0)
        assert dispatcher.complete(ASKED).text == str(os.getpid())
