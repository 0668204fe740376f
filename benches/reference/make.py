"""Writes the reference workload: the one configuration and the one list of prompts behind every speed claim.

10,000 keywords over 40 rules, 200 routes of 20 examples, 16 models, and 512 different prompts of about 300
bytes. The size is that of DESIGN §10; the words are our own (`words.toml`). Everything comes from one counter
(splitmix64), so the same bytes come out on every machine and Python version; `SHA256SUMS` holds their hashes
and a difference is an error, not a new workload. The files take 0.6 MB, so they are generated, not committed.

What the prompts exercise: one in six carries the keyword of a rule that names a route; one in six the keyword of
a rule that narrows or steers the choice of a model; one in sixteen was written for no route; one in sixteen has
letters beyond ASCII, as typed English has. No prompt equals another, none is an example.

What would make it lie: prompts that repeat (caches would answer), keywords that never occur (the automaton
would stay in its start state: every rule's keywords share first letters with English words), routes that do not
overlap (every route here shares its nouns with nine others and its verbs with nineteen).

    python benches/reference/make.py [DIRECTORY]       # default: target/reference
    python benches/reference/make.py --accept          # after a wanted change: writes SHA256SUMS
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORDS = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
DEFAULT_DIRECTORY = HERE.parents[1] / "target" / "reference"
KEYWORD_RULES = 30
KEYWORDS = 10_000
PROMPTS = 512
TARGET_BYTES = 300


class Draw:
    """A splitmix64 stream: plain integer arithmetic, equal on every Python."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, bound: int) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) % 2**64
        mixed = self._state
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB % 2**64
        return (mixed ^ (mixed >> 31)) % bound

    def one(self, items: list[str]) -> str:
        return items[self.below(len(items))]


def route_names() -> list[str]:
    return [f"{domain}_{intent}" for domain in WORDS["domains"] for intent in WORDS["intents"]]


def examples(domain: str, intent: str, draw: Draw) -> list[str]:
    """Returns 20 different utterances of one route, out of 64."""
    candidates = [
        template.format(noun) for template in WORDS["intents"][intent]["examples"] for noun in WORDS["domains"][domain]
    ]
    chosen: list[str] = []
    while len(chosen) < 20:
        text = draw.one(candidates)
        if text not in chosen:
            chosen.append(text)
    return chosen


def keywords() -> list[list[str]]:
    """Returns the 10,000 keywords in 30 lists: phrases of two words, names of three syllables, part numbers."""
    phrases = [f"{adjective} {noun}" for adjective in WORDS["adjectives"] for noun in WORDS["nouns"]]
    names = [a + b + c for a in WORDS["syllables"] for b in WORDS["syllables"] for c in WORDS["syllables"] if a != b]
    numbers = [f"{letters}-{1000 + 37 * index % 9000}" for letters in ("kx", "pt", "zb") for index in range(700)]
    pool = phrases + numbers + names
    pool = pool[:KEYWORDS]
    return [pool[index::KEYWORD_RULES] for index in range(KEYWORD_RULES)]


def models() -> list[dict[str, object]]:
    """Returns 16 models: quality, price and latency rise together, with exceptions worth a choice."""
    listed: list[dict[str, object]] = []
    for index in range(16):
        step = index / 15
        price = round(0.05 * 60**step * (1.0, 0.7, 1.3, 0.9)[index % 4], 3)
        quality = {"default": round(0.55 + 0.38 * step + (0.0, 0.03, -0.02, 0.01)[index % 4], 3)}
        for domain in list(WORDS["domains"])[index % 5 :: 5]:
            quality[f"{domain}_explain"] = round(min(0.97, quality["default"] + 0.05), 3)
        listed.append(
            {
                "name": f"model_{index:02}",
                "provider": "local" if index < 4 else "cloud",
                "tags": ["local", "eu"] if index < 4 else (["eu"] if index % 2 else ["us"]),
                "context_window": (8_192, 32_768, 131_072, 1_000_000)[index % 4],
                "max_output_tokens": 4_096,
                "tokenizer": "o200k",
                "capabilities": ["tools"] if index % 3 else ["tools", "json_schema"],
                "price": {"input": price, "output": round(4 * price, 3)},
                "latency": {"first_token": f"{80 + 25 * index}ms", "per_token": f"{3 + index}ms"},
                "quality": quality,
            }
        )
    return listed


def routes(draw: Draw) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = []
    for index, name in enumerate(route_names()):
        domain, intent = name.rsplit("_", 1)
        candidates = sorted({(index * 7 + 3 * step) % 16 for step in range(6)})
        listed.append(
            {
                "name": name,
                "description": f"Requests about the {domain}: {intent}.",
                "examples": examples(domain, intent, draw),
                "choose": [f"model_{model:02}" for model in candidates],
                "fallback": ["model_01", "model_03"],
                "objective": ("balanced", "cheapest", "balanced", "fastest", "balanced", "best")[index % 6],
                "expected_output_tokens": 100 + 50 * (index % 9),
                "prompts": [{"use": f"prompt_{index % 8}"}],
            }
        )
    listed.append(
        {
            "name": "general",
            "description": "Everything else.",
            "choose": ["model_04", "model_08", "model_12"],
            "fallback": ["model_01"],
        }
    )
    return listed


def rules(lists: list[list[str]]) -> list[dict[str, object]]:
    """Returns 40 rules: 30 over keywords, of which 20 name a route; 10 over lengths and what the caller says."""
    names = route_names()
    listed: list[dict[str, object]] = []
    for index, some in enumerate(lists):
        condition: dict[str, object] = {"keywords": {"any": some, "match": "word"}}
        then: dict[str, object]
        if index < 16:
            then = {"route": names[(index * 13) % 200]}
        elif index < 20:
            condition = {"all": [condition, {"not": {"metadata": {"key": "internal", "exists": True}}}]}
            then = {"route": names[(index * 13) % 200]}
        elif index < 24:
            then = {"restrict": {"tags": ["eu"]}}
        elif index < 27:
            then = {"objective": ("best", "cheapest", "fastest")[index % 3]}
        else:
            then = {"model": f"model_{index % 16:02}"}
        listed.append({"name": f"keywords_{index:02}", "when": condition, "then": then})
    listed += [
        {"name": "short", "when": {"characters": {"max": 285}}, "then": {"difficulty": 0.3}},
        {"name": "medium", "when": {"characters": {"min": 286, "max": 315}}, "then": {"difficulty": 0.5}},
        {"name": "long", "when": {"characters": {"min": 316}}, "then": {"difficulty": 0.7}},
        {
            "name": "many_tokens",
            "when": {"tokens": {"min": 4000, "tokenizer": "o200k"}},
            "then": {"objective": "cheapest"},
        },
        {
            "name": "free_tier",
            "when": {"metadata": {"key": "tier", "equals": "free"}},
            "then": {"restrict": {"tags": ["local"]}},
        },
        {
            "name": "europe",
            "when": {"metadata": {"key": "region", "in": ["eu", "uk"]}},
            "then": {"restrict": {"tags": ["eu"]}},
        },
        {"name": "long_talk", "when": {"turns": {"min": 20}}, "then": {"objective": "cheapest"}},
        {"name": "batch", "when": {"task": {"in": ["batch", "backfill"]}}, "then": {"objective": "cheapest"}},
        {
            "name": "huge",
            "when": {"any": [{"characters": {"min": 40_000}}, {"tokens": {"min": 9_000, "tokenizer": "o200k"}}]},
            "then": {"model": "model_15"},
        },
        {
            "name": "blocked",
            "when": {"metadata": {"key": "blocked", "equals": True}},
            "then": {"reject": "this account is blocked"},
        },
    ]
    return listed


def configuration() -> dict[str, object]:
    return {
        "version": 1,
        "providers": {
            "local": {"kind": "openai", "base_url": "http://127.0.0.1:11434/v1"},
            "cloud": {"kind": "openai", "base_url": "https://api.example.com/v1"},
        },
        "models": models(),
        "prompts": [
            {"name": f"prompt_{index}", "system": f"You answer questions of kind {index}. Be brief and exact."}
            for index in range(8)
        ],
        "routes": routes(Draw(1)),
        "rules": rules(keywords()),
        "classify": {"order": ["task", "rules", "similarity"], "similarity": {"margin": 0.02}},
        "default": {"route": "general"},
    }


def prompt(index: int, lists: list[list[str]], draw: Draw) -> str:
    """Returns one prompt: an opening, the request in three sentences, context until about 300 bytes, a closing."""
    nouns = WORDS["domains"][draw.one(list(WORDS["domains"]))]
    asked = WORDS["intents"][draw.one(list(WORDS["intents"]))]["prompts"]
    sentences = [f"{sentence}.".format(draw.one(nouns)) for sentence in asked]
    if index % 16 == 5:
        sentences = [draw.one(WORDS["elsewhere"])]
    if index % 6 == 1:
        sentences.append(f"It concerns the {draw.one(lists[draw.below(20)]).title()}.")
    if index % 6 == 3:
        sentences.append(f"The label says {draw.one(lists[20 + draw.below(10)]).upper()}.")
    if index % 16 == 7:
        sentences.append(draw.one(WORDS["typographic"]))
    opener, closer = draw.one(WORDS["openers"]), draw.one(WORDS["closers"])
    rest = list(WORDS["elsewhere"] if index % 16 == 5 else WORDS["context"])
    while rest and len(" ".join([opener, *sentences, closer]).encode()) < TARGET_BYTES - 35:
        sentences.append(rest.pop(draw.below(len(rest))))
    return " ".join([opener, *sentences, closer])


def prompts() -> list[str]:
    draw, lists = Draw(2), keywords()
    listed: list[str] = []
    while len(listed) < PROMPTS:
        text = prompt(len(listed), lists, draw)
        if text not in listed:
            listed.append(text)
    return listed


def write(directory: Path, *, accept: bool = False) -> Path:
    """Writes both files into `directory` and returns it.

    Raises `SystemExit` when their hashes are not those of `SHA256SUMS`.
    """
    # JSON is YAML: the file keeps the name that users know, and no YAML writer is needed.
    files = {
        "fastroute.yaml": json.dumps(configuration(), indent=1, ensure_ascii=False) + "\n",
        "prompts.txt": "\n".join(prompts()) + "\n",
    }
    sums = "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in files.items())
    if accept:
        (HERE / "SHA256SUMS").write_text(sums)
    elif (HERE / "SHA256SUMS").read_text() != sums:
        raise SystemExit(
            f"the reference workload differs from {HERE / 'SHA256SUMS'}; run with --accept if that is wanted"
        )
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--accept"]
    print(write(Path(arguments[0]) if arguments else DEFAULT_DIRECTORY, accept="--accept" in sys.argv))
