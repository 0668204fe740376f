"""Decides which prompt and which model should serve a request, in microseconds.

>>> import fastroute
>>> router = fastroute.Router.default()
>>> decision = router.route("Translate 'good morning' into French.")
>>> decision.outcome, decision.route
('routed', 'translation')

`Router` holds one configuration; `Router.route` answers with a `Decision`, and
`Router.route_batch` with a numpy array. Everything that goes wrong is a
`FastrouteError` with a stable code.

`Dispatcher` and `SyncDispatcher` run what was decided: they call models until there is an answer,
through failures, and within one deadline and one budget.

`Server` serves the same decisions over gRPC and HTTP, and `Client` and
`AsyncClient` have the methods of `Router` for calling one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastroute._exceptions import (
    ConfigError,
    ConfigIssue,
    DispatchError,
    FastrouteError,
    InternalError,
    RenderError,
    RequestError,
    ServerError,
    ServiceError,
)
from fastroute._fastroute import (
    ATTEMPT_OUTCOMES,
    DEFAULT_CONFIG,
    OUTCOMES,
    REASONS,
    Cascade,
    Decision,
    Deployment,
    Explanation,
    Live,
    Missing,
    Note,
    Question,
    Reason,
    Retrieval,
    Router,
    Server,
    TooLong,
    Transition,
    __version__,
    check,
    now_us,
    schema,
)
from fastroute._server import Addresses, RefusedConfig, ServerStatus

if TYPE_CHECKING:
    from fastroute import mock as mock
    from fastroute import providers as providers
    from fastroute._client.awaiting import AsyncClient, AsyncRemoteDecision
    from fastroute._client.blocking import Client, RemoteDecision
    from fastroute._dispatch.answer import Answer, Attempt, Chunk, Costs
    from fastroute._dispatch.blocking import SyncDispatcher
    from fastroute._dispatch.dispatcher import Dispatcher

__all__ = [
    "ATTEMPT_OUTCOMES",
    "DEFAULT_CONFIG",
    "OUTCOMES",
    "REASONS",
    "Addresses",
    "Answer",
    "AsyncClient",
    "AsyncRemoteDecision",
    "Attempt",
    "Cascade",
    "Chunk",
    "Client",
    "ConfigError",
    "ConfigIssue",
    "Costs",
    "Decision",
    "Deployment",
    "DispatchError",
    "Dispatcher",
    "Explanation",
    "FastrouteError",
    "InternalError",
    "Live",
    "Missing",
    "Note",
    "Question",
    "Reason",
    "RefusedConfig",
    "RemoteDecision",
    "RenderError",
    "RequestError",
    "Retrieval",
    "Router",
    "Server",
    "ServerError",
    "ServerStatus",
    "ServiceError",
    "SyncDispatcher",
    "TooLong",
    "Transition",
    "__version__",
    "check",
    "now_us",
    "schema",
]

# Imported when they are asked for: clients and dispatchers need asyncio and more, which deciding in-process does not.
_LATER = {
    "Answer": "fastroute._dispatch.answer",
    "AsyncClient": "fastroute._client.awaiting",
    "AsyncRemoteDecision": "fastroute._client.awaiting",
    "Attempt": "fastroute._dispatch.answer",
    "Chunk": "fastroute._dispatch.answer",
    "Client": "fastroute._client.blocking",
    "Costs": "fastroute._dispatch.answer",
    "Dispatcher": "fastroute._dispatch.dispatcher",
    "RemoteDecision": "fastroute._client.blocking",
    "SyncDispatcher": "fastroute._dispatch.blocking",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "providers":
        return import_module("fastroute.providers")
    if name not in _LATER:
        raise AttributeError(f"module `fastroute` has no attribute `{name}`")
    value: object = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
