"""`fastroute route`: decides for one text."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from fastroute import Decision, Router

Scalar = bool | float | str


@click.command()
@click.argument("text")
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration; the embedded default without it.",
)
@click.option("--task", help="Task flag, such as `translate`.")
@click.option(
    "--metadata",
    multiple=True,
    metavar="KEY=VALUE",
    help="A fact about the request; true, false and numbers are read as such, quoted ones as text.",
)
@click.option("--capability", "capabilities", multiple=True, metavar="NAME", help="What the model must be able to do.")
@click.option("--unavailable", multiple=True, metavar="NAME", help="A model that cannot serve now.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the deployment of a model with several.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@click.option("--explain", is_flag=True, help="Print every stage, and what would change the decision.")
def route(
    text: str,
    config: Path | None,
    task: str | None,
    metadata: tuple[str, ...],
    capabilities: tuple[str, ...],
    unavailable: tuple[str, ...],
    seed: int,
    as_json: bool,
    explain: bool,
) -> None:
    """Decide for TEXT, or for standard input when TEXT is `-`.

    One newline at the end of standard input is not part of the text. Refusals by
    a rule are decisions, so they exit with 0. --metadata, --capability and
    --unavailable may be given several times.
    """
    facts = dict(_fact(entry) for entry in metadata)
    prompt = _standard_input() if text == "-" else text
    router = Router.from_file(config) if config else Router.default()
    decision = router.route(
        prompt,
        task=task,
        metadata=facts,
        capabilities=capabilities,
        unavailable=unavailable,
        seed=seed,
    )
    if explain:
        explanation = decision.explain()
        click.echo(explanation.to_json() if as_json else str(explanation))
    else:
        click.echo(decision.to_json() if as_json else describe(decision))


def describe(decision: Decision) -> str:
    """Returns a decision as aligned lines; what it does not have is left out."""
    confidence = decision.route_confidence
    sure = "" if confidence is None else f" (confidence {confidence:.2f})"
    lines: list[tuple[str, str]] = [("outcome", decision.outcome)]
    if decision.route is not None:
        lines.append(("route", decision.route + sure))
    if decision.model is not None:
        lines.append(("model", ", then ".join((decision.model, *decision.fallbacks))))
    if decision.prompt is not None:
        lines.append(("prompt", decision.prompt))
    if decision.cost_usd is not None and decision.latency_ms is not None:
        tokens = f"{decision.input_tokens} tokens in, about {decision.expected_output_tokens} out"
        lines.append(("cost", f"${decision.cost_usd:.6f} ({tokens})"))
        lines.append(("latency", f"{decision.latency_ms / 1000:.1f} s"))
    if decision.message is not None:
        lines.append(("message", decision.message))
    lines.append(("reason", f"{decision.reason.sentence} [{decision.reason.code}]"))
    lines.extend(("missing", f"{lack.message} [{lack.code}]") for lack in decision.missing)
    lines.extend(("note", f"{note.sentence} [{note.code}]") for note in decision.notes)
    return "\n".join(f"{name:<8} {value}" for name, value in lines)


def _standard_input() -> bytes:
    content = sys.stdin.buffer.read()
    return content.removesuffix(b"\n").removesuffix(b"\r")


def _fact(entry: str) -> tuple[str, Scalar]:
    key, equals, value = entry.partition("=")
    if not (key and equals):
        raise click.BadParameter(f"`{entry}` is not KEY=VALUE", param_hint="--metadata")
    try:
        parsed = json.loads(value)
    except ValueError:
        return key, value
    return key, parsed if isinstance(parsed, bool | int | float | str) else value
