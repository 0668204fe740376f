"""Real generated clients of four languages call the real server.

Each folder of `examples/clients` holds an example and the checks of its generated client: decisions as the conformance
table says, a batch, a stream with a request that is refused in its middle, an explanation, reports, the reason of an
error, a deadline, a missing token. Here they are built with their own tools and run; a missing toolchain skips its
language, with the reason.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "examples/clients"
CHECKS = 8
MAVEN = ["mvn", "--batch-mode", "--no-transfer-progress", "-Dstyle.color=never"]
# Without `--package`, which would choose other features of some dependencies and compile them anew.
CARGO = ["cargo", "test", "--manifest-path", str(ROOT / "Cargo.toml"), "--test", "interop"]


@dataclass(frozen=True)
class Language:
    """How one language builds, checks and runs its example."""

    tools: tuple[str, ...]
    build: tuple[list[str], ...]
    check: list[str]
    # Counts the checks that passed, in what `check` prints.
    passed: str
    # The words of the text are appended as they are.
    run: list[str]


LANGUAGES = {
    "go": Language(
        tools=("go",),
        build=(["go", "vet", "./..."],),
        check=["go", "test", "-count=1", "-v", "."],
        passed=r"^--- PASS: Test",
        run=["go", "run", "."],
    ),
    "java": Language(
        tools=("mvn", "javac"),
        build=([*MAVEN, "-q", "test-compile"],),
        check=[*MAVEN, "test"],
        passed=r"Tests run: (\d+), Failures: 0, Errors: 0, Skipped: 0$",
        run=[*MAVEN, "-q", "exec:java"],
    ),
    "node": Language(
        tools=("node", "npm"),
        build=(["npm", "ci", "--silent"], ["npm", "run", "--silent", "build"]),
        check=["npm", "test", "--silent"],
        passed=r"^(?:#|ℹ) pass (\d+)",
        run=["npm", "start", "--silent", "--"],
    ),
    "rust": Language(
        tools=("cargo",),
        build=([*CARGO, "--quiet", "--no-run"],),
        check=CARGO,
        passed=r"^test result: ok\. (\d+) passed; 0 failed; 0 ignored",
        # Built beside its test; `cargo run` would choose other features again.
        run=[f"{os.environ.get('CARGO_TARGET_DIR', ROOT / 'target')}/debug/route"],
    ),
}

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest, needs: Callable[..., None]) -> str:
    """A language whose example is built."""
    name: str = request.param
    needs(name, *LANGUAGES[name].tools)
    for step in LANGUAGES[name].build:
        built = run(name, step, {})
        assert built.returncode == 0, f"{' '.join(step)}\n{built.stdout}{built.stderr}"
    return name


def run(language: str, arguments: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a command in the folder of a language's example."""
    return subprocess.run(
        arguments,
        cwd=CLIENTS / language,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def example(language: str, text: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a language's example as its README does."""
    words = [f"-Dexec.args={text}"] if language == "java" else [text]
    ran = run(language, [*LANGUAGES[language].run, *words], environment)
    # Maven resets the terminal's colours, which it never set.
    ran.stdout, ran.stderr = (output.replace("\x1b[0m", "") for output in (ran.stdout, ran.stderr))
    return ran


@pytest.fixture(scope="session")
def environment(request: pytest.FixtureRequest) -> Callable[[str], dict[str, str]]:
    """What tells a client which server to call."""
    return lambda server: request.getfixturevalue(server).environment


def test_every_example_is_run() -> None:
    assert {path.name for path in CLIENTS.iterdir() if path.is_dir()} == set(LANGUAGES)


def test_the_generated_client_does_what_the_service_promises(
    language: str, environment: Callable[[str], dict[str, str]]
) -> None:
    checked = run(language, LANGUAGES[language].check, environment("server"))
    output = checked.stdout + checked.stderr
    assert checked.returncode == 0, output
    counts = re.findall(LANGUAGES[language].passed, output, re.MULTILINE)
    passed = sum(int(count) if count.isdigit() else 1 for count in counts)
    assert passed >= CHECKS, output


@pytest.mark.parametrize("transport", ["server", "secure"])
def test_the_example_prints_the_decision(
    language: str, transport: str, environment: Callable[[str], dict[str, str]]
) -> None:
    answered = example(language, "My order is three days late", environment(transport))
    assert answered.stdout.splitlines() == [
        "outcome OUTCOME_ROUTED",
        "route delivery",
        "model desk-small",
        "reason SIMILARITY",
    ], answered.stderr
    assert answered.returncode == 0


def test_the_example_tells_the_reason_of_an_error(language: str, environment: Callable[[str], dict[str, str]]) -> None:
    refused = example(language, "hello", {**environment("server"), "FASTROUTE_TOKEN": "of-nobody"})
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("route: ") and "[UNAUTHENTICATED]" in refused.stderr
    assert "of-nobody" not in refused.stderr
