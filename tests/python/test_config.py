"""Configurations through Python and the command line: every file of `tests/config`.

Each file says in its first lines what is expected (`# expect: CODE line:column path`), JSON files
in a file beside them; the Rust tests read the same corpus.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import fastroute
from fastroute import ConfigError, ConfigIssue, Router
from fastroute._cli import main
from shared import ROOT, SMALL

ENDINGS = {".json", ".toml", ".yaml"}
BAD = sorted(p for p in (ROOT / "tests/config/bad").iterdir() if p.suffix in ENDINGS)
WARNED = sorted(p for p in (ROOT / "tests/config/warned").iterdir() if p.suffix in ENDINGS)


def expected(path: Path) -> list[str]:
    """What a file says of itself."""
    if path.suffix == ".json":
        return sorted(path.with_suffix(".expect").read_text(encoding="utf-8").splitlines())
    lines = []
    for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        if not line.startswith("# expect: "):
            break
        lines.append(line.removeprefix("# expect: ").rstrip())
    return sorted(lines)


def brief(issues: list[ConfigIssue], severity: str) -> list[str]:
    kept = [issue for issue in issues if issue.severity == severity]
    return sorted(f"{i.code} {i.line}:{i.column} {i.path}".rstrip() for i in kept)


def test_the_corpus_is_there() -> None:
    assert len(BAD) >= 120
    assert len(WARNED) >= 5


@pytest.mark.parametrize("path", BAD, ids=lambda path: str(path.name))
def test_a_bad_file_gives_its_codes_and_places_and_exits_with_one(path: Path) -> None:
    issues = fastroute.check(path)
    assert brief(issues, "error") == expected(path)
    with pytest.raises(ConfigError) as caught:
        Router.from_file(path)
    assert caught.value.issues == tuple(issues)
    assert caught.value.code == "INVALID_CONFIG"
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [str(issue) for issue in issues]


@pytest.mark.parametrize("path", WARNED, ids=lambda path: str(path.name))
def test_a_doubtful_file_loads_and_warns(path: Path) -> None:
    issues = fastroute.check(path)
    assert brief(issues, "warning") == expected(path)
    assert Router.from_file(path).warnings == tuple(issues)
    assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 0
    assert CliRunner().invoke(main, ["check", "--strict", str(path)]).exit_code == 1


def test_an_issue_reads_as_editors_expect() -> None:
    place = ("f.yaml", 3, 4, "routes[0].name")
    error = ConfigIssue("UNKNOWN_KEY", "no such key", *place)
    assert str(error) == "f.yaml:3:4: routes[0].name: no such key [UNKNOWN_KEY]"
    warning = ConfigIssue("UNUSED_MODEL", "never used", *place, severity="warning")
    assert str(warning) == "f.yaml:3:4: warning: routes[0].name: never used [UNUSED_MODEL]"


def test_a_path_may_be_a_path_or_a_text(tmp_path: Path) -> None:
    path = tmp_path / "fastroute.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert Router.from_file(path).revision == Router.from_file(str(path)).revision
    assert fastroute.check(str(path)) == []


def test_a_text_may_be_bytes_and_other_formats() -> None:
    yaml = Router.from_string(SMALL).revision
    assert Router.from_string(SMALL.encode()).revision == yaml
    small = """{"version": 1, "providers": {"p": {"kind": "openai"}},
        "models": [{"name": "m", "provider": "p", "context_window": 1000,
            "price": {"input": 1, "output": 1}, "quality": {"default": 0.5},
            "latency": {"first_token": "1ms", "per_token": "1ms"}}],
        "routes": [{"name": "only"}], "default": {"route": "only"}}"""
    toml = """
        version = 1
        providers.p = {kind = "openai"}
        routes = [{name = "only"}]
        default.route = "only"
        [[models]]
        name = "m"
        provider = "p"
        context_window = 1000
        price = {input = 1, output = 1}
        quality = {default = 0.5}
        latency = {first_token = "1ms", per_token = "1ms"}
    """
    json = Router.from_string(small, format="json")
    assert json.revision == Router.from_string(toml, format="toml").revision
    assert json.route("x").route == "only"
    with pytest.raises(ValueError, match="format"):
        Router.from_string(small, format="ini")  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "code"), [(b"version: 1\nname: caf\xe9", "NOT_UTF8"), (b"", "EMPTY_FILE")])
def test_a_text_that_is_no_configuration_is_a_configuration_error(text: bytes, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Router.from_string(text)
    assert [issue.code for issue in caught.value.issues] == [code]
    assert caught.value.issues[0].file == "<string>"


def test_files_are_found_beside_the_configuration_or_in_base_dir(tmp_path: Path) -> None:
    named = SMALL.replace("{any: [refund]}", "{file: words.txt}")
    (tmp_path / "words.txt").write_text("refund\n", encoding="utf-8")
    (tmp_path / "fastroute.yaml").write_text(named, encoding="utf-8")
    for router in (
        Router.from_file(tmp_path / "fastroute.yaml"),
        Router.from_string(named, base_dir=tmp_path),
    ):
        assert router.route("refund").route == "refunds"
    with pytest.raises(ConfigError, match="base_dir") as caught:
        Router.from_string(named)
    assert [issue.code for issue in caught.value.issues] == ["UNREADABLE_FILE"]


def test_a_change_of_a_named_file_is_a_new_revision(tmp_path: Path) -> None:
    named = SMALL.replace("{any: [refund]}", "{file: words.txt}")
    revisions = set()
    for words in ("refund\n", "refund\nmoney back\n"):
        (tmp_path / "words.txt").write_text(words, encoding="utf-8")
        revisions.add(Router.from_string(named, base_dir=tmp_path).revision)
    assert len(revisions) == 2


def test_the_default_is_built_alike_every_time(default: Router) -> None:
    assert Router.default().revision == default.revision
    assert Router.from_string(fastroute.DEFAULT_CONFIG).revision == default.revision
    assert default.warnings == ()
