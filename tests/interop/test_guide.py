"""The guide to the service and the examples' READMEs keep their word.

Their shell blocks run against a server that was started as the guide says; the only thing that is changed is the
address, as a test takes the ports that the system gives. Code of other languages is the examples' own, line by line;
flags, defaults, codes and metrics are those of the server.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import textwrap
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GUIDE = "docs/guide/service.md"
READMES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.glob("examples/clients/**/README.md")
    if "node_modules" not in path.parts
)
PRINTED = ["outcome OUTCOME_ROUTED", "route code", "model small", "reason RULE"]
# The tools of the examples, by a word in their blocks.
TOOLS = {"go run": ("go", "go"), "mvn": ("java", "mvn"), "npm": ("node", "npm"), "curl": ("curl", "curl")}
SOURCES = {
    "go": ["examples/clients/go/main.go"],
    "java": [
        "examples/clients/java/src/main/java/dev/fastroute/examples/Route.java",
        "examples/clients/java/src/main/java/dev/fastroute/examples/Connection.java",
    ],
    "typescript": ["examples/clients/node/src/route.ts", "examples/clients/node/src/connect.ts"],
}


def text_of(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[str]:
    """The code blocks of a page in some languages."""
    return [
        body
        for language, body in re.findall(r"^```(\w+)\n(.*?)^```$", text_of(page), re.M | re.S)
        if language in languages
    ]


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of the guide."""
    _, section = text_of(GUIDE).split(f"## {heading}\n", 1)
    rows = re.findall(r"^\|(.+)\|$", section.split("\n## ", 1)[0], re.M)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in rows[2:]]


@pytest.fixture(scope="module")
def open_server(serve: Any) -> Any:
    """A server as the guide starts it: the embedded default, for this machine alone."""
    return serve()


@pytest.fixture(scope="module")
def helped(request: pytest.FixtureRequest) -> str:
    """What `--help` prints."""
    named = os.environ.get("FASTROUTE_SERVER")
    command = shlex.split(named) if named else [str(ROOT / ".venv/bin/fastroute"), "serve"]
    return subprocess.run([*command, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout


def run(block: str, server: Any) -> subprocess.CompletedProcess[str]:
    """Runs a block from the root of the repository, with the addresses of a server."""
    block = block.replace("127.0.0.1:8080", server.addresses["http"])
    environment = {
        **os.environ,
        "FASTROUTE_ADDRESS": server.addresses["grpc"],
        "FASTROUTE_TOKEN": "",
        "FASTROUTE_CA": "",
    }
    script = f"set -euo pipefail\n{block}"
    return subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


def within(part: Any, whole: Any) -> bool:
    """Whether a JSON value shows nothing but what is in another."""
    if isinstance(part, dict):
        return all(name in whole and within(value, whole[name]) for name, value in part.items())
    return bool(part == whole)


# Each once: a README says what the guide says.
BLOCKS = {block: page for page in [*READMES, GUIDE] for block in blocks(page, "sh") if "cargo run" not in block}


@pytest.mark.parametrize(("block", "page"), BLOCKS.items(), ids=[block.split("\n")[0] for block in BLOCKS])
def test_a_block_does_what_the_page_says(page: str, block: str, open_server: Any, needs: Callable[..., None]) -> None:
    for word, (toolchain, tool) in TOOLS.items():
        if word in block:
            needs(toolchain, tool)
    ran = run(block, open_server)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = ran.stdout.replace("\x1b[0m", "").splitlines()
    if "curl" not in block:
        assert [line for line in lines if line] == PRINTED
    elif "/v1/route" in block:
        (shown, *_) = blocks(page, "json")
        assert within(json.loads(shown), json.loads(ran.stdout)), ran.stdout


def test_each_language_takes_a_few_commands_in_the_guide() -> None:
    commands = blocks(GUIDE, "sh")
    for language in ("go", "java", "node"):
        (block,) = [block for block in commands if block.startswith(f"cd examples/clients/{language}\n")]
        assert len(block.splitlines()) <= 3
        assert block in text_of(f"examples/clients/{language}/README.md")


def test_what_the_readme_shows_is_what_the_examples_print() -> None:
    assert blocks("examples/clients/README.md", "text")[0].splitlines() == PRINTED


@pytest.mark.parametrize("language", SOURCES)
def test_code_in_the_guide_is_the_example_s_own(language: str) -> None:
    sources = "\n".join(textwrap.dedent(text_of(path)) for path in SOURCES[language])
    lines = [line.strip() for line in sources.splitlines()]
    found = blocks(GUIDE, language)
    assert found
    for block in found:
        wanted = [line.strip() for line in block.splitlines()]
        assert any(lines[at : at + len(wanted)] == wanted for at in range(len(lines))), block


def test_every_flag_of_the_guide_exists_and_the_defaults_are_the_server_s(helped: str) -> None:
    page = text_of(GUIDE)
    flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", helped))
    own = set(re.findall(r"`(--[a-z][a-z-]+)`?", page)) - {"--help"}
    assert own and own <= flags, own - flags
    rows = [row for row in table("Limits") if row[0].startswith("`--")]
    assert len(rows) >= 12
    for flag, default, _ in rows:
        option = re.search(rf"{flag.strip('`')} <.*?\[default: (.*?)\]", helped, re.S)
        assert option and option[1] == default, flag


# What the sources of the server write in capitals and is no code: states of health, words of metrics and HTTP, a code
# that only Python's `Server` has, and the statuses of gRPC that are no code of ours.
NO_CODES = {"FORKED", "NOTHING_FITS", "NOT_SERVING", "OK", "OVER_BUDGET", "POST", "REJECTED", "SERVING"} | {
    *("ABORTED", "ALREADY_EXISTS", "DATA_LOSS", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "NOT_FOUND", "OUT_OF_RANGE"),
    *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "UNIMPLEMENTED", "UNKNOWN"),
}


def codes_of_the_sources() -> set[str]:
    """The codes that the server and what it decides with write, tests and comments left out."""
    rust = ROOT / "rust"
    paths = [
        *(rust / "fastroute-server/src").rglob("*.rs"),
        *(rust / f"fastroute-core/src/{name}.rs" for name in ("prompt", "request", "self_test/error")),
    ]
    found: set[str] = set()
    for path in paths:
        if "tests" in path.parts or path.stem == "tests":
            continue
        code = re.split(r"^#\[cfg\(test\)\]\nmod", path.read_text(encoding="utf-8"), maxsplit=1, flags=re.M)[0]
        code = re.sub(r"^\s*//.*$", "", code, flags=re.M)
        code = re.sub(r'(?:(?:value_name|env) = |env!\()"\w+"', "", code)
        found |= set(re.findall(r'"([A-Z]{2,}(?:_[A-Z]+)*)"', code))
    return found - NO_CODES


def test_the_guide_has_each_code_that_the_server_gives_and_no_other() -> None:
    codes = codes_of_the_sources()
    assert len(codes) > 40
    rows = [*table("Start it"), *table("Errors and retries")]
    told = {code for row in rows for code in re.findall(r"`([A-Z_]{3,})`", row[0])}
    _, _, below = text_of(GUIDE).partition("A report of `ReportOutcomes`")
    told |= set(re.findall(r"`([A-Z_]{3,})`", below.split("\n\n", 1)[0]))
    assert told == codes
    elsewhere = {code for row in table("Limits") for code in re.findall(r"`([A-Z_]{5,})`", row[-1])}
    elsewhere |= set(re.findall(r"\(`([A-Z_]+)`\)", text_of(GUIDE)))
    assert elsewhere <= codes


ERRORS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("MISSING_TEXT", {}, {}),
    ("AMBIGUOUS_TEXT", {"text": "a", "messages": [{"role": "ROLE_USER"}]}, {}),
    ("INVALID_LIMIT", {"text": "a", "limits": {"maxCostUsd": -1}}, {}),
    ("UNKNOWN_MODEL", {"text": "a", "unavailableModels": ["nobody"]}, {}),
    ("UNKNOWN_REVISION", {"text": "a", "revision": "0123456789abcdef"}, {}),
    ("UNAUTHENTICATED", {"text": "a"}, {"authorization": "Bearer of-nobody"}),
]


@pytest.mark.parametrize(("code", "body", "headers"), ERRORS, ids=[code for code, *_ in ERRORS])
def test_an_error_has_the_status_that_the_guide_says(
    code: str, body: dict[str, Any], headers: dict[str, str], open_server: Any, server: Any
) -> None:
    address = (server if headers else open_server).addresses["http"]
    (status,) = {int(row[2]) for row in table("Errors and retries") if f"`{code}`" in row[0]}
    request = urllib.request.Request(
        f"http://{address}/v1/route", json.dumps(body).encode(), {"content-type": "application/json", **headers}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == status
        assert code in answer.read().decode()


def test_the_metrics_of_the_guide_are_there(open_server: Any) -> None:
    run(blocks(GUIDE, "sh")[0], open_server)
    with urllib.request.urlopen(f"http://{open_server.addresses['http']}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    named = set(re.findall(r"`(fastroute_[a-z_]+)`", text_of(GUIDE)))
    assert len(named) >= 3
    assert not [name for name in named if name not in metrics]


def test_the_callers_file_of_the_guide_is_accepted(serve: Any, folder: Path) -> None:
    (block,) = [block for block in blocks(GUIDE, "yaml") if block.startswith("callers:")]
    secret = folder / "operator-of-the-guide"
    secret.write_text("the-token-of-an-operator")
    callers = folder / "callers-of-the-guide.yaml"
    entries = [caller for caller in yaml.safe_load(block)["callers"] if "certificate" not in caller]
    assert [caller["application"] for caller in entries] == ["checkout", "operator"]
    callers.write_text(yaml.safe_dump({"callers": entries}).replace("/run/secrets/operator", str(secret)))
    assert serve("--callers", str(callers)).addresses["grpc"]


def test_the_service_config_of_the_guide_is_one() -> None:
    (config,) = [json.loads(block) for block in blocks(GUIDE, "json") if "loadBalancingConfig" in block]
    (method,) = config["methodConfig"]
    assert method["name"] == [{"service": "fastroute.v1.RouterService"}]
    assert method["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]


@pytest.mark.parametrize("page", [GUIDE, *READMES])
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of(page))
    assert not [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
