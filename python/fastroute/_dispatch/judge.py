"""What an answer comes with to be judged: its confidence, its form, the key that equal answers share.

What the figures mean, and whether an answer is accepted, the run decides. Here only the user's own
function and Python's parser are added, which exist nowhere else.
"""

from __future__ import annotations

import ast
import json
import logging
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fastroute._dispatch.call import Reply
from fastroute._dispatch.functions import call_function
from fastroute._fastroute import (
    Call,
    Decision,
    answer_key,
    in_form,
    judge_log_probabilities,
    read_self_report,
)

_LOG = logging.getLogger("fastroute")

_FENCE = re.compile(r"```(?:python3?|py)?[ \t]*\r?\n(.*?)^```", re.DOTALL | re.MULTILINE)
_MAX_PARSED = 256 << 10

Functions = Mapping[str, Callable[[str, str], Any]]
"""By name, functions of the request's text and the answer's; each returns a confidence from 0 to 1, or None."""


class Judged(NamedTuple):
    """What is known of an answer."""

    confidence: float | None = None
    in_form: bool | None = None
    answer_key: int | None = None


async def judge(call: Call, reply: Reply, decision: Decision, request_text: str, functions: Functions) -> Judged:
    """Finds what `call.wants`; takes a self-report out of the reply's text."""
    confidence: float | None = None
    is_in_form: bool | None = None
    key: int | None = None
    if reply.tool_calls and not reply.text.strip():
        return _judge_tool_calls(reply)
    for want in call.wants:
        if want == "log_probabilities":
            confidence = judge_log_probabilities(reply.log_probabilities or [])
        elif want == "self_report":
            reply.text, confidence = read_self_report(reply.text)
        elif want == "function":
            confidence = await _ask_function(decision, request_text, reply.text, functions)
    for want in call.wants:
        if want == "form":
            is_in_form = _form(decision, reply.text)
        elif want == "answer_key":
            key = answer_key(reply.text)
    return Judged(confidence, is_in_form, key)


def _judge_tool_calls(reply: Reply) -> Judged:
    """Takes calls of tools as they are, if their arguments are JSON: there is no text to be judged."""
    try:
        calls = [(call.name, json.loads(call.arguments or "{}")) for call in reply.tool_calls]
    except (ValueError, RecursionError):
        return Judged(0.0, False)
    return Judged(1.0, True, answer_key(json.dumps(calls, sort_keys=True)))


async def _ask_function(decision: Decision, request: str, answer: str, functions: Functions) -> float | None:
    name = decision.cascade.function if decision.cascade is not None else None
    function = functions.get(name or "")
    if function is None:
        return None
    try:
        found = await call_function(function, request, answer)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        # A function that fails knows nothing; an answer of which nothing is known is not accepted.
        # The type alone, as the message may quote the answer.
        _LOG.warning("function `%s`, which judges answers, failed: %s", name, type(error).__name__)
        return None
    if isinstance(found, bool):
        return float(found)
    if isinstance(found, int | float) and 0 <= found <= 1:
        return float(found)
    if found is not None:
        _LOG.warning("function `%s`, which judges answers, returned no figure from 0 to 1", name)
    return None


def _form(decision: Decision, text: str) -> bool | None:
    if decision.cascade is not None and decision.cascade.format == "python":
        return parses(text)
    return in_form(decision, text)


def parses(text: str) -> bool | None:
    """Tells whether a text is Python, in a fence or bare; None for one that is too long to be tried."""
    if len(text) > _MAX_PARSED:
        return None
    fenced = _FENCE.findall(text)
    code = "\n".join(fenced) if fenced else text
    if not code.strip():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
