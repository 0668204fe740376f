"""What several tests read: where the tree is, and a small configuration."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Two routes that keywords tell apart, two models, a meta-LLM, a refusal: everything that a surface
# test needs, and no example, so that it loads at once.
SMALL = """
version: 1
providers: {near: {kind: openai, base_url: "http://127.0.0.1:1/v1"}}
models:
  - name: small
    provider: near
    context_window: 1000
    capabilities: [tools]
    price: {input: 1.0, output: 2.0}
    latency: {first_token: 100ms, per_token: 1ms}
    quality: {default: 0.5}
  - name: large
    provider: near
    model: large-2
    context_window: 100000
    capabilities: [tools, vision]
    price: {input: 10.0, output: 20.0}
    latency: {first_token: 200ms, per_token: 2ms}
    quality: {default: 0.9}
prompts:
  - name: terse
    system: Answer in one sentence. {{ metadata.tone }}
    template: "{{ input }}{% if context %} ({{ context }}){% endif %}"
routes:
  - {name: general, description: Everything else., objective: cheapest}
  - name: refunds
    description: Money back.
    objective: cheapest
    fallback: [large]
    choose: [small]
    expected_output_tokens: 100
    prompts: [{use: terse}]
    retrieval: {collection: policy, top_k: 2, max_tokens: 50}
    agent: desk
rules:
  - {name: refund, when: {keywords: {any: [refund]}}, then: {route: refunds}}
  - {name: abuse, when: {keywords: {any: [abuse]}}, then: {reject: Not here.}}
classify: {order: [task, rules, meta_llm], meta_llm: {model: small, timeout: 100ms}}
default: {route: general}
"""
