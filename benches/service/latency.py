"""Rows: one call at a time; p99 at half of the own saturation, quiet and disturbed; p99.9 at 5,000 calls a second.

Question: what does a caller wait? Latency runs from when a call was due, so that a stall is charged with the calls behind it. Fair
because the bare echo gets the same rate on the same core in the same round.

The disturbed row has the service inside a Python process of which one Python thread spins, and a rule of its
configuration is edited on disk every second, which the service notices, builds and swaps in by itself; the number of swaps is
read from its metrics. The echo has a spinning thread too. Both spinners run at the lowest priority of the system, since all
of it shares the one core that serves: a neighbour of equal priority would take half of the core from either server, which
is the scheduler's doing and says nothing of the interpreter lock. The spinner holds that lock all the time either way.

What would make it lie: a driver that is late itself (`driver_late` in the details), other work on the machine (it shows as the
echo's own p99), and one bad round in a few (so the median over rounds is what is compared, with the spread beside it).
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
import urllib.request
from pathlib import Path

from measure import workload
from measure.report import Row
from service import drive, saturation, servers
from service.spread import Spread

BAR_ALONE, BAR_HALF, BAR_US = 1.4, 2.0, 1000.0
LOW_RATE = 5_000


def alone(*, rounds: int, response_bytes: int) -> Row:
    taken: dict[str, list[drive.Measured]] = {"fastroute": [], "tonic echo": []}
    with servers.service() as ours, servers.tonic_echo(response_bytes=response_bytes) as echo:
        for _ in range(rounds):
            for serving in (ours, echo):
                phases = drive.closed(1, 0.3, name="warm-up"), drive.closed(1, 1.5)
                measured = drive.drive(serving, *phases, connections=1)["measured"]
                taken[serving.name].append(measured["answered"])
    mine, theirs = ([each["p50_us"] for each in all_] for all_ in taken.values())
    ratio = Spread.ratio(mine, theirs)
    return Row(
        "one call at a time: p50 against bare tonic echo",
        f"at most {BAR_ALONE} times",
        f"{ratio.show()}; {Spread.of(mine).show(1)} us against {Spread.of(theirs).show(1)} us",
        ratio.median <= BAR_ALONE,
        dict(taken),
    )


def half(*, rounds: int, seconds: float, response_bytes: int) -> Row:
    with servers.service() as ours, servers.tonic_echo(response_bytes=response_bytes) as echo:
        return _at_half(
            "p99 at half of own saturation, against bare tonic echo at the same rate",
            ours,
            echo,
            rounds=rounds,
            seconds=seconds,
        )


def disturbed(*, rounds: int, seconds: float, response_bytes: int) -> Row:
    question = "the same while a rule is edited and swapped in every second and a Python thread spins; the echo beside a spinner"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "fastroute.json"
        _write(config, workload.configuration())
        with (
            servers.service_in_python(config=config) as ours,
            servers.tonic_echo(response_bytes=response_bytes, spin=True) as echo,
        ):
            before = activations(ours)
            done = threading.Event()
            editor = threading.Thread(target=edit_every, args=(config, done, 1.0))
            editor.start()
            try:
                row = _at_half(question, ours, echo, rounds=rounds, seconds=seconds)
            finally:
                done.set()
                editor.join()
            swaps = activations(ours) - before
    expected = rounds * seconds  # at the very least while ours was driven
    row.measured += f"; {swaps} swaps"
    row.met = bool(row.met) and swaps >= expected / 2
    row.details["swaps"] = swaps
    return row


def at_low_rate(*, rounds: int, seconds: float, response_bytes: int) -> Row:
    taken: dict[str, list[drive.Measured]] = {"fastroute": [], "tonic echo": []}
    with servers.service() as ours, servers.tonic_echo(response_bytes=response_bytes) as echo:
        for _ in range(rounds):
            for serving in (ours, echo):
                phases = drive.rate(LOW_RATE, 0.5, name="warm-up"), drive.rate(LOW_RATE, seconds)
                taken[serving.name].append(_seen(drive.drive(serving, *phases)["measured"]))
    mine, theirs = (Spread.of(each["p99.9_us"] for each in all_) for all_ in taken.values())
    is_quiet = mine.median < BAR_US or theirs.median < BAR_US
    return Row(
        f"p99.9 at {LOW_RATE:,} calls a second",
        "below 1 ms on a quiet machine",
        f"{mine.show(0)} us; the echo {theirs.show(0)} us"
        + ("" if is_quiet else "; the machine was not quiet: the bare echo does not meet it either"),
        mine.median < BAR_US if is_quiet else None,
        dict(taken),
    )


def activations(serving: servers.Serving) -> int:
    """Returns how many configurations were swapped in since the start, by the service's own count."""
    with urllib.request.urlopen(f"http://{serving.addresses['http']}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(r"^fastroute_config_activations_total(?:\{[^}]*\})? (\d+)", text, re.MULTILINE)
    if found is None:
        raise SystemExit("the service's metrics do not tell how many configurations were swapped in")
    return int(found[1])


def edit_every(config: Path, done: threading.Event, seconds: float) -> None:
    """Gives the rule `short` another difficulty each time, so that no edit brings back what was."""
    document = json.loads(config.read_text(encoding="utf-8"))
    (rule,) = (rule for rule in document["rules"] if rule["name"] == "short")
    edit = 0
    while not done.wait(seconds):
        edit += 1
        rule["then"]["difficulty"] = round(0.3 + edit * 1e-4, 4)
        _write(config, document)


def _at_half(question: str, ours: servers.Serving, echo: servers.Serving, *, rounds: int, seconds: float) -> Row:
    rate = saturation.own_rate(ours) / 2
    taken: dict[str, list[drive.Measured]] = {"fastroute": [], "tonic echo": []}
    for _ in range(rounds):
        for serving in (ours, echo):
            phases = drive.rate(rate, 0.5, name="warm-up"), drive.rate(rate, seconds)
            taken[serving.name].append(_seen(drive.drive(serving, *phases)["measured"]))
    mine, theirs = ([each["p99_us"] for each in all_] for all_ in taken.values())
    # The medians are compared: of single rounds, one that the machine spoilt for the echo alone would flatter.
    ratio = Spread.of(mine).median / Spread.of(theirs).median
    return Row(
        question,
        f"at most {BAR_HALF:g} times",
        f"{ratio:.2f}; {Spread.of(mine).show(0)} us against {Spread.of(theirs).show(0)} us at {rate:,.0f} calls a second",
        ratio <= BAR_HALF,
        {"rate": rate, **taken},
    )


def _seen(measured: drive.Measured) -> drive.Measured:
    """Returns the quantiles of the answers, and how late the driver was."""
    return {**measured["answered"], "driver_late_p99.9_us": measured["driver_late"]["p99.9_us"]}


def _write(config: Path, document: object) -> None:
    """Replaces the file as a whole, as editors and deployments do."""
    beside = config.with_suffix(".new")
    beside.write_text(json.dumps(document, indent=1), encoding="utf-8")
    beside.replace(config)
