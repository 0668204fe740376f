"""What each model of the mock answers, how fast, and how it fails.

A script is JSON or TOML:

    {"models": {"small": {"replies": ["Yes."], "latency_ms": 20, "failure_share": 0.3},
                "large": {"behaviours": ["hang", "answer"]}}}

A model that the script does not name answers with one sentence, at once.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BEHAVIOURS = {
    "answer": "answers",
    "close": "closes the connection instead of answering",
    "close_midway": "closes it in the middle of the answer",
    "content_filter": "answers that its policy refused",
    "context_too_long": "says with status 400 that the context is too long",
    "error_inside": "answers with status 200 and an error inside",
    "hang": "reads the request and says nothing",
    "hang_midway": "says nothing more in the middle of the answer",
    "huge": "answers with 10 MB",
    "lying_usage": "answers with counts of tokens that cannot be",
    "malformed": "answers with what is no JSON",
    "no_choices": "answers without a choice",
    "quota_exhausted": "says with status 429 that the quota is used up",
    "rate_limited": "answers with status 429 and names no time",
    "trickle": "answers one byte at a time, slowly",
}
"""Names of what a model can do, and what each does; a number is a status to answer with."""


class MockModel:
    """One model of the mock.

    Replies and behaviours are taken in order. Replies begin again after the last one; behaviours do
    not, and what follows them is an answer, or with `failure_share` at random a failure.
    """

    def __init__(
        self,
        name: str,
        *,
        replies: list[str | dict[str, Any]] | None = None,
        latency_ms: float = 0.0,
        per_token_ms: float = 0.0,
        failure_share: float = 0.0,
        failure: str | int = 503,
        behaviours: list[str | int] | None = None,
        log_probability: float | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        for each in [failure, *(behaviours or [])]:
            if not (each in BEHAVIOURS or (isinstance(each, int) and 400 <= each < 600)):
                raise ValueError(f"model `{name}`: `{each}` is no behaviour and no status from 400 to 599")
        if not 0 <= failure_share <= 1:
            raise ValueError(f"model `{name}`: `failure_share` is a share, 0 to 1")
        self.name = name
        self.latency_s = latency_ms / 1000
        self.per_token_s = per_token_ms / 1000
        self.headers = dict(headers or {})
        self.log_probability = log_probability
        self._replies = list(replies or [f"This is {name}."])
        self._behaviours = list(behaviours or [])
        self._failure_share = failure_share
        self._failure = failure
        self._answers = 0
        self._draw = random.Random(name)

    def next_behaviour(self) -> str | int:
        """Returns what the next call meets."""
        if self._behaviours:
            return self._behaviours.pop(0)
        return self._failure if self._draw.random() < self._failure_share else "answer"

    def next_reply(self) -> dict[str, Any]:
        """Returns the next reply as its fields."""
        reply = self._replies[self._answers % len(self._replies)]
        self._answers += 1
        return {"text": reply} if isinstance(reply, str) else dict(reply)


def read_script(path: Path) -> dict[str, Any]:
    """Reads a script from a JSON or TOML file; raises ValueError with what is wrong."""
    text = path.read_text(encoding="utf-8")
    script = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    if not isinstance(script, dict):
        raise ValueError("a script is an object with the key `models`")
    models_of(script)
    return script


def models_of(script: Mapping[str, Any]) -> dict[str, MockModel]:
    """Makes the models of a script; raises ValueError with what is wrong."""
    unknown = set(script) - {"models"}
    models = script.get("models", {})
    if unknown or not isinstance(models, Mapping):
        raise ValueError("a script has one key, `models`: the settings of each by name")
    made: dict[str, MockModel] = {}
    for name, settings in models.items():
        if not isinstance(settings, Mapping):
            raise ValueError(f"model `{name}`: settings are an object")
        try:
            made[name] = MockModel(name, **settings)
        except TypeError as error:
            raise ValueError(f"model `{name}`: {str(error).rpartition('() ')[2]}") from None
    return made
