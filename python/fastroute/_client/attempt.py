"""One call: its deadline, its metadata, and which failures are tried again.

Every call of the service is safe to repeat. Tried again is what failed before a
decision was lost to anybody: `UNAVAILABLE`, and `RESOURCE_EXHAUSTED` when the
server says how long to wait. Waiting never passes the deadline: a wait that would
is not begun, and the failure is raised at once.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fastroute._exceptions import FastrouteError, ServiceError
from fastroute._fastroute import _error_of_status

if TYPE_CHECKING:
    import grpc

MAX_ATTEMPTS = 4
FIRST_WAIT = 0.05
"""Seconds before the second attempt, when the server names no time; doubled for each later one."""

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


class Attempts:
    """Counts the attempts of one call against its deadline."""

    def __init__(self, timeout: float) -> None:
        self._deadline = time.monotonic() + timeout
        self._made = 0

    def start(self) -> float:
        """Begins an attempt and returns the seconds that it has."""
        self._made += 1
        return max(self._deadline - time.monotonic(), 0.0)

    def wait_after(self, error: grpc.RpcError | grpc.aio.AioRpcError) -> float:
        """Returns the seconds to wait before another attempt, or raises what the failure means."""
        found = error_of(error)
        if not isinstance(found, ServiceError) or self._made >= MAX_ATTEMPTS:
            raise found from None
        if found.retry_after is not None and found.status in ("RESOURCE_EXHAUSTED", "UNAVAILABLE"):
            # A little more than was asked for, so that those who were sent away do not return as one.
            wait = found.retry_after * random.uniform(1.0, 1.2)
        elif found.status == "UNAVAILABLE":
            wait = FIRST_WAIT * 2 ** (self._made - 1) * random.uniform(0.5, 1.5)
        else:
            raise found from None
        if time.monotonic() + wait >= self._deadline:
            raise found from None
        return wait


def error_of(error: grpc.RpcError | grpc.aio.AioRpcError) -> FastrouteError:
    """Returns what a failed call means, as the in-process router would raise it."""
    number, _ = error.code().value
    trailing: Any = error.trailing_metadata()
    details = dict(trailing or ()).get("grpc-status-details-bin")
    found = _error_of_status(number, error.details() or "", details)
    assert isinstance(found, FastrouteError)
    return found


def metadata_of(token: str | None, traceparent: str | None) -> list[tuple[str, str]]:
    """Returns the metadata of a call: who calls, and the trace that it is part of.

    Without `traceparent`, OpenTelemetry's current context is passed on if the program uses it.
    """
    metadata: list[tuple[str, str]] = []
    if token is not None:
        metadata.append(("authorization", f"Bearer {token}"))
    if traceparent is not None:
        if not _TRACEPARENT.fullmatch(traceparent):
            raise ValueError("`traceparent` is not of the form that W3C Trace Context gives it")
        metadata.append(("traceparent", traceparent))
    elif "opentelemetry" in sys.modules:
        metadata.extend(_current_trace())
    return metadata


def _current_trace() -> Iterable[tuple[str, str]]:
    try:
        from opentelemetry.propagate import inject
    except ImportError:
        return
    carrier: dict[str, str] = {}
    inject(carrier)
    for key in ("traceparent", "tracestate"):
        if key in carrier:
            yield key, carrier[key]
