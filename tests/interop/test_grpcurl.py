"""`grpcurl`, which knows nothing of fastroute, lists and calls every method of a running server.

The methods come from the recorded contract and from reflection, so one that is added without a call here fails.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = "token-of-their-operator"
RECORDED = ["-protoset", str(ROOT / "proto/released.binpb")]
HEALTH = "grpc.health.v1.Health"
REFLECTION = "grpc.reflection.v1.ServerReflection"
SERVICES = {"grpc": "fastroute.v1.RouterService", "admin": "fastroute.v1.AdminService"}

Grpcurl = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Call:
    """One call, and what its answers must hold: a path into each message, and the value there or its type."""

    message: dict[str, Any] | list[dict[str, Any]]
    expected: dict[str, Any]


CALLS = {
    "fastroute.v1.RouterService.Route": Call({"text": "My order is three days late"}, {"decision.route": "delivery"}),
    "fastroute.v1.RouterService.RouteBatch": Call(
        {"requests": [{"text": "My order is three days late"}, {}]},
        {"results.0.response.decision.route": "delivery", "results.1.error.code": "MISSING_TEXT"},
    ),
    "fastroute.v1.RouterService.RouteStream": Call(
        [{"id": "one", "request": {"text": "#48213"}, "in_order": True}, {"id": "two"}],
        {"0.id": "one", "0.response.decision.rule": str, "1.id": "two", "1.error.code": "MISSING_TEXT"},
    ),
    "fastroute.v1.RouterService.Explain": Call(
        {"request": {"text": "#48213"}}, {"explanation.decision.route": "delivery", "explanation.stages.0.stage": str}
    ),
    "fastroute.v1.RouterService.ReportOutcomes": Call(
        {"reports": [{"report_token": "AAAA", "model": "desk-small", "outcome": "ATTEMPT_OUTCOME_SUCCESS"}]},
        {"results.0.status": "REPORT_STATUS_REFUSED", "results.0.code": str},
    ),
    "fastroute.v1.AdminService.GetStatus": Call({}, {"revision": str, "sizes.routes": int, "uptime": str}),
    "fastroute.v1.AdminService.ValidateConfig": Call(
        {"content": "version: 1\nroots: []\n"}, {"issues.0.code": str, "issues.0.line": int, "code": "INVALID_CONFIG"}
    ),
    "fastroute.v1.AdminService.ReloadConfig": Call({}, {"revision": str, "previousRevision": str}),
    "fastroute.v1.AdminService.ListRevisions": Call(
        {}, {"revisions.0.revision": str, "revisions.0.isActive": True, "revisions.0.activatedAt": str}
    ),
    # The revision is the one that serves.
    "fastroute.v1.AdminService.ActivateRevision": Call({"revision": "…"}, {"revision": str}),
    "fastroute.v1.AdminService.ListHealth": Call(
        {}, {"targets.0.target": str, "targets.0.state": "HEALTH_STATE_CLOSED"}
    ),
    # Nothing is held, and nothing is from then on: other tests ask the same server.
    "fastroute.v1.AdminService.ForceHealth": Call({"target": "desk-small", "forced": "FORCED_HEALTH_RESET"}, {}),
    f"{HEALTH}.Check": Call({"service": "fastroute.v1.RouterService"}, {"status": "SERVING"}),
    f"{HEALTH}.Watch": Call({"service": ""}, {"status": "SERVING"}),
}


@pytest.fixture(scope="session")
def grpcurl(tmp_path_factory: pytest.TempPathFactory, needs: Callable[..., None]) -> Grpcurl:
    """Builds the version that tools/go.mod pins."""
    needs("go", "go")
    binary = tmp_path_factory.mktemp("tools") / "grpcurl"
    built = subprocess.run(
        ["go", "build", "-o", binary, "github.com/fullstorydev/grpcurl/cmd/grpcurl"],
        cwd=ROOT / "tests/interop/tools",
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert built.returncode == 0, built.stderr

    def grpcurl(*arguments: str, token: str = OPERATOR) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binary, "-plaintext", "-H", f"authorization: Bearer {token}", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
        )

    return grpcurl


def listed(grpcurl: Grpcurl, *arguments: str) -> list[str]:
    """The lines of a list."""
    answered = grpcurl(*arguments)
    assert answered.returncode == 0, answered.stderr
    return answered.stdout.split()


def messages(text: str) -> list[Any]:
    """The JSON values that follow one another in a text."""
    decoder, values, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        values.append(value)
        rest = rest[end:].strip()
    return values


def at(value: Any, path: str) -> Any:
    """What stands at a path of names and numbers."""
    for step in path.replace("\\.", "\0").split("."):
        name = step.replace("\0", ".")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def test_reflection_lists_the_services_of_each_port(grpcurl: Grpcurl, server: Any) -> None:
    for port, service in SERVICES.items():
        assert set(listed(grpcurl, server.addresses[port], "list")) == {service, HEALTH, REFLECTION}
        assert listed(grpcurl, server.addresses[port], "list", service) == listed(grpcurl, *RECORDED, "list", service)


def test_reflection_describes_what_is_recorded(grpcurl: Grpcurl, server: Any) -> None:
    for port, service in SERVICES.items():
        described = grpcurl(server.addresses[port], "describe", service)
        assert described.returncode == 0, described.stderr
        for method in listed(grpcurl, *RECORDED, "list", service):
            assert f"rpc {method.rsplit('.', 1)[1]} " in described.stdout


def test_every_method_has_a_call(grpcurl: Grpcurl, server: Any) -> None:
    methods = [method for service in SERVICES.values() for method in listed(grpcurl, *RECORDED, "list", service)]
    methods += listed(grpcurl, server.addresses["grpc"], "list", HEALTH)
    assert sorted(methods) == sorted(CALLS)


@pytest.mark.parametrize("method", CALLS)
def test_a_method_answers(grpcurl: Grpcurl, server: Any, method: str) -> None:
    service, name = method.rsplit(".", 1)
    address = server.addresses["admin" if service == SERVICES["admin"] else "grpc"]
    call = CALLS[method]
    message = call.message
    if name == "ActivateRevision":
        message = {"revision": messages(grpcurl(address, f"{service}/GetStatus").stdout)[0]["revision"]}
    body = "".join(json.dumps(each) for each in message) if isinstance(message, list) else json.dumps(message)
    # A watch has no end, so its deadline is one.
    watching = name == "Watch"
    limit = ["-max-time", "1"] if watching else []
    answered = grpcurl(*limit, "-d", body, address, f"{service}/{name}")
    assert (answered.returncode == 0) != watching, answered.stderr
    values = messages(answered.stdout)
    answer: Any = values if isinstance(message, list) else values[0]
    for path, expected in call.expected.items():
        found = at(answer, path)
        assert isinstance(found, expected) if isinstance(expected, type) else found == expected, f"{path} of {answer}"


@pytest.mark.parametrize("method", [method for method in CALLS if not method.startswith(HEALTH)])
def test_a_method_is_refused_to_a_stranger(grpcurl: Grpcurl, server: Any, method: str) -> None:
    service, name = method.rsplit(".", 1)
    address = server.addresses["admin" if service == SERVICES["admin"] else "grpc"]
    refused = grpcurl(*RECORDED, "-d", "{}", address, f"{service}/{name}", token="of-nobody")
    assert refused.returncode != 0
    # A stranger is not told by reflection what the detail is, so it stays encoded.
    (detail,) = re.findall(r'"@value": "(.+)"', refused.stderr)
    assert "Code: Unauthenticated" in refused.stderr and b"UNAUTHENTICATED" in base64.b64decode(detail)
    assert "of-nobody" not in refused.stderr


def test_an_error_is_shown_with_its_reason_and_field(grpcurl: Grpcurl, server: Any) -> None:
    refused = grpcurl(
        *["-d", json.dumps({"text": "hello", "limits": {"max_cost_usd": -1}})],
        *[server.addresses["grpc"], "fastroute.v1.RouterService/Route"],
    )
    assert "Code: InvalidArgument" in refused.stderr
    assert '"reason": "INVALID_LIMIT"' in refused.stderr and '"domain": "fastroute"' in refused.stderr
    assert '"field": "limits.max_cost_usd"' in refused.stderr


def test_the_commands_of_the_guide_administer(grpcurl: Grpcurl, server: Any) -> None:
    guide = (ROOT / "docs/guide/service.md").read_text(encoding="utf-8")
    lines = re.findall(r"^grpcurl -plaintext (.+)$", guide, re.M)
    assert {line.rsplit("/", 1)[1] for line in lines} == {
        "GetStatus",
        "ReloadConfig",
        "ListRevisions",
        "ActivateRevision",
        "ListHealth",
        "ForceHealth",
    }
    active = messages(grpcurl(server.addresses["admin"], f"{SERVICES['admin']}/GetStatus").stdout)[0]["revision"]
    for line in lines:
        words = shlex.split(line.replace("127.0.0.1:50052", server.addresses["admin"]).replace("bb431c14", active[:8]))
        answered = grpcurl(*(word.replace('"small"', '"desk-small"') for word in words))
        assert answered.returncode == 0, answered.stderr
        assert "Health" in line or active in answered.stdout
    held = messages(grpcurl(server.addresses["admin"], f"{SERVICES['admin']}/ListHealth").stdout)[0]
    assert "FORCED_HEALTH_OPEN" in {target.get("forced") for target in held["targets"]}
    release = json.dumps({"target": "desk-small", "forced": "FORCED_HEALTH_RESET"})
    assert grpcurl("-d", release, server.addresses["admin"], f"{SERVICES['admin']}/ForceHealth").returncode == 0
