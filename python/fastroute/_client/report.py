"""What a client says of an attempt: one report, without the text of the answer.

Of an answer its hash and its length go out, so that equal answers can be counted and none can be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

from fastroute._fastroute import _Decided, _encode_report

LimitScope = Literal["credential", "model", "provider"]


def report_of(
    decision: _Decided,
    outcome: str | None,
    *,
    model: str | None,
    attempt: int,
    first_token_ms: float | None,
    latency_ms: float | None,
    input_tokens: int | None,
    cached_tokens: int | None,
    output_tokens: int | None,
    retry_after_s: float | None,
    limit_scope: LimitScope,
    feedback: Mapping[str, Any] | None,
    output: str | bytes | None,
) -> bytes:
    """Returns the message of a report on one attempt of a decision."""
    if output is not None:
        text = output.encode("utf-8", "surrogatepass") if isinstance(output, str) else output
        seen = (hashlib.sha256(text).digest(), len(text))
    return _encode_report(
        decision.report_token,
        outcome,
        model if model is not None else decision.model or "",
        attempt,
        first_token_ms,
        latency_ms,
        input_tokens,
        cached_tokens,
        output_tokens,
        retry_after_s,
        limit_scope,
        None if feedback is None else (feedback["kind"], feedback["score"]),
        None if output is None else seen,
    )
