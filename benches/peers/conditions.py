"""Compiles the reference workload's conditions into Python closures, once, as a careful engineer would.

Covers the conditions that the workload uses: keywords, characters, tokens, metadata, task, turns and their
combinations. Three values as in DESIGN §7: `None` is unknown, a rule fires only on `True`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Test = Callable[["Facts"], bool | None]


@dataclass(slots=True)
class Facts:
    """What conditions read; `tokens` is measured once whoever asks."""

    text: str
    tokens: int
    hits: set[int]
    metadata: dict[str, Any]
    task: str | None
    turns: int = 1


@dataclass
class Compiler:
    """Numbers the keyword tests and remembers their words."""

    words: list[str] = field(default_factory=list)
    test_of: list[int] = field(default_factory=list)
    tests: int = 0

    def compile(self, condition: dict[str, Any]) -> Test:
        (kind, body), *_ = condition.items()
        build: Callable[[Any], Test] = getattr(self, f"_{kind}")
        return build(body)

    def _keywords(self, body: dict[str, Any]) -> Test:
        number = self.tests
        self.tests += 1
        self.words += [word.lower() for word in body["any"]]
        self.test_of += [number] * len(body["any"])
        return lambda facts: number in facts.hits

    def _characters(self, body: dict[str, Any]) -> Test:
        low, high = body.get("min", 0), body.get("max", float("inf"))
        return lambda facts: low <= len(facts.text) <= high

    def _tokens(self, body: dict[str, Any]) -> Test:
        low, high = body.get("min", 0), body.get("max", float("inf"))
        return lambda facts: low <= facts.tokens <= high

    def _turns(self, body: dict[str, Any]) -> Test:
        low, high = body.get("min", 0), body.get("max", float("inf"))
        return lambda facts: low <= facts.turns <= high

    def _task(self, body: dict[str, Any]) -> Test:
        flags = frozenset(body["in"])
        return lambda facts: None if facts.task is None else facts.task in flags

    def _metadata(self, body: dict[str, Any]) -> Test:
        key = body["key"]
        if "exists" in body:
            expected = body["exists"]
            return lambda facts: (key in facts.metadata) is expected
        values = [body["equals"]] if "equals" in body else body["in"]
        kind = type(values[0])

        def is_one(facts: Facts) -> bool | None:
            value = facts.metadata.get(key)
            return value in values if type(value) is kind else None

        return is_one

    def _not(self, body: dict[str, Any]) -> Test:
        inner = self.compile(body)

        def negated(facts: Facts) -> bool | None:
            value = inner(facts)
            return None if value is None else not value

        return negated

    def _all(self, body: list[dict[str, Any]]) -> Test:
        inner = [self.compile(condition) for condition in body]

        def every(facts: Facts) -> bool | None:
            least: bool | None = True
            for test in inner:
                value = test(facts)
                if value is False:
                    return False
                if value is None:
                    least = None
            return least

        return every

    def _any(self, body: list[dict[str, Any]]) -> Test:
        inner = [self.compile(condition) for condition in body]

        def some(facts: Facts) -> bool | None:
            greatest: bool | None = False
            for test in inner:
                value = test(facts)
                if value:
                    return True
                if value is None:
                    greatest = None
            return greatest

        return some
