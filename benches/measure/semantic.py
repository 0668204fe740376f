"""Row: one decision against aurelio `semantic-router`, 10 routes of 10 examples, one encoder.

Question: what does routing by similarity alone cost beside the router that people install for it? Input: ten
routes of the reference workload, five domains with two intents each, their first ten examples; all 512 prompts
a round. Fair because both sides embed with the same files (vectors are asserted equal on every prompt), rules
and keywords are absent, and ours still chooses a model and a prompt, which the rival does not.

Equal vectors, not equal answers: the rival votes among its five nearest utterances, ours has a trained head.
So both accuracies are reported, on the validation texts of CLINC150's first ten intents by name (ten examples
each); where that data is absent, on the ten examples of each route of the workload that neither has seen,
which share their templates with the known ones and so are unkind to voting.

The rival is timed as a program calls it (`router(text)`, which passes through its background loop and worker
threads) and as an async program awaits it (`await router.acall(text)`), which is its fastest way. The bar
holds for the call; the other figure is printed beside it.
"""

from __future__ import annotations

import asyncio
import json

import numpy as np

import fastroute
from measure import accuracy, workload
from measure.report import Row
from measure.timing import each_us, interleave, ratio
from peers import semantic

DOMAINS = ("invoice", "parcel", "card", "software", "recipe")
INTENTS = ("status", "broken")


def row(*, rounds: int) -> Row:
    routes = {route["name"]: route["examples"] for route in workload.configuration()["routes"] if "examples" in route}
    chosen = {f"{domain}_{intent}": routes[f"{domain}_{intent}"] for domain in DOMAINS for intent in INTENTS}
    known = {name: texts[:10] for name, texts in chosen.items()}
    encoder = semantic.StaticEncoder(workload.ENCODER)
    theirs, ours = semantic.router(known, encoder), _ours(known)
    prompts = workload.prompts()
    _assert_equal_vectors(encoder, prompts)
    data = accuracy.ten_intents()
    if data is None:
        where, data = (
            "held-out utterances",
            (known, [(text, name) for name, texts in chosen.items() for text in texts[10:]]),
        )
    else:
        where = "validation texts of ten intents of CLINC150"
    accuracies = _accuracies(*data, encoder)

    async def awaited() -> None:
        for text in prompts:
            await theirs.acall(text)

    seconds = interleave(
        {
            "fastroute": lambda: [ours.route(text).route for text in prompts],
            "semantic-router": lambda: [theirs(text).name for text in prompts],
            "semantic-router, awaited": lambda: asyncio.run(awaited()),
        },
        rounds=rounds,
    )
    figures = {f"{name}, us": round(each_us(each, len(prompts)), 2) for name, each in seconds.items()}
    called = ratio(seconds["semantic-router"], seconds["fastroute"])
    in_loop = ratio(seconds["semantic-router, awaited"], seconds["fastroute"])
    mine, his, his_awaited = figures.values()
    return Row(
        "one decision from Python, 10 routes x 10 examples, against aurelio semantic-router with the same encoder",
        "at least 20x",
        f"{called} ({mine:.1f} us against {his:.0f} us; awaited {his_awaited:.0f} us, {in_loop.median:.1f}x); "
        f"accuracy {accuracies[0]:.2f} against {accuracies[1]:.2f} on {len(data[1])} {where}",
        called.median >= 20,
        {
            **figures,
            "ratio": vars(called),
            "ratio awaited": vars(in_loop),
            "accuracy": accuracies,
            "accuracy on": where,
        },
    )


def _accuracies(
    examples: dict[str, list[str]], asked: list[tuple[str, str]], encoder: semantic.StaticEncoder
) -> tuple[float, float]:
    """Returns the share of right routes, ours and the rival's, nothing abstaining."""
    ours, theirs = _ours(examples), semantic.router(examples, encoder)
    right = sum(ours.route(text).route == name for text, name in asked)
    their_right = sum(theirs(text).name == name for text, name in asked)
    return right / len(asked), their_right / len(asked)


def _ours(examples: dict[str, list[str]]) -> fastroute.Router:
    """Routes by similarity alone, without thresholds, as the rival does."""
    routes = [{"name": name, "examples": texts, "threshold": 0} for name, texts in examples.items()]
    model = {"name": "model", "provider": "local", "context_window": 8192, "price": {"input": 0.1, "output": 0.4}}
    model |= {"latency": {"first_token": "100ms", "per_token": "5ms"}, "quality": {"default": 0.8}}
    configuration = {
        "version": 1,
        "providers": {"local": {"kind": "openai"}},
        "models": [model],
        "routes": routes,
        "classify": {"order": ["similarity"], "similarity": {"margin": 0}},
        "default": {"route": routes[0]["name"]},
    }
    return fastroute.Router.from_string(json.dumps(configuration), format="json")


def _assert_equal_vectors(encoder: semantic.StaticEncoder, texts: list[str]) -> None:
    """Raises `SystemExit` unless our vectors are model2vec's, rounding in the last places aside."""
    ours = np.frombuffer(workload.export("vectors", stdin="\n".join(texts).encode()), "<f4").reshape(len(texts), -1)
    worst = float(np.abs(ours - encoder.vectors(texts)).max())
    if worst > 1e-6:
        raise SystemExit(f"vectors differ by `{worst}`, over the limit of 1e-6; nothing was timed")
