"""The configuration that the tests of the dispatcher run, and short ways to build on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import fastroute
from fastroute.providers import Provider

# Three tiers at three providers, each a callable or the mock, with times that a test can wait for.
TIERS = """
version: 1
providers:
  near: {{kind: openai, base_url: "{near}"}}
  far: {{kind: openai, base_url: "{far}"}}
  other: {{kind: anthropic, base_url: "{other}"}}
models:
  - name: small
    provider: near
    context_window: 4000
    max_output_tokens: 500
    capabilities: [{can}]
    price: {{input: 1.0, output: 2.0, cached_input: 0.5}}
    latency: {{first_token: 10ms, per_token: 1ms}}
    quality: {{default: 0.5}}
  - name: middle
    provider: far
    context_window: 16000
    max_output_tokens: 500
    capabilities: [tools, json_schema]
    price: {{input: 10.0, output: 20.0}}
    latency: {{first_token: 20ms, per_token: 1ms}}
    quality: {{default: 0.8}}
  - name: large
    provider: other
    model: large-2
    context_window: 64000
    max_output_tokens: 500
    capabilities: [tools]
    price: {{input: 100.0, output: 200.0}}
    latency: {{first_token: 30ms, per_token: 1ms}}
    quality: {{default: 0.9}}
prompts:
  - {{name: plain, system: "Be brief.", template: "{{{{ input }}}}{{% if context %}} [{{{{ context }}}}]{{% endif %}}"}}
routes:
  - name: general
    description: Everything else.
    objective: cheapest
    choose: [small]
    fallback: {fallback}
    expected_output_tokens: 20
    prompts: [{{use: plain}}]
{general}
{routes}
rules:
  - {{name: refuse, when: {{keywords: {{any: [abuse]}}}}, then: {{reject: Not here.}}}}
{rules}
classify: {classify}
resilience:
  deadline: {deadline}
  timeouts: {timeouts}
  retry: {{max_attempts: 6, budget_ratio: 10, budget_min_per_second: 1000, backoff: 1ms, max_backoff: 5ms}}
{more}
default: {{route: general}}
"""

# A busy machine must not fail a test, and a provider that hangs must not hold one up.
PATIENT = "{attempt: 10s, first_token: 10s, idle: 10s}"
SHORT = "{attempt: 800ms, first_token: 700ms, idle: 300ms}"

NOWHERE = "http://127.0.0.1:1/v1"


def router_of(
    *,
    near: str = NOWHERE,
    far: str = NOWHERE,
    other: str = NOWHERE,
    general: str = "",
    fallback: str = "[middle, large]",
    routes: str = "",
    rules: str = "",
    classify: str = "{order: [task, rules]}",
    timeouts: str = PATIENT,
    deadline: str = "15s",
    more: str = "",
    can: str = "tools, json_schema",
) -> fastroute.Router:
    """The router of the tiers, with lines added to the general route and to the whole."""
    text = TIERS.format(
        near=near,
        far=far,
        other=other.removesuffix("/v1"),
        general=_indented(general),
        fallback=fallback,
        routes=routes,
        rules=rules,
        classify=classify,
        timeouts=timeouts,
        deadline=deadline,
        more=more,
        can=can,
    )
    return fastroute.Router.from_string(text)


def _indented(lines: str) -> str:
    return "\n".join(f"    {line}" for line in lines.strip().splitlines())


def everywhere(provider: Provider) -> Mapping[str, Provider]:
    """The same provider under every name."""
    return dict.fromkeys(("near", "far", "other"), provider)


async def settled() -> None:
    """Lets what was cancelled end."""
    for _ in range(20):
        await asyncio.sleep(0)


def outcomes_of(attempts: tuple[Any, ...]) -> list[tuple[str, str | None]]:
    """Model and outcome of each call, or why it was passed over."""
    return [(attempt.model, attempt.outcome or attempt.skipped) for attempt in attempts]


def held_by(router: fastroute.Router) -> dict[str, float]:
    """What the calls of a router hold: places in flight, probes, dollars and tokens set aside."""
    figures = router.live.figures()
    return {
        "in_flight": sum(cell["in_flight"] for cell in figures["cells"] if cell["kind"] == "target"),
        "leases": sum(cell["leases"] for cell in figures["cells"]),
        "reserved_tokens": sum(budget["reserved_tokens"] for budget in figures["budgets"]),
        "reserved_usd": sum(budget["reserved_usd"] for budget in figures["budgets"]),
    }


NOTHING = {"in_flight": 0, "leases": 0, "reserved_tokens": 0, "reserved_usd": 0}
