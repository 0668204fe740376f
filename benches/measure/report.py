"""Says what was measured: a row with its bar and whether it was met, the machine, and the file.

A row that could not be measured is printed as skipped with its reason; it never counts as met.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("numpy", "ahocorasick_rs", "tiktoken", "model2vec", "usearch", "pybreaker", "semantic-router")


@dataclass
class Row:
    """One line of the table.

    `met` is true, false, or None where there is no bar or nothing was measured. `details` holds the
    figures behind the line, for the JSON file.
    """

    question: str
    bar: str
    measured: str
    met: bool | None = None
    details: dict[str, object] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        return {True: "pass", False: "**miss**", None: "-"}[self.met]


def table(rows: list[Row]) -> str:
    lines = ["| on the reference workload | bar | measured | |", "|---|---|---|---|"]
    lines += [f"| {row.question} | {row.bar} | {row.measured} | {row.verdict} |" for row in rows]
    return "\n".join(lines)


def machine() -> dict[str, str]:
    """Returns what the figures depend on: processor, load, versions, commit and the input's hash."""
    cpu = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    described = {
        "processor": f"{cpu}, {os.cpu_count()} logical cores",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "rustc": _output("rustc", "--version"),
        "commit": _output("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "workload": hashlib.sha256((ROOT / "benches/reference/SHA256SUMS").read_bytes()).hexdigest()[:16],
    }
    for name in PACKAGES:
        try:
            described[name] = version(name)
        except PackageNotFoundError:
            described[name] = "absent"
    return described


def write(rows: list[Row], about: dict[str, str], directory: Path) -> Path:
    """Writes the dated table as Markdown and JSON and returns the Markdown's path.

    A later run on the same day replaces the earlier one.
    """
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    directory.mkdir(parents=True, exist_ok=True)
    facts = "\n".join(f"- {name}: {value}" for name, value in about.items())
    path = directory / f"{today}.md"
    path.write_text(
        f"# Measured on {today}\n\nWritten by `make bench`. Ratios are medians over rounds in one run, with the first and the\n"
        "ninth decile; the other side of each ratio ran interleaved on the same prompts, after both sides\n"
        f"had given equal answers.\n\n{table(rows)}\n\n## What it ran on\n\n{facts}\n",
        encoding="utf-8",
    )
    content = {"date": today, "machine": about, "rows": [asdict(row) for row in rows]}
    path.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
