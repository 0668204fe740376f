"""The pages of the guide and the READMEs keep their word: their Python runs.

The blocks of a page run in order and share their names, from the root of the repository. What a
`print` shows must equal the comment behind it, or the comment line below it.
"""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from fastroute import Router

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in (
        "README.md",
        "docs/guide/*.md",
        "examples/*/README.md",
        "rust/README.md",
        "tests/conformance/README.md",
    )
    for path in ROOT.glob(pattern)
)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = re.compile(r"^print\(.*\)(?:\s+# |\n# )(.+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def blocks_of(page: str) -> list[str]:
    """The Python blocks of a page."""
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page)])
def test_the_python_of_a_page_prints_what_it_says(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": page}
    for number, block in enumerate(blocks_of(page), start=1):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(block, f"{page}, block {number}", "exec"), names)
        promised = PRINTED.findall(block)
        if promised:
            assert output.getvalue().splitlines()[: len(promised)] == promised, f"block {number}"


@pytest.mark.parametrize("page", PAGES)
def test_the_yaml_of_a_page_is_what_runs(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    programs = "".join(blocks_of(page))
    for block in YAML.findall(text):
        if block.startswith("version:"):
            assert Router.from_string(block).routes
        elif page.startswith("examples/"):
            assert block in programs


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    missing = [link for link in LINK.findall(text) if not (ROOT / page).parent.joinpath(link).exists()]
    assert not missing


def test_the_files_that_the_architecture_names_are_there() -> None:
    text = (ROOT / "rust" / "README.md").read_text(encoding="utf-8")
    rust = ROOT / "rust"
    roots = (rust, rust / "fastroute-core" / "src", rust / "fastroute-server" / "src")
    named = re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:rs|yaml))`", text)
    assert len(named) > 20
    missing = [name for name in named if not any((root / name).exists() for root in roots)]
    assert not missing


def test_the_guide_is_read() -> None:
    assert len(PAGES) >= 12
    assert sum(len(blocks_of(page)) for page in PAGES) >= 40


def test_the_readme_stays_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
