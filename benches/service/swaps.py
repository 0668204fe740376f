"""Row: a thousand swaps under load.

Question: does a call ever see half of one configuration and half of another, or none? Three revisions of the reference
configuration give every prompt another difficulty, so each of the 512 prompts has three answers that differ. Calls are sent at a fixed
rate while the revisions are swapped a thousand times over the admin service, most of them by activating a retained one, every
twentieth by loading its text. Each answer is compared, byte by byte, with what the core decides in process under the revision
that the answer names.

What would make it lie: revisions that decide alike; the driver counts on how many prompts they differ, and fewer than all
512 end the row. Swaps between calls: calls come five times as often as swaps at the least.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from measure.report import Row
from service import drive, equality, servers

RATE = 5_000
LONGEST_S = 300.0
PAUSE_MS = 20
REVISIONS = 3


def row(*, swaps: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        paths = _configurations(Path(folder))
        with servers.service(config=paths[0]) as ours:
            process = drive.start(ours, drive.rate(RATE, LONGEST_S), verify=tuple(paths), until_input_ends=True)
            swapped = _swap(ours, swaps, paths)
            measured = drive.finish(process)
    (phase,) = measured["phases"]
    alike = [revision for revision, unlike in measured["verified"][1:] if unlike != equality.PROMPTS]
    if len(measured["verified"]) != REVISIONS or alike:
        raise SystemExit(f"the revisions do not all decide differently: {measured['verified']}")
    failed = sum(count for status, count in phase["statuses"].items() if status != "0") + measured["unanswered"]
    calls = phase["answered"]["count"]
    return Row(
        f"{swaps:,} swaps under {RATE:,} calls a second",
        "no failed call; every answer agrees with the revision that it names",
        f"{failed} failed, {phase['wrong']} wrong of {calls:,}; {len(phase['revisions'])} revisions answered; "
        f"p99 {phase['answered']['p99_us']:,.0f} us; activating takes {swapped['activated']['p50_ms']:.2f} ms, "
        f"loading {swapped['reloaded']['p50_ms'] or 0:.0f} ms",
        failed == 0 and phase["wrong"] == 0 and len(phase["revisions"]) == REVISIONS and swapped["swaps"] == swaps,
        {"calls": _without_seconds(phase), "swaps": swapped},
    )


def _swap(ours: servers.Serving, swaps: int, paths: list[Path]) -> dict[str, Any]:
    command: list[str | Path] = ["taskset", "-c", str(servers.cores()[1]), servers.program("swap")]
    command += ["--admin", ours.addresses["admin"], "--count", str(swaps), "--pause-ms", str(PAUSE_MS), *paths]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _configurations(folder: Path) -> list[Path]:
    """Writes the revisions: the rules on length set another difficulty in each."""
    paths = []
    for revision in range(REVISIONS):
        document = json.loads(servers.CONFIGURATION.read_text(encoding="utf-8"))
        for rule in document["rules"]:
            if rule["name"] in ("short", "medium", "long"):
                rule["then"]["difficulty"] = round(rule["then"]["difficulty"] + 0.05 * revision, 3)
        path = folder / f"revision_{revision}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        paths.append(path)
    return paths


def _without_seconds(phase: drive.Measured) -> dict[str, Any]:
    return {name: value for name, value in phase.items() if name != "each_second"}
