"""The table of `tests/conformance` through the clients and a server, byte for byte.

One server runs through all configurations, as reloading is how a server gets another one.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastroute
from cases import CASES, ROOT, Case, answer_of, request_of, router_of, text_of

FILES = ROOT / "tests" / "conformance" / "configurations"


class Door:
    """One server, and both clients of it."""

    def __init__(self, folder: Path) -> None:
        for file in FILES.glob("*.txt"):
            shutil.copy(file, folder)
        self._path = folder / "fastroute.json"
        self._path.write_text(text_of(CASES[0]), encoding="utf-8")
        self.server = fastroute.Server(self._path, no_watch=True, max_removed=1, keep_revisions=5)
        self.client = fastroute.Client(self.server.addresses.grpc, timeout=30)
        self.loop = asyncio.new_event_loop()
        self.awaiting = fastroute.AsyncClient(self.server.addresses.grpc, timeout=30)

    def take(self, case: Case) -> None:
        """Serves the configuration of a case."""
        self._path.write_text(text_of(case), encoding="utf-8")
        self.server.reload()

    def close(self) -> None:
        """Closes the clients and stops the server."""
        self.client.close()
        self.loop.run_until_complete(self.awaiting.close())
        self.loop.close()
        self.server.stop()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The server that all cases go through."""
    door = Door(tmp_path_factory.mktemp("served"))
    yield door
    door.close()


def group_of(case: Case) -> tuple[str, str]:
    """What cases of one configuration share."""
    return case["configuration"], json.dumps(case.get("with"))


GROUPS = [list(group) for _, group in groupby(sorted(CASES, key=group_of), key=group_of)]


REFUSED = {("SELF_TEST_FAILED", "a_template_that_walks_over_retrieved_text_fits_nobody")}


@pytest.mark.parametrize("group", GROUPS, ids=[f"{group[0]['name']}_and_{len(group) - 1}_more" for group in GROUPS])
def test_the_clients_decide_what_the_router_decides(group: list[Case], door: Door) -> None:
    try:
        door.take(group[0])
    except fastroute.ConfigError as error:
        # A server does not begin to serve a prompt that fails; the router decides around it.
        assert (error.code, group[0]["name"]) in REFUSED
        return
    for case in group:
        answer, questions = answer_of(case)
        decision = door.client.route(**request_of(case), on_ask=answer)
        assert decision.to_json() == case["canonical"], case["name"]
        assert bool(questions) == case["expect"].get("asked", bool(questions))
        answer, _ = answer_of(case)
        awaited = door.loop.run_until_complete(door.awaiting.route(**request_of(case), on_ask=answer))
        assert awaited.to_json() == case["canonical"], case["name"]


ATTRIBUTES = sorted(
    name
    for name in vars(fastroute.Decision)
    if name[0] != "_" and not callable(getattr(fastroute.Decision, name)) and name != "reason"
)


SOME = [group for number, group in enumerate(GROUPS) if number % 7 == 0 or "meta_llm" in group[0]["configuration"]]


@pytest.mark.parametrize("group", SOME, ids=[group[0]["name"] for group in SOME])
def test_every_attribute_and_explanation_is_that_of_the_router(group: list[Case], door: Door) -> None:
    door.take(group[0])
    for case in group[:5]:
        local = router_of(case).route(**request_of(case), on_ask=answer_of(case)[0])
        remote = door.client.route(**request_of(case), on_ask=answer_of(case)[0])
        for name in ATTRIBUTES:
            assert getattr(remote, name) == getattr(local, name), (case["name"], name)
        assert (remote.reason.code, str(remote.reason)) == (local.reason.code, str(local.reason))
        assert remote.to_dict() == local.to_dict()
        explained, wanted = remote.explain(), local.explain()
        assert explained.to_json() == wanted.to_json(), case["name"]
        assert str(explained) == str(wanted)
        assert repr(explained) == repr(wanted)
        if local.outcome == "routed":
            assert remote.messages() == local.messages()
            assert remote.messages("what was found") == local.messages("what was found")


def test_a_batch_has_the_rows_of_the_router(door: Door) -> None:
    case = next(case for case in CASES if case["configuration"].endswith("default.yaml"))
    door.take(case)
    router = router_of(case)
    texts = [
        f"{each['request']['text']} {number}" for number in range(6) for each in CASES if "text" in each["request"]
    ]
    assert len(texts) > 2048  # more than two calls
    local = router.route_batch(texts, unavailable=["small"])
    for client in (door.client, door.awaiting):
        called = client.route_batch(texts, unavailable=["small"])
        remote = called if isinstance(called, np.ndarray) else door.loop.run_until_complete(called)
        assert remote.dtype == local.dtype
        for column in local.dtype.names or ():
            if column in ("route", "model", "prompt"):
                names, wanted = getattr(client, column + "s"), getattr(router, column + "s")
                name_of = [names[place] if place >= 0 else None for place in remote[column]]
                assert name_of == [wanted[place] if place >= 0 else None for place in local[column]]
            else:
                assert np.array_equal(remote[column], local[column], equal_nan=True), column
        assert len(client.route_batch([])) == 0 if client is door.client else True


def test_a_text_of_a_batch_that_is_refused_is_named(door: Door) -> None:
    door.take(CASES[0])
    texts = ["hi"] * 1500
    texts[1200] = "x" * (9 << 20)
    with pytest.raises(fastroute.RequestError, match=r"^texts\[1200\]: ") as raised:
        router_of(CASES[0]).route_batch(texts)
    assert raised.value.code == "TEXT_TOO_LONG"
    with pytest.raises(fastroute.RequestError) as raised:
        door.client.route_batch(["hi"] * 1500, max_cost=-1.0)
    assert (raised.value.code, str(raised.value)[:9]) == ("INVALID_LIMIT", "texts[0]:")


def test_messages_come_back_with_every_key_that_they_had(door: Door) -> None:
    door.take(CASES[0])
    call = {"id": "1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    said: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {"url": "u"}}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "found", "tool_call_id": "1"},
        {"role": "user", "content": "and now?", "name": "me"},
    ]
    local = router_of(CASES[0]).route(messages=said)
    remote = door.client.route(messages=said)
    assert remote.messages("context") == local.messages("context")
    assert remote == door.client.route(messages=said)
    assert hash(remote) == hash(door.client.route(messages=said))
    assert repr(remote).startswith("RemoteDecision(outcome=")
    assert len(remote.id) == 36


def test_refusals_are_those_of_the_router(door: Door) -> None:
    door.take(CASES[0])
    router = router_of(CASES[0])
    cases: list[dict[str, Any]] = [
        {"text": "a", "max_cost": float("nan")},
        {"text": "a", "min_quality": 2.0},
        {"text": "a", "max_latency_ms": -1.0},
        {"text": "a", "expected_output_tokens": 0},
        {"text": "a", "metadata": {"a": float("inf")}},
        {"text": "a", "metadata": {str(number): 1 for number in range(2000)}},
        {"text": "a", "unavailable": ["nobody"]},
        {"messages": [{"role": "user", "content": "a"}] * 10_001},
        {"messages": [{"role": "nobody", "content": "a"}]},
    ]
    for arguments in cases:
        refused = []
        for route in (router.route, door.client.route):
            with pytest.raises(fastroute.RequestError) as raised:
                route(**arguments)
            refused.append(raised.value.code)
        assert refused[0] == refused[1], arguments
