"""Row: resident memory under load, for minutes on end.

Question: does the service grow? It is driven at a fixed rate, and its resident memory is read once a second. Flat means that the median
of the last minute is at most 2 % or 2 MB above the median of the second minute, whichever is more: an
allocator gives pages back late, and a leak does not stop.

What would make it lie: too few minutes, so the number is in the row; `make soak` runs thirty. A configuration that never
changes: a rule is edited on disk once a minute, and swapped in.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import threading
from pathlib import Path

from measure import workload
from measure.report import Row
from service import drive, latency, servers

RATE = 10_000
SHARE, BYTES = 0.02, 2_000_000


def row(*, minutes: int) -> Row:
    question = f"{minutes} minutes under {RATE:,} calls a second, a rule swapped every minute: growth after the first"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "fastroute.json"
        config.write_text(json.dumps(workload.configuration()), encoding="utf-8")
        with servers.service(config=config) as ours:
            done = threading.Event()
            editor = threading.Thread(target=latency.edit_every, args=(config, done, 60.0))
            editor.start()
            try:
                measured = drive.drive(ours, drive.rate(RATE, 60.0 * minutes))["measured"]
            finally:
                done.set()
                editor.join()
    resident = [each["resident_bytes"] for each in measured["each_second"] if each["resident_bytes"]]
    early, late = statistics.median(resident[60:120]), statistics.median(resident[-60:])
    return Row(
        question,
        f"at most {SHARE:.0%} or {BYTES / 1e6:.0f} MB",
        f"{(late - early) / 1e6:+.1f} MB, from {early / 1e6:.1f} MB to {late / 1e6:.1f} MB, most {max(resident) / 1e6:.1f} MB; "
        f"{measured['answered']['count']:,} calls, p99 {measured['answered']['p99_us']:,.0f} us",
        late - early <= max(BYTES, SHARE * early),
        {"resident bytes, each minute": resident[::60], "answered": measured["answered"]},
    )
