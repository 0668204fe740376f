"""The reference workload's decision, made of PyPI parts the way a careful engineer would wire them.

ahocorasick_rs finds keywords, tiktoken counts tokens, model2vec encodes with the encoder that fastroute
ships, numpy scores with the head that fastroute trained, usearch finds the nearest examples, pybreaker knows
which models are alive, and what is left is Python. Fair to the rival: everything that can be is prepared in
the constructor (closures for rules, weights as floats, qualities, latencies and log terms by route), a
route set by a rule skips the encoder as it does in fastroute, and per request nothing is computed twice.

Two things are more than fastroute does for a decision, so both can be switched off and the benchmark reports
both ways. `count_exactly`: fastroute counts tokens only when a limit lies between cheap bounds; without it,
the rival takes the usual four characters a token. `with_evidence`: fastroute looks for the nearest examples
only to explain a decision; without it, usearch is not asked.

What would make it lie: prices whose order depends on the exact count. In the workload a model's output costs
four times its input, so the order of models does not, and both sides choose alike with either count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ahocorasick_rs
import numpy as np
import pybreaker
import tiktoken
from model2vec import StaticModel
from usearch.index import Index

from peers.conditions import Compiler, Facts, Test
from peers.head import Head

PRESETS = {
    "balanced": (1.0, 0.04, 0.02),
    "best": (1.0, 0.0, 0.0),
    "cheapest": (0.0, 1.0, 0.0),
    "fastest": (0.0, 0.0, 1.0),
}
CHAT_FRAMING = 4 + 3
EVIDENCE = 5


@dataclass(slots=True)
class Candidate:
    """One model on one route, with all that the request does not change."""

    name: str
    breaker: pybreaker.CircuitBreaker
    input_price: float
    output_cost: float
    latency_s: float
    log_latency: float
    quality: float
    tokens_left: int
    place: int


@dataclass(slots=True)
class RoutePlan:
    name: str
    candidates: list[Candidate]
    fallback: list[Candidate]
    fallback_names: frozenset[str]
    by_name: dict[str, Candidate]
    objective: tuple[float, float, float]
    prompt: str | None
    overhead_tokens: int


@dataclass(slots=True)
class Decision:
    route: str | None
    models: list[str]
    prompt: str | None
    confidence: float
    cost_usd: float
    evidence: list[str]


class Parts:
    """Decides like fastroute on the reference workload."""

    def __init__(
        self,
        configuration: dict[str, Any],
        encoder: Path,
        head: Head,
        vocabulary: tiktoken.Encoding,
        *,
        count_exactly: bool = True,
        with_evidence: bool = True,
    ) -> None:
        self.count_exactly = count_exactly
        self.with_evidence = with_evidence
        self.vocabulary = vocabulary
        self.encoder = StaticModel.from_pretrained(str(encoder), force_download=False)
        self.head = head
        self.margin = configuration["classify"]["similarity"]["margin"]
        self.models = {model["name"]: model for model in configuration["models"]}
        self.places = {name: place for place, name in enumerate(self.models)}
        self.breakers = {name: pybreaker.CircuitBreaker(fail_max=5, reset_timeout=10) for name in self.models}
        self.routes = {route["name"]: self._plan(route, configuration["prompts"]) for route in configuration["routes"]}
        self.classes = [route["name"] for route in configuration["routes"] if route.get("examples")]
        self.thresholds = head.thresholds.tolist()
        self.default = configuration["default"]["route"]
        self._compile_rules(configuration["rules"])
        self._index_examples(configuration["routes"])

    def _compile_rules(self, rules: list[dict[str, Any]]) -> None:
        compiler = Compiler()
        keyword_rules: dict[int, list[int]] = {}
        self.always: list[int] = []
        self.tests: list[Test] = []
        self.thens: list[dict[str, Any]] = []
        for number, rule in enumerate(rules):
            first = compiler.tests
            self.tests.append(compiler.compile(rule["when"]))
            self.thens.append(self._prepare(rule["then"]))
            for test in range(first, compiler.tests):
                keyword_rules.setdefault(test, []).append(number)
            if first == compiler.tests:
                self.always.append(number)
        # A rule whose keywords are all absent cannot be true here: its keywords stand bare or under `all`.
        self.rules_of = [keyword_rules[test] for test in range(compiler.tests)]
        self.test_of = compiler.test_of
        self.automaton = ahocorasick_rs.AhoCorasick(compiler.words)

    def _prepare(self, then: dict[str, Any]) -> dict[str, Any]:
        prepared = dict(then)
        if "objective" in then:
            prepared["objective"] = PRESETS[then["objective"]]
        if "restrict" in then:
            tags = set(then["restrict"].get("tags", ()))
            names = set(then["restrict"].get("models", ()))
            prepared["restrict"] = {
                name for name, model in self.models.items() if name in names or tags & set(model["tags"])
            }
        return prepared

    def _plan(self, route: dict[str, Any], prompts: list[dict[str, Any]]) -> RoutePlan:
        prompt = route["prompts"][0]["use"] if route.get("prompts") else None
        system = next((entry["system"] for entry in prompts if entry["name"] == prompt), "")
        overhead = CHAT_FRAMING + len(self.vocabulary.encode_ordinary(system))
        output = route.get("expected_output_tokens", 300)

        def candidate(name: str) -> Candidate:
            model = self.models[name]
            latency_s = (_ms(model["latency"]["first_token"]) + output * _ms(model["latency"]["per_token"])) / 1e3
            return Candidate(
                name=name,
                breaker=self.breakers[name],
                input_price=model["price"]["input"] / 1e6,
                output_cost=output * model["price"]["output"] / 1e6,
                latency_s=latency_s,
                log_latency=math.log2(max(latency_s, 1e-3)),
                quality=model["quality"].get(route["name"], model["quality"]["default"]),
                tokens_left=model["context_window"] - output if output <= model["max_output_tokens"] else -1,
                place=self.places[name],
            )

        return RoutePlan(
            name=route["name"],
            candidates=[candidate(name) for name in route["choose"]],
            fallback=[candidate(name) for name in route["fallback"]],
            fallback_names=frozenset(route["fallback"]),
            by_name={name: candidate(name) for name in self.models},
            objective=PRESETS[route.get("objective", "balanced")],
            prompt=prompt,
            overhead_tokens=overhead,
        )

    def _index_examples(self, routes: list[dict[str, Any]]) -> None:
        self.examples = [text for route in routes for text in route.get("examples", ())]
        vectors = self.encoder.encode(self.examples)
        self.index = Index(ndim=vectors.shape[1], metric="cos", dtype="i8")
        self.index.add(np.arange(len(self.examples)), vectors, threads=1)

    def decide(self, text: str, metadata: dict[str, Any] | None = None, task: str | None = None) -> Decision:
        """Decides one request."""
        tokens = len(self.vocabulary.encode_ordinary(text)) if self.count_exactly else len(text) // 4 + 1
        hits = self._keywords(text)
        facts = Facts(text, tokens, hits, metadata or {}, task)
        rules = (
            sorted({rule for test in hits for rule in self.rules_of[test]} | set(self.always)) if hits else self.always
        )
        said: dict[str, Any] = {}
        permitted: set[str] | None = None
        for rule in rules:
            if self.tests[rule](facts):
                for name, value in self.thens[rule].items():
                    if name == "restrict":
                        permitted = value if permitted is None else permitted & value
                    elif name not in said:
                        said[name] = value
        if "reject" in said:
            return Decision(None, [], None, 1.0, 0.0, [])
        confidence = 1.0
        evidence: list[str] = []
        route = task if task in self.routes else said.get("route")
        if route is None:
            route, confidence, evidence = self._similar(text)
        return self._choose(self.routes[route], tokens, said, permitted, confidence, evidence)

    def _keywords(self, text: str) -> set[int]:
        lowered = text.lower()
        end_of_text = len(lowered)
        hits = set()
        for pattern, start, end in self.automaton.find_matches_as_indexes(lowered, overlapping=True):
            if (start == 0 or not lowered[start - 1].isalnum()) and (end == end_of_text or not lowered[end].isalnum()):
                hits.add(self.test_of[pattern])
        return hits

    def _similar(self, text: str) -> tuple[str, float, list[str]]:
        vector = self.encoder.encode(text)
        # The head is defined on int8 vectors. Rounding costs the rival about 3 us; without it a route whose
        # probability lies at its threshold would come out differently.
        rounded = np.rint(vector * (127 / max(vector.max(), -vector.min(), 1e-30)))
        logits = self.head.weights @ rounded
        logits *= 1 / math.sqrt(rounded @ rounded or 1.0)
        logits += self.head.biases
        best = int(logits.argmax())
        logits -= logits[best]
        np.exp(logits, out=logits)
        total = float(logits.sum())
        logits[best] = 0.0
        top, second = 1.0 / total, float(logits.max()) / total
        evidence = []
        if self.with_evidence:
            evidence = [self.examples[key] for key in self.index.search(vector, EVIDENCE).keys]
        if best < len(self.classes) and top >= self.thresholds[best] and top - second >= self.margin:
            return self.classes[best], top, evidence
        return self.default, top, evidence

    def _choose(
        self,
        route: RoutePlan,
        text_tokens: int,
        said: dict[str, Any],
        permitted: set[str] | None,
        confidence: float,
        evidence: list[str],
    ) -> Decision:
        tokens = text_tokens + route.overhead_tokens
        exponent = 2 * said.get("difficulty", 0.5)
        wish_quality, wish_cost, wish_latency = said.get("objective", route.objective)

        def fits(candidate: Candidate) -> bool:
            return (
                tokens <= candidate.tokens_left
                and (permitted is None or candidate.name in permitted)
                and candidate.breaker.current_state != "open"
            )

        scored = []
        for candidate in route.candidates:
            if fits(candidate):
                cost = tokens * candidate.input_price + candidate.output_cost
                score = wish_quality * candidate.quality**exponent
                if wish_cost:
                    score -= wish_cost * math.log2(max(cost, 1e-6) / 1e-3)
                if wish_latency:
                    score -= wish_latency * candidate.log_latency
                scored.append((-score, cost, candidate.latency_s, candidate.place, candidate.name))
        scored.sort()
        models = [entry[4] for entry in scored]
        wanted = route.by_name.get(said.get("model", ""))
        if wanted is not None and fits(wanted):
            models = [wanted.name, *(name for name in models if name != wanted.name)]
        # A candidate that is also a fallback keeps the fallback's place, unless it is the primary.
        models = models[:1] + [name for name in models[1:] if name not in route.fallback_names]
        models += [candidate.name for candidate in route.fallback if candidate.name not in models and fits(candidate)]
        cost = 0.0
        if models:
            primary = route.by_name[models[0]]
            cost = tokens * primary.input_price + primary.output_cost
        return Decision(route.name, models, route.prompt, confidence, cost, evidence)


def _ms(text: str) -> float:
    return float(text.removesuffix("ms"))
