"""The programs of `examples/dispatch` run, on the mock."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import fastroute
from dispatched import outcomes_of
from fastroute.mock import MockThread, read_script
from shared import ROOT

HERE = ROOT / "examples" / "dispatch"


def program(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_three_tiers_of_which_two_fail(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asyncio.run(program("three_tiers").main("What is the capital of Portugal?"))
    assert answer.text == "Lisbon is the capital of Portugal."
    assert answer.model == "large"
    assert [outcome for _, outcome in outcomes_of(answer.attempts)] == ["server_error", "timeout", "success"]
    said = capsys.readouterr().out
    assert "small at desk, primary: server_error" in said
    assert "middle at rack, fallback: timeout" in said
    assert "large at cloud, fallback: success" in said


def test_the_configuration_of_the_example_is_accepted_as_it_is() -> None:
    router = fastroute.Router.from_file(HERE / "fastroute.yaml")
    assert router.models == ("small", "middle", "large")
    assert not router.warnings
    read_script(HERE / "mock.json")


class Llama:
    """What the example uses of `llama_cpp.Llama`."""

    def create_chat_completion(self, messages: list[dict[str, Any]], **options: Any) -> Iterator[dict[str, Any]]:
        assert options == {"max_tokens": 512, "stream": True}
        assert messages[-1]["content"] == "Well?"
        yield {"choices": [{"delta": {"role": "assistant"}, "finish_reason": None}]}
        for word in ("Very", " well."):
            yield {"choices": [{"delta": {"content": word}, "finish_reason": None}]}
        yield {"choices": [{"delta": {}, "finish_reason": "stop"}]}


def test_a_model_in_this_process_is_a_tier(capsys: pytest.CaptureFixture[str]) -> None:
    assert program("llama_cpp").main(Llama(), "Well?") == "Very well."
    assert capsys.readouterr().out == "Very well.\n"


def test_ollama_is_a_tier_by_its_address() -> None:
    module = program("ollama")
    with MockThread({"models": {"qwen2.5:7b": {"replies": ["Very well."]}}}) as mock:
        config = module.CONFIG.replace("http://127.0.0.1:11434/v1", mock.base_url)
        assert module.main("Well?", config) == "Very well."


def test_every_program_is_in_the_page() -> None:
    page = (HERE / "README.md").read_text(encoding="utf-8")
    assert all(f"[{path.name}]({path.name})" in page for path in Path(HERE).iterdir() if path.name != "README.md")
