"""The guard of the contract catches what would break a client, and lets additions pass once they are recorded.

Each case edits a copy of `proto/` and runs `contract.sh` on it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests/interop/contract.sh"

# name: file, what it says, what it says instead, what the guard answers.
BREAKING = {
    "a_field_is_removed": ("router.proto", "  optional string agent = 15;\n", "", "agent"),
    "a_field_is_renumbered": ("router.proto", "optional string agent = 15;", "optional string agent = 35;", "15"),
    "a_field_is_renamed": ("router.proto", "optional string agent = 15;", "optional string handover = 15;", "agent"),
    "a_field_changes_its_type": ("router.proto", "uint64 seed = 9;", "string seed = 9;", "type"),
    "a_field_loses_its_presence": ("router.proto", "optional string text = 1;", "string text = 1;", "text"),
    "a_value_is_removed": (
        "router.proto",
        "  // Hears sound.\n  CAPABILITY_AUDIO = 5;\n",
        "",
        "Capability",
    ),
    "a_method_is_removed": (
        "router_service.proto",
        "  rpc Explain(ExplainRequest) returns (ExplainResponse);\n",
        "",
        "Explain",
    ),
    "a_stream_becomes_a_call": (
        "router_service.proto",
        "rpc RouteStream(stream RouteStreamRequest)",
        "rpc RouteStream(RouteStreamRequest)",
        "stream",
    ),
}
ADDED = "  optional string agent = 15;\n  // Added.\n  string added = 100;\n"


@pytest.fixture
def proto(tmp_path: Path, needs: Callable[..., None]) -> Path:
    """A copy of the contract and of what is recorded of it."""
    needs("node", "npm")
    return Path(shutil.copytree(ROOT / "proto", tmp_path / "proto"))


def guard(proto: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the guard on a copy."""
    return subprocess.run(
        [SCRIPT, *arguments], env={**os.environ, "PROTO": str(proto)}, capture_output=True, text=True, timeout=120
    )


def edit(proto: Path, file: str, old: str, new: str) -> None:
    """Edits one file of a copy, at the one place that says it."""
    path = proto / "fastroute/v1" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} has {text.count(old)} of {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_contract_is_clean_recorded_and_generated(needs: Callable[..., None]) -> None:
    needs("node", "npm")
    checked = subprocess.run([SCRIPT], capture_output=True, text=True, timeout=300)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("case", BREAKING)
def test_a_breaking_change_is_refused(proto: Path, case: str) -> None:
    file, old, new, named = BREAKING[case]
    edit(proto, file, old, new)
    for command in ("check", "record"):
        refused = guard(proto, command)
        assert refused.returncode != 0, command
        assert named in refused.stdout + refused.stderr
    assert (proto / "released.binpb").read_bytes() == (ROOT / "proto/released.binpb").read_bytes()


def test_an_addition_is_guarded_once_it_is_recorded(proto: Path) -> None:
    edit(proto, "router.proto", "  optional string agent = 15;\n", ADDED)
    unrecorded = guard(proto)
    assert unrecorded.returncode != 0 and "record" in unrecorded.stderr
    assert guard(proto, "record").returncode == 0
    assert guard(proto).returncode == 0
    edit(proto, "router.proto", "string added = 100;", "string added = 101;")
    assert guard(proto).returncode != 0


def test_an_element_without_a_comment_is_refused(proto: Path) -> None:
    edit(proto, "router.proto", "  // Agent to hand over to.\n", "")
    refused = guard(proto)
    assert refused.returncode != 0
    assert "comment" in refused.stdout + refused.stderr
