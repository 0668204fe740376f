"""Where the reference workload and the helpers in Rust are, for every row that needs them."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = ROOT / "target" / "reference"
ENCODER = ROOT / "rust" / "fastroute-embed" / "assets" / "encoder"


def prepare() -> Path:
    """Writes the workload and returns its folder."""
    subprocess.run(
        [sys.executable, ROOT / "benches/reference/make.py", DIRECTORY], check=True, stdout=subprocess.DEVNULL
    )
    return DIRECTORY


@functools.cache
def configuration() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DIRECTORY / "fastroute.yaml").read_text(encoding="utf-8"))
    return document


@functools.cache
def prompts() -> list[str]:
    return (DIRECTORY / "prompts.txt").read_text(encoding="utf-8").splitlines()


def cargo(*arguments: str) -> bytes:
    """Runs cargo in the workspace and returns its standard output.

    Raises `subprocess.CalledProcessError` with cargo's own words on standard error.
    """
    environment = os.environ | {"CARGO_TERM_COLOR": "never"}
    return subprocess.run(["cargo", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True, env=environment).stdout


def tool(name: str, *arguments: str, stdin: bytes | None = None) -> bytes:
    """Runs a program of `benches/rust/src/bin` that `core.build` has built, and returns what it writes."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = target / "release" / name
    return subprocess.run([program, *arguments], cwd=ROOT, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def export(*arguments: str, stdin: bytes | None = None) -> bytes:
    """Runs `benches/rust/src/bin/export.rs` and returns what it writes."""
    return tool("export", *arguments, stdin=stdin)
