"""Row: the cost-quality curve of a cascade on recorded pairs of a weak and a strong model.

`B_routellm_gsm8k_half` holds, for 633 school problems, what a weak and a strong model answered and whether each was right. The
dispatcher runs a route with a cascade over both, as callables that replay the recorded answers; a function of ours judges the weak
answer. What it judges by is in the answer and the question alone: does each sum in it hold, does it end in
the last sum's result, how long is it, which numbers of the question does it use. Its weights are fitted on the
other half of the problems (two folds), so no problem is judged by weights that have seen it.

Costs are tokens of the recorded texts (four characters each, both sides alike) at the prices of the configuration. The random mix
escalates the same share of problems, drawn blindly: its quality is the weighted mean of always-weak and always-strong at equal cost.

What would make it lie: a judge that sees whether the answer was right (it gets the text only), or prices chosen so that a wrong
escalation costs nothing (a problem that escalates pays both models).
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import fastroute
from measure.report import Row

PAIRS = Path(__file__).resolve().parents[3] / "shared" / "data" / "B_routellm_gsm8k_half.jsonl.gz"
# US dollars per million tokens: Mixtral-8x7B and GPT-4, whose answers these are, when they were recorded.
WEAK, STRONG = {"input": 0.6, "output": 0.6}, {"input": 10.0, "output": 30.0}
NUMBER = re.compile(r"-?\d[\d,]*\.?\d*")
SUM = re.compile(r"<<([^=<>]+)=([^<>]+)>>")
FINAL = re.compile(r"####\s*\$?(-?[\d,]+\.?\d*)")
ARITHMETIC = re.compile(r"[\d.+\-*/() ]+")


@dataclass(frozen=True)
class Pair:
    prompt: str
    answers: dict[str, str]
    is_right: dict[str, bool]


def row() -> Row:
    if not PAIRS.exists():
        return Row("cascade on recorded pairs", "above the random mix", "skipped: the data is not here")
    with gzip.open(PAIRS, "rt", encoding="utf-8") as lines:
        pairs = [_pair(json.loads(line)) for line in lines]
    confidence = dict(zip((pair.answers["weak"] for pair in pairs), _judged(pairs), strict=True))
    ends = {
        name: asyncio.run(_run(pairs, confidence, threshold)) for name, threshold in (("weak", 0.0), ("strong", 1.0))
    }
    strong = _always_strong(pairs)
    curve = []
    for threshold in np.quantile(list(confidence.values()), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]):
        cost, quality, escalated = asyncio.run(_run(pairs, confidence, float(threshold)))
        weak_cost, weak_quality, _ = ends["weak"]
        share = (cost - weak_cost) / (strong[0] - weak_cost)
        mix = weak_quality + min(1.0, share) * (strong[1] - weak_quality)
        curve.append(
            {"escalated": escalated, "cost": cost, "quality": quality, "mix": mix, "threshold": float(threshold)}
        )
    is_above = all(point["quality"] > point["mix"] for point in curve)
    shown = ", ".join(f"{p['quality']:.3f} ({p['mix']:.3f}) at ${p['cost']:.2f}" for p in curve)
    return Row(
        "cascade on recorded pairs, accuracy (random mix of the same cost) at cost",
        "above the random mix",
        f"{shown}; always weak {ends['weak'][1]:.3f} at ${ends['weak'][0]:.2f}, always strong {strong[1]:.3f} at ${strong[0]:.2f}",
        is_above,
        {"curve": curve, "weak": ends["weak"], "strong": strong},
    )


def _pair(line: dict[str, object]) -> Pair:
    return Pair(
        str(line["prompt"]),
        {name: str(line[f"{name}_response"]) for name in ("weak", "strong")},
        {name: bool(line[f"{name}_correct"]) for name in ("weak", "strong")},
    )


async def _run(pairs: list[Pair], confidence: dict[str, float], threshold: float) -> tuple[float, float, float]:
    """Returns cost in dollars, share of right answers, and share of problems that escalated."""
    by_prompt = {pair.prompt: pair for pair in pairs}

    def replay(name: str) -> fastroute.providers.Callable:
        def answer(call: fastroute.providers.ProviderCall) -> fastroute.providers.Reply:
            pair = by_prompt[call.messages[-1]["content"]]
            usage = fastroute.providers.Usage(
                input_tokens=_tokens(pair.prompt), output_tokens=_tokens(pair.answers[name])
            )
            return fastroute.providers.Reply(text=pair.answers[name], usage=usage)

        return fastroute.providers.Callable(answer)

    router = fastroute.Router.from_string(json.dumps(_configuration(threshold)), format="json")
    providers = {"weak": replay("weak"), "strong": replay("strong")}
    judge = {"sums": lambda _, answer: confidence.get(answer, 1.0)}
    cost, right, escalated = 0.0, 0, 0
    async with fastroute.Dispatcher(router, providers=providers, functions=judge) as dispatcher:
        for pair in pairs:
            answer = await dispatcher.complete(pair.prompt)
            cost += answer.cost_usd
            right += pair.is_right[answer.model or ""]
            escalated += answer.model == "strong"
    return cost, right / len(pairs), escalated / len(pairs)


def _always_strong(pairs: list[Pair]) -> tuple[float, float]:
    cost = (
        sum(_tokens(p.prompt) * STRONG["input"] + _tokens(p.answers["strong"]) * STRONG["output"] for p in pairs) / 1e6
    )
    return cost, sum(pair.is_right["strong"] for pair in pairs) / len(pairs)


def _configuration(threshold: float) -> dict[str, object]:
    def model(name: str, price: dict[str, float], quality: float) -> dict[str, object]:
        latency = {"first_token": "100ms", "per_token": "5ms"}
        return {
            "name": name, "provider": name, "context_window": 32_768, "price": price, "latency": latency,
            "quality": {"default": quality},
        }  # fmt: skip

    accept = {"answer_confidence": {"min": threshold, "from": "function", "function": "sums"}}
    return {
        "version": 1,
        "providers": {"weak": {"kind": "callable"}, "strong": {"kind": "callable"}},
        "models": [model("weak", WEAK, 0.6), model("strong", STRONG, 0.85)],
        "routes": [{"name": "school", "cascade": {"accept": accept}}],
        "default": {"route": "school"},
    }


def _tokens(text: str) -> int:
    return max(1, len(text) // 4)


def _judged(pairs: list[Pair]) -> list[float]:
    """The probability that each weak answer is right, by logistic regression on the other half."""
    facts = np.array([_facts(pair.prompt, pair.answers["weak"]) for pair in pairs])
    facts = np.c_[(facts - facts.mean(0)) / (facts.std(0) + 1e-9), np.ones(len(pairs))]
    right = np.array([pair.is_right["weak"] for pair in pairs], dtype=float)
    order = np.random.default_rng(0).permutation(len(pairs))
    judged = np.zeros(len(pairs))
    for fold in range(2):
        seen, unseen = order[1 - fold :: 2], order[fold::2]
        weights = np.zeros(facts.shape[1])
        for _ in range(2_000):
            slope = facts[seen].T @ (right[seen] - _logistic(facts[seen] @ weights)) / len(seen) - 0.01 * weights
            weights += 0.05 * slope
        judged[unseen] = _logistic(facts[unseen] @ weights)
    return [float(value) for value in judged]


def _logistic(value: np.ndarray) -> np.ndarray:
    found: np.ndarray = 1 / (1 + np.exp(-value))
    return found


def _facts(prompt: str, answer: str) -> list[float]:
    """What can be seen of an answer without knowing the right one."""
    wrong, sums, last = 0, 0, None
    for left, right in SUM.findall(answer):
        sums += 1
        value, last = _value(left), _number(right)
        wrong += value is None or last is None or abs(value - last) > 0.01 * max(1.0, abs(value))
    found = FINAL.search(answer)
    final = _number(found.group(1)) if found else None
    given = {_number(text) for text in NUMBER.findall(prompt)} - {None}
    used = {_number(text) for text in NUMBER.findall(answer)}
    return [
        float(wrong > 0),
        float(sums),
        float(final is None),
        float(final is not None and last is not None and abs(final - last) < 1e-6),
        len(answer) / 500,
        len(prompt) / 500,
        len(given & used) / max(1, len(given)),
        float(len(given)),
        float(final is not None and (final < 0 or final != int(final))),
        float(len(re.findall(r"[.!?]\s", prompt))),
        float(answer.count("\n")),
    ]


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "").replace("$", "").rstrip("."))
    except ValueError:
        return None


def _value(sum_: str) -> float | None:
    """The value of a sum of plain arithmetic."""
    plain = sum_.replace(",", "").replace("$", "")
    if not ARITHMETIC.fullmatch(plain) or "**" in plain or len(plain) > 100:
        return None
    try:
        return float(eval(plain, {"__builtins__": {}}))
    except (ArithmeticError, SyntaxError, TypeError):
        return None
