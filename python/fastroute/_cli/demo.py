"""What `make demo` shows: very different questions, routed on the embedded default."""

from __future__ import annotations

import time

from rich.console import Console
from rich.table import Table

from fastroute import Decision, Router

QUESTIONS = [
    "hi there, how is your day going?",
    "Translate 'the invoice is overdue' into German.",
    "Why does this raise a KeyError?\n\n```python\nd = {}\nprint(d['a'])\n```",
    "Prove that the square root of 2 is irrational, then generalise to every prime.",
    "Summarise the following meeting notes in three bullet points.",
    "Pull every date and amount out of this invoice and return JSON.",
    "Write a short story about a lighthouse keeper who collects storms.",
    "What is the population of Portugal?",
    "Book me a train to Lyon on Friday, a hotel near the station and a table for two.",
    "qwx zzkpt vvrnm",
]


def main() -> None:
    """Prints one row for each question, and how long a decision takes."""
    router = Router.default()
    table = Table(title=f"the embedded default, revision {router.revision}", show_lines=True, expand=True)
    table.add_column("question", ratio=5)
    table.add_column("route", ratio=2, style="bold")
    table.add_column("model, fallbacks", ratio=3)
    table.add_column("prompt", ratio=2)
    table.add_column("cost", justify="right", ratio=2)
    table.add_column("sure", justify="right", ratio=1)
    table.add_column("reason", ratio=6)
    for question in QUESTIONS:
        table.add_row(*_cells(question, router.route(question)))
    console = Console(width=max(Console().width, 140))
    console.print(table)
    console.print(_speed(router))


def _cells(question: str, decision: Decision) -> list[str]:
    cost, confidence = decision.cost_usd, decision.route_confidence
    return [
        question.replace("\n", " "),
        decision.route or "",
        ", ".join((decision.model or "", *decision.fallbacks)),
        decision.prompt or "",
        "" if cost is None else f"${cost:.6f}",
        "" if confidence is None else f"{confidence:.2f}",
        f"{decision.reason.sentence} [{decision.reason.code}]",
    ]


def _speed(router: Router, rounds: int = 300) -> str:
    start = time.perf_counter()
    for _ in range(rounds):
        for question in QUESTIONS:
            router.route(question)
    each = (time.perf_counter() - start) / (rounds * len(QUESTIONS))
    return f"{each * 1e6:.1f} µs a decision. Prices are illustrative; nothing was sent to a model."


if __name__ == "__main__":
    main()
