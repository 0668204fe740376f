"""Names that the host and the configuration do not share are told, and a summary is an attempt like any call."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from dispatched import everywhere, router_of
from fastroute import Answer, Dispatcher, DispatchError
from fastroute.mock import MockThread
from fastroute.providers import ProviderCall, ProviderError, Scripted
from scripted_provider import ASKED, finish

LONG = " ".join(f"word{number}" for number in range(6000))


async def complete(router: Any, providers: Any, text: str = ASKED, **given: Any) -> Answer:
    async with Dispatcher(router, providers=providers) as dispatcher:
        return await dispatcher.complete(text, **given)


def test_a_provider_that_no_model_has_is_told(caplog: pytest.LogCaptureFixture) -> None:
    Dispatcher(router_of(), providers={**everywhere(Scripted(["fine"]))})
    assert not caplog.text
    Dispatcher(router_of(), providers={"naer": Scripted(["fine"])})
    assert "provider `naer` was given, but no model of the configuration has it; did you mean `near`?" in caplog.text


def test_what_a_route_names_and_nobody_gave_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    general = "agent: desk\nretrieval: {collection: kb, top_k: 2, max_tokens: 20}"

    async def work() -> None:
        async with Dispatcher(router_of(general=general), providers=everywhere(Scripted(["fine"]))) as dispatcher:
            for _ in range(2):
                assert (await dispatcher.complete(ASKED)).text == "fine"

    finish(work())
    assert [record.getMessage() for record in caplog.records] == [
        "no agent `desk` was given, which the configuration names",
        "no retriever `kb` was given, which the configuration names",
    ]


@pytest.mark.parametrize("said", ["", ProviderError("server_error", "down"), "A summary."])
def test_a_summary_is_listed_as_an_attempt(said: Any) -> None:
    def answer(call: ProviderCall) -> Any:
        if call.model == "large-2" and isinstance(said, Exception):
            raise said
        return said if call.model == "large-2" else "fine"

    router = router_of(general="on_too_long: {summarise: {model: large, max_tokens: 100}}", fallback="[]")
    work = complete(router, everywhere(Scripted([answer])), LONG)
    if said == "A summary.":
        found = finish(work).attempts
    else:
        with pytest.raises(DispatchError) as caught:
            finish(work)
        assert caught.value.code == "CONTEXT_TOO_LONG"
        found = caught.value.attempts
    outcome = "server_error" if isinstance(said, Exception) else "success"
    assert (found[0].model, found[0].why, found[0].outcome) == ("large", "summary", outcome)


def test_the_mock_serves_anthropic_below_v1_alone() -> None:
    body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}
    with MockThread({"models": {}}) as mock:
        found = [
            httpx.post(f"http://{mock.address}{path}", json=body).status_code for path in ("/messages", "/v1/messages")
        ]
    assert found == [404, 200]
