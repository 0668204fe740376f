"""The command line, as a process: output, exit codes, standard input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import fastroute
from shared import ROOT, SMALL


def run(*arguments: str | bytes, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "fastroute", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, check=False)


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    path = tmp_path / "fastroute.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_route_decides_on_the_embedded_default() -> None:
    process = run("route", "Translate 'good morning' into French.")
    assert process.returncode == 0, process.stderr
    lines = dict(line.split(maxsplit=1) for line in process.stdout.decode().splitlines())
    assert lines["outcome"] == "routed"
    assert lines["route"].startswith("translation")
    assert set(lines) >= {"model", "prompt", "cost", "latency", "reason"}


def test_route_with_json_prints_the_canonical_line(configuration: Path, small: fastroute.Router) -> None:
    process = run("route", "-c", str(configuration), "refund please", "--json", "--metadata", "tone=kind")
    expected = small.route("refund please", metadata={"tone": "kind"}).to_json()
    assert process.stdout.decode().rstrip("\n") == expected


def test_route_explains(configuration: Path) -> None:
    page = run("route", "-c", str(configuration), "refund", "--explain")
    assert b"refunds" in page.stdout
    form = run("route", "-c", str(configuration), "refund", "--explain", "--json")
    assert json.loads(form.stdout)["code"] == "RULE"


def test_route_reads_standard_input_without_its_last_newline(configuration: Path, small: fastroute.Router) -> None:
    for text in (b"refund", b"refund\n", b"refund\r\n"):
        process = run("route", "-c", str(configuration), "-", "--json", stdin=text)
        assert process.stdout.decode().rstrip("\n") == small.route("refund").to_json()


def test_route_takes_a_task_and_typed_metadata(tmp_path: Path) -> None:
    rules = {
        "count": ("n=3", "{metadata: {key: n, min: 3}}"),
        "flag": ("f=true", "{metadata: {key: f, equals: true}}"),
        "text": ("t=free", "{metadata: {key: t, equals: free}}"),
        "quoted": ('q="3"', '{metadata: {key: q, equals: "3"}}'),
    }
    written = "".join(
        f"  - {{name: {name}, when: {when}, then: {{reject: {name}}}}}\n" for name, (_, when) in rules.items()
    )
    path = tmp_path / "typed.yaml"
    path.write_text(SMALL.replace("rules:\n", f"rules:\n{written}"), encoding="utf-8")
    for name, (fact, _) in rules.items():
        process = run("route", "-c", str(path), "x", "--metadata", fact, "--json")
        assert json.loads(process.stdout)["rule"] == name
    process = run("route", "-c", str(path), "x", "--task", "refunds", "--json")
    assert json.loads(process.stdout)["reason"] == "TASK_FLAG"


def test_route_takes_what_a_model_must_do_and_who_is_down(configuration: Path, small: fastroute.Router) -> None:
    command = ("route", "-c", str(configuration), "refund", "--json")
    for options, decision in (
        (["--unavailable", "small"], small.route("refund", unavailable=["small"])),
        (["--unavailable", "small", "--unavailable", "large"], small.route("refund", unavailable=["small", "large"])),
        (["--capability", "tools", "--capability", "vision"], small.route("refund", capabilities=["tools", "vision"])),
        (["--seed", "18446744073709551615"], small.route("refund", seed=2**64 - 1)),
    ):
        process = run(*command, *options)
        assert process.stdout.decode().rstrip("\n") == decision.to_json(), process.stderr
    for options, code in (
        (["--unavailable", "nobody"], b"[UNKNOWN_MODEL]"),
        (["--capability", "telepathy"], b"[UNKNOWN_CAPABILITY]"),
        (["--seed", "-1"], b"[INVALID_SEED]"),
    ):
        process = run(*command, *options)
        assert (process.returncode, code in process.stderr) == (1, True)


def test_a_seed_draws_the_deployment(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    two = "deployments: [{provider: near, model: one, weight: 1}, {provider: near, model: two, weight: 1}]"
    path.write_text(SMALL.replace("name: small\n    provider: near", f"name: small\n    {two}"), encoding="utf-8")
    router = fastroute.Router.from_file(path)
    first, second = (
        next(
            seed
            for seed in range(100)
            if (found := router.route("refund", seed=seed).deployment) and found.model == name
        )
        for name in ("one", "two")
    )
    printed = [
        run("route", "-c", str(path), "refund", "--json", "--seed", str(seed)).stdout for seed in (first, second)
    ]
    assert printed[0] != printed[1]


def test_a_refusal_by_a_rule_is_a_decision(configuration: Path) -> None:
    process = run("route", "-c", str(configuration), "abuse")
    assert process.returncode == 0
    assert b"Not here." in process.stdout


@pytest.mark.parametrize("stdin", [b"caf\xe9", b"\xff\n"])
def test_bytes_that_are_not_utf8_are_refused(stdin: bytes) -> None:
    process = run("route", "-", stdin=stdin)
    assert process.returncode == 1
    assert process.stderr.endswith(b"[NOT_UTF8]\n")
    assert b"Traceback" not in process.stderr


@pytest.mark.skipif(os.name == "nt", reason="arguments are text there")
def test_an_argument_that_is_not_utf8_is_refused() -> None:
    process = run("route", b"caf\xe9")
    assert (process.returncode, b"[NOT_UTF8]" in process.stderr) == (1, True)


def test_check_of_a_sound_file_says_so(configuration: Path) -> None:
    process = run("check", str(configuration))
    assert process.returncode == 0, process.stdout
    assert b"ok, 2 routes, 2 models, revision " in process.stdout


def test_check_reports_every_defect_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        SMALL.replace("version: 1", "version: 1\ncolour: blue").replace(
            "quality: {default: 0.5}", "quality: {default: 7}"
        )
    )
    process = run("check", path.name, cwd=tmp_path)
    assert process.returncode == 1
    lines = process.stdout.decode().splitlines()
    assert [line.split(":")[:3] for line in lines] == [
        ["bad.yaml", "3", "1"],
        ["bad.yaml", "12", "24"],
    ]
    assert lines[0].endswith("[UNKNOWN_KEY]")
    assert lines[1].endswith("[OUT_OF_RANGE]")
    assert process.stderr.startswith(b"2 errors, 0 warnings; ")
    assert b"more may be found" in process.stderr


def test_strict_fails_on_warnings(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(SMALL.replace("providers: {", "providers: {idle: {kind: openai}, "))
    assert run("check", str(path)).returncode == 0
    process = run("check", "--strict", str(path))
    assert process.returncode == 1
    assert b"warning: " in process.stdout
    assert b"[UNUSED_PROVIDER]" in process.stdout


@pytest.mark.parametrize("command", [["check"], ["route", "x", "-c"]])
@pytest.mark.parametrize("file", ["absent.yaml", "."])
def test_a_file_that_cannot_be_read_is_a_configuration_error(command: list[str], file: str, tmp_path: Path) -> None:
    process = run(*command, file, cwd=tmp_path)
    assert process.returncode == 1
    assert b"[UNREADABLE_FILE]" in process.stdout + process.stderr
    assert b"Traceback" not in process.stderr


def test_a_refused_configuration_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("version: 1\n")
    process = run("route", "-c", str(path), "x")
    assert (process.returncode, process.stdout) == (1, b"")
    assert b"[MISSING_KEY]" in process.stderr


def test_init_writes_a_sound_file_and_never_overwrites(tmp_path: Path) -> None:
    assert run("init", cwd=tmp_path).returncode == 0
    path = tmp_path / "fastroute.yaml"
    assert path.read_text(encoding="utf-8") == fastroute.DEFAULT_CONFIG
    assert run("check", "--strict", str(path)).returncode == 0
    path.write_text("mine")
    process = run("init", cwd=tmp_path)
    assert (process.returncode, path.read_text()) == (1, "mine")
    assert run("init", str(tmp_path / "no" / "such" / "folder.yaml")).returncode == 1


def test_schema_prints_the_file_that_the_docs_ship() -> None:
    shipped = (ROOT / "docs" / "fastroute.schema.json").read_text(encoding="utf-8")
    assert run("schema").stdout.decode() == shipped
    assert json.loads(shipped) == fastroute.schema()


@pytest.mark.parametrize("arguments", [["nonsense"], ["route"], ["route", "x", "--metadata", "novalue"], ["check"]])
def test_a_wrong_call_exits_with_two(arguments: list[str]) -> None:
    process = run(*arguments)
    assert (process.returncode, process.stdout) == (2, b"")


def test_help_lists_the_commands_without_loading_them() -> None:
    code = "import sys; from fastroute._cli import main; main(['--help'], standalone_mode=False); print(sorted({'numpy', 'rich', 'fastroute.distill'} & set(sys.modules)))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    for command in (b"check", b"distill", b"init", b"route", b"schema"):
        assert b"  " + command in process.stdout
    assert process.stdout.endswith(b"[]\n")


def test_route_loads_neither_numpy_nor_rich() -> None:
    code = "import sys; from fastroute._cli import main; main(['route', 'hi'], standalone_mode=False); print(sorted({'numpy', 'rich'} & set(sys.modules)))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert process.stdout.endswith(b"[]\n")


def test_distill_is_mounted() -> None:
    assert b"--teacher" in run("distill", "--help").stdout


def test_the_version_is_printed() -> None:
    assert run("--version").stdout.decode() == f"fastroute {fastroute.__version__}\n"


def test_the_demo_shows_very_different_routes(default: fastroute.Router) -> None:
    from fastroute._cli.demo import QUESTIONS

    assert len({default.route(question).route for question in QUESTIONS}) >= 7
    process = subprocess.run([sys.executable, "-m", "fastroute._cli.demo"], capture_output=True, check=True)
    page = process.stdout.decode()
    for heading in ("question", "route", "model", "prompt", "cost", "sure", "reason"):
        assert heading in page
    assert "µs a decision" in page
