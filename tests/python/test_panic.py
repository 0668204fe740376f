"""A panic is an `InternalError`, seen in an extension that is built with a door to one.

No wheel has that door, so this builds the extension once more, with the feature `panic_for_tests`
and the settings of the release build: only its last crate is compiled again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fastroute import _fastroute
from shared import ROOT

SECRET = "my secret is 4711"

# Run in a process of its own: two copies of one extension do not go into one.
PROGRAM = f"""
import sys
import fastroute
from fastroute import _fastroute

assert _fastroute.__file__.startswith(sys.argv[1]), _fastroute.__file__
try:
    _fastroute._panic_for_tests({SECRET!r})
except fastroute.InternalError as error:
    print(error.code, error)
print(fastroute.Router.default().route("still usable?").outcome)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package that has the door."""
    folder = tmp_path_factory.mktemp("built")
    maturin = Path(sys.executable).with_name("maturin")
    if not maturin.exists():
        pytest.skip("maturin is not installed beside this Python")
    command = [str(maturin), "build", "--release", "--features", "panic_for_tests", "--out", str(folder), "--quiet"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_a_panic_is_an_internal_error_that_names_no_text(built: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(built)}
    command = [sys.executable, "-c", PROGRAM, str(built)]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert run.stderr == ""
    error, outcome = run.stdout.splitlines()
    assert error.startswith("INTERNAL fastroute failed at `")
    assert "workspace.rs:" in error
    assert "4711" not in run.stdout
    assert outcome == "routed"


LOGGED = f"""
import fastroute
from fastroute import _fastroute

with fastroute.Server(log="error"):
    try:
        _fastroute._panic_for_tests({SECRET!r})
    except fastroute.InternalError:
        pass
"""


def test_a_panic_is_a_line_of_the_log_that_names_no_text(built: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(built)}
    command = [sys.executable, "-c", LOGGED]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    (line,) = run.stderr.splitlines()
    event = json.loads(line)
    assert event["event"] == "panic"
    assert "workspace.rs:" in event["at"]
    assert "4711" not in line


def test_the_installed_extension_has_no_such_door() -> None:
    assert not hasattr(_fastroute, "_panic_for_tests")
