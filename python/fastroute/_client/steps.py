"""What each method of a client sends and asks, without saying how.

A method is a generator: it yields a `Send` and gets the answer's bytes, or an
`Ask` and gets a label. One client drives it with calls, the other with awaits, so
neither says what a method does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from typing import Any, NamedTuple, TypeAlias, TypeVar

from fastroute._fastroute import Question, _Call, _Names

T = TypeVar("T")


class Send(NamedTuple):
    """A call to make; the step gets the bytes of its answer."""

    method: str
    request: bytes


class Ask(NamedTuple):
    """A question to put; the step gets a label, or None when it is declined."""

    question: Question


Steps: TypeAlias = Generator[Send | Ask, Any, T]


def route(call: _Call, unavailable: Any, asks: bool) -> Steps[tuple[_Call, bytes]]:
    """Decides, and asks the meta-LLM's question of the caller when it wants to be asked.

    A callable `unavailable` is called again after the question, as asking takes time.
    """
    reply = yield Send("Route", call.encode(return_question=asks))
    asked = call.question(reply)
    if asked is not None:
        question, revision = asked
        started = time.monotonic()
        label = yield Ask(question)
        call = call.answered(label, time.monotonic() - started, revision, unavailable)
        reply = yield Send("Route", call.encode())
    return call, reply


def route_batch(names: _Names, calls: Iterable[tuple[int, bytes]]) -> Steps[bytearray]:
    """Makes calls that each decide for so many texts, one after the other, and joins their rows."""
    rows = bytearray()
    first = 0
    for count, request in calls:
        reply = yield Send("RouteBatch", request)
        rows += names.read(reply, first, count)
        first += count
    return rows


def send(method: str, request: bytes, read: Callable[[bytes], T]) -> Steps[T]:
    """Makes one call and reads its answer."""
    reply = yield Send(method, request)
    return read(reply)
