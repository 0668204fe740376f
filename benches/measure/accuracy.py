"""Row: accuracy of the route on three public sets, ten examples an intent.

Question: is similarity good enough to route by? Input: the fixed ten-example files for BANKING77, CLINC150 and
HWU64, every intent a route, and validation texts that are not among the examples (BANKING77 has no validation
file, so its training texts less the examples serve). Fair because it goes through the public API alone: a
configuration of routes with examples, thresholds and margin 0 so that nothing abstains, and `route_batch`.

The encoder's rows and the head's are int8 here as everywhere. A text that abstains all the same (the encoder
knows too few of its words) counts as wrong.

The data is not part of the project: the folder is FASTROUTE_DATA, `../shared/data` by default, and the row is
skipped where it is absent. What would make it lie: tuning on it. Final figures are taken on other texts.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path
from typing import Any

import fastroute
from measure import workload
from measure.report import Row

SETS = {
    "BANKING77": ("A_fewshot_banking77_10shot", "A_banking77_train", 0.78),
    "CLINC150": ("A_fewshot_clinc150_10shot", "A_clinc150_val", 0.84),
    "HWU64": ("A_fewshot_hwu64_10shot", "A_hwu64_valid", 0.75),
}


def ten_intents() -> tuple[dict[str, list[str]], list[tuple[str, str]]] | None:
    """Returns ten examples each of CLINC150's first ten intents by name, and validation texts with labels."""
    data = _data()
    examples_file, texts_file, _ = SETS["CLINC150"]
    if not all(_path(data, file).exists() for file in (examples_file, texts_file)):
        return None
    examples, asked = _read(data, examples_file, texts_file)
    chosen = dict(sorted(examples.items())[:10])
    return chosen, [(text, label) for text, label in asked if label in chosen]


def row() -> Row:
    question = (
        "accuracy on the fixed 10-example files, validation (" + ", ".join(SETS) + "; argmax, abstention off, int8)"
    )
    bars = [bar for _, _, bar in SETS.values()]
    bar = "at least " + ", ".join(f"{bar:.2f}".lstrip("0") for bar in bars)
    data = _data()
    missing = [name for name, files in SETS.items() if not all(_path(data, file).exists() for file in files[:2])]
    if missing:
        return Row(question, bar, f"skipped: no data for {', '.join(missing)} in FASTROUTE_DATA")
    measured = {name: _measure(data, examples, texts) for name, (examples, texts, _) in SETS.items()}
    shown = ", ".join(f"{one['accuracy']:.3f}".lstrip("0") for one in measured.values())
    load = max(one["load_s"] for one in measured.values())
    met = all(one["accuracy"] >= bar for one, bar in zip(measured.values(), bars, strict=True))
    return Row(question, bar, f"{shown}; loads in {load:.1f} s at most", met, {"sets": measured})


def _data() -> Path:
    return Path(os.environ.get("FASTROUTE_DATA", workload.ROOT / "../shared/data"))


def _read(data: Path, examples_file: str, texts_file: str) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Returns the examples by label, and the labelled texts that are not among them."""
    examples: dict[str, list[str]] = {}
    for line in _lines(_path(data, examples_file)):
        examples.setdefault(_label(line), []).append(line["text"])
    known = {_plain(text) for texts in examples.values() for text in texts}
    lines = _lines(_path(data, texts_file))
    asked = [(line["text"], _label(line)) for line in lines if _plain(line["text"]) not in known]
    strangers = {label for _, label in asked} - set(examples)
    if strangers:
        raise SystemExit(f"`{texts_file}` has labels without examples: {sorted(strangers)}")
    return examples, asked


def _measure(data: Path, examples_file: str, texts_file: str) -> dict[str, Any]:
    examples, asked = _read(data, examples_file, texts_file)
    start = time.perf_counter()
    router = fastroute.Router.from_string(json.dumps(_configuration(examples)), format="json")
    load_s = time.perf_counter() - start
    answers = router.route_batch([text for text, _ in asked])
    right = sum(
        router.routes[route] == label for route, (_, label) in zip(answers["route"].tolist(), asked, strict=True)
    )
    return {"accuracy": right / len(asked), "texts": len(asked), "routes": len(examples), "load_s": round(load_s, 2)}


def _configuration(examples: dict[str, list[str]]) -> dict[str, Any]:
    model = {"name": "model", "provider": "local", "context_window": 8192, "price": {"input": 0.1, "output": 0.4}}
    model |= {"latency": {"first_token": "100ms", "per_token": "5ms"}, "quality": {"default": 0.8}}
    return {
        "version": 1,
        "providers": {"local": {"kind": "openai"}},
        "models": [model],
        "routes": [
            *({"name": name, "examples": texts, "threshold": 0} for name, texts in examples.items()),
            {"name": "abstained"},
        ],
        "classify": {"order": ["similarity"], "similarity": {"margin": 0}},
        "default": {"route": "abstained"},
    }


def _label(line: dict[str, str]) -> str:
    return line["label"].lower()


def _plain(text: str) -> str:
    """Returns the letters and digits alone: the files differ in case and punctuation."""
    return "".join(character for character in text.lower() if character.isalnum())


def _path(data: Path, name: str) -> Path:
    return data / f"{name}.jsonl.gz"


def _lines(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]
