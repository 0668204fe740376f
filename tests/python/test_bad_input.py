"""Bad input gives a typed error or a decision: never a panic, never more than linear time."""

from __future__ import annotations

import resource
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import fastroute
from fastroute import Router

SECRET = "my secret is 4711"

REFUSED: dict[str, tuple[str, Callable[[Router], Any]]] = {
    "a_lone_surrogate_in_the_text": ("NOT_UTF8", lambda r: r.route(SECRET + "\ud800")),
    "a_lone_surrogate_in_the_task": ("NOT_UTF8", lambda r: r.route("x", task="\udfff")),
    "a_lone_surrogate_in_a_metadata_value": (
        "NOT_UTF8",
        lambda r: r.route("x", metadata={"a": SECRET + "\ud800"}),
    ),
    "a_lone_surrogate_in_a_metadata_key": (
        "NOT_UTF8",
        lambda r: r.route("x", metadata={"\ud800": 1}),
    ),
    "a_lone_surrogate_in_a_message": (
        "NOT_UTF8",
        lambda r: r.route(messages=[{"role": "user", "content": SECRET + "\ud800"}]),
    ),
    "bytes_that_are_not_utf8": ("NOT_UTF8", lambda r: r.route(SECRET.encode() + b"\xff")),
    "bytes_that_end_inside_a_character": ("NOT_UTF8", lambda r: r.route("é".encode()[:1])),
    "a_text_over_the_limit": ("TEXT_TOO_LONG", lambda r: r.route("x" * (8 * 2**20 + 1))),
    "messages_over_the_limit": (
        "TOO_MANY_MESSAGES",
        lambda r: r.route(messages=[{"role": "user", "content": "x"}] * 10_001),
    ),
    "ten_thousand_metadata_keys": (
        "TOO_MUCH_METADATA",
        lambda r: r.route("x", metadata={f"key{i}": i for i in range(10_000)}),
    ),
    "metadata_that_is_nan": (
        "INVALID_METADATA",
        lambda r: r.route("x", metadata={"a": float("nan")}),
    ),
    "metadata_that_is_infinite": (
        "INVALID_METADATA",
        lambda r: r.route("x", metadata={"a": float("inf")}),
    ),
    "metadata_beyond_a_float": (
        "INVALID_METADATA",
        lambda r: r.route("x", metadata={"a": 10**400}),
    ),
    "metadata_that_is_a_list": ("INVALID_METADATA", lambda r: r.route("x", metadata={"a": [1]})),  # type: ignore[dict-item]
    "a_quality_that_is_nan": ("INVALID_LIMIT", lambda r: r.route("x", min_quality=float("nan"))),
    "a_quality_above_one": ("INVALID_LIMIT", lambda r: r.route("x", min_quality=1.5)),
    "a_cost_that_is_nan": ("INVALID_LIMIT", lambda r: r.route("x", max_cost=float("nan"))),
    "a_cost_below_zero": ("INVALID_LIMIT", lambda r: r.route("x", max_cost=-0.01)),
    "a_cost_beyond_a_float": ("INVALID_LIMIT", lambda r: r.route("x", max_cost=10**400)),
    "a_latency_that_is_nan": ("INVALID_LIMIT", lambda r: r.route("x", max_latency_ms=float("nan"))),
    "a_latency_that_is_infinite": (
        "INVALID_LIMIT",
        lambda r: r.route("x", max_latency_ms=float("inf")),
    ),
    "a_latency_below_zero": ("INVALID_LIMIT", lambda r: r.route("x", max_latency_ms=-1)),
    "no_expected_output": ("INVALID_LIMIT", lambda r: r.route("x", expected_output_tokens=0)),
    "a_negative_expected_output": (
        "INVALID_LIMIT",
        lambda r: r.route("x", expected_output_tokens=-1),
    ),
    "tools_beyond_32_bits": ("INVALID_LIMIT", lambda r: r.route("x", tools_tokens=2**32)),
    "a_negative_seed": ("INVALID_SEED", lambda r: r.route("x", seed=-1)),
    "a_seed_beyond_64_bits": ("INVALID_SEED", lambda r: r.route("x", seed=2**64)),
    "an_unknown_capability": (
        "UNKNOWN_CAPABILITY",
        lambda r: r.route("x", capabilities=["telepathy"]),
    ),
    "an_unknown_model": ("UNKNOWN_MODEL", lambda r: r.route("x", unavailable=["nobody"])),
    "a_message_without_role": ("INVALID_MESSAGE", lambda r: r.route(messages=[{"content": "x"}])),
    "a_message_of_an_unknown_role": (
        "INVALID_MESSAGE",
        lambda r: r.route(messages=[{"role": "king", "content": "x"}]),
    ),
    "a_message_that_is_a_text": ("INVALID_MESSAGE", lambda r: r.route(messages=["x"])),  # type: ignore[list-item]
    "a_part_without_a_type": (
        "INVALID_MESSAGE",
        lambda r: r.route(messages=[{"role": "user", "content": [{"text": "x"}]}]),
    ),
    "parts_over_the_limit": (
        "TOO_MANY_MESSAGES",
        lambda r: r.route(messages=[{"role": "user", "content": [{"type": "text", "text": "x"}] * 10_001}]),
    ),
    "a_lone_surrogate_in_a_tool_call": (
        "NOT_UTF8",
        lambda r: r.route(
            messages=[{"role": "assistant", "tool_calls": [{"function": {"arguments": SECRET + "\ud800"}}]}]
        ),
    ),
    "a_text_part_without_text": (
        "INVALID_MESSAGE",
        lambda r: r.route(messages=[{"role": "user", "content": [{"type": "text"}]}]),
    ),
    "one_bad_text_of_a_batch": ("NOT_UTF8", lambda r: r.route_batch(["x", SECRET + "\ud800"])),
    "one_long_text_of_a_batch": (
        "TEXT_TOO_LONG",
        lambda r: r.route_batch(["x", "x" * (8 * 2**20 + 1)]),
    ),
}

WRONG_TYPES: dict[str, Callable[[Any], Any]] = {
    "nothing_to_decide": lambda r: r.route(),
    "text_and_messages": lambda r: r.route("x", messages=[]),
    "a_number_as_text": lambda r: r.route(42),
    "a_list_as_metadata": lambda r: r.route("x", metadata=[("a", 1)]),
    "one_name_as_capabilities": lambda r: r.route("x", capabilities="tools"),
    "one_name_as_unavailable": lambda r: r.route("x", unavailable="small"),
    "a_callable_that_returns_one_name": lambda r: r.route("x", unavailable=lambda: "small"),
    "one_text_as_batch": lambda r: r.route_batch("x"),
    "a_text_as_limit": lambda r: r.route("x", max_cost="cheap"),
    "a_float_as_seed": lambda r: r.route("x", seed=1.5),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_a_request_error_with_its_code(small: Router, name: str) -> None:
    code, call = REFUSED[name]
    with pytest.raises(fastroute.RequestError) as caught:
        call(small)
    assert caught.value.code == code
    assert code not in str(caught.value)


@pytest.mark.parametrize("name", [name for name in REFUSED if "surrogate" in name or "utf8" in name])
def test_no_error_carries_the_text(small: Router, name: str) -> None:
    with pytest.raises(fastroute.RequestError) as caught:
        REFUSED[name][1](small)
    error: BaseException = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert error.__suppress_context__
    # The frames quote this file's source, so the trace is written without them.
    assert "4711" not in "".join(traceback.format_exception(error.with_traceback(None)))


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_a_wrong_type_is_a_type_error(small: Router, name: str) -> None:
    with pytest.raises(TypeError):
        WRONG_TYPES[name](small)


def test_the_place_of_bad_bytes_is_told(small: Router) -> None:
    with pytest.raises(fastroute.RequestError, match="byte `3`"):
        small.route(b"abc\xff")
    with pytest.raises(fastroute.RequestError, match=r"`texts\[2\]`"):
        small.route_batch([b"a", "b", b"\xff"])


@pytest.mark.parametrize("text", ["", " ", "\0", "a\0refund\0b", "\n" * 1000, "\u202e", "🔥" * 99, "e\u0301" * 99])
def test_odd_texts_are_decided(default: Router, text: str) -> None:
    decision = default.route(text)
    assert decision.outcome == "routed"
    assert default.route(text.encode()) == decision


def test_an_empty_conversation_is_decided(small: Router) -> None:
    assert small.route(messages=[]).route == "general"
    assert small.route(messages=[{"role": "user", "content": None}]).route == "general"


def test_any_mapping_is_metadata_and_none_is_absent(small: Router) -> None:
    plain = small.route("refund", metadata={"a": 1, "b": "x"})
    assert small.route("refund", metadata=MappingProxyType({"a": 1, "b": "x", "c": None})) == plain


def test_metadata_that_changes_while_it_is_read_is_read_as_it_was(small: Router) -> None:
    metadata: dict[str, Any] = {}

    class Number(int):
        def __float__(self) -> float:
            metadata["another"] = 1
            return 2.0

    metadata |= {"a": Number(1), "b": 2}
    assert small.route("refund", metadata=metadata).route == "refunds"
    assert "another" in metadata


def test_numbers_and_truth_values_of_numpy_are_metadata(small: Router) -> None:
    import numpy as np

    plain = small.route("refund", metadata={"tone": True})
    assert small.route("refund", metadata={"tone": np.bool_(True)}) == plain
    assert small.route("refund", metadata={"tone": np.float32(1.5)}).messages()[0]["content"].endswith("1.5")


def test_an_endless_conversation_is_too_long(small: Router) -> None:
    from itertools import repeat

    with pytest.raises(fastroute.RequestError) as caught:
        small.route(messages=repeat({"role": "user", "content": "x"}))
    assert caught.value.code == "TOO_MANY_MESSAGES"


@pytest.mark.parametrize("name", ["plain.yaml", "plain.json"])
def test_an_endless_configuration_is_too_large(name: str, tmp_path: Path) -> None:
    sparse = tmp_path / name
    with sparse.open("wb") as file:
        file.truncate(3 << 30)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in (sparse, Path("/dev/zero")):
        if path.exists():
            with pytest.raises(fastroute.ConfigError) as caught:
                Router.from_file(path)
            assert [issue.code for issue in caught.value.issues] == ["FILE_TOO_LARGE"]
            assert [issue.code for issue in fastroute.check(path)] == ["FILE_TOO_LARGE"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 200 * 1024  # KiB


def test_four_megabytes_are_decided_in_linear_time(default: Router) -> None:
    def seconds(size: int) -> float:
        text = ("The quick brown fox jumps over the lazy dog. " * (size // 45 + 1))[:size]
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            default.route(text)
            best = min(best, time.perf_counter() - start)
        return best

    quarter, whole = seconds(1 << 20), seconds(4 << 20)
    assert whole < 12 * quarter  # four times the text; quadratic would be sixteen
    assert whole < 10.0
