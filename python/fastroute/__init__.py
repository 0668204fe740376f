"""Decides which prompt and which model should serve a request, in microseconds.

>>> import fastroute
>>> router = fastroute.Router.default()
>>> decision = router.route("Translate 'good morning' into French.")
>>> decision.outcome, decision.route
('routed', 'translation')

`Router` holds one configuration; `Router.route` answers with a `Decision`, and
`Router.route_batch` with a numpy array. Everything that goes wrong is a
`FastrouteError` with a stable code.

`Server` serves the same decisions over gRPC and HTTP, and `Client` and
`AsyncClient` have the methods of `Router` for calling one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastroute._exceptions import (
    ConfigError,
    ConfigIssue,
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
    Missing,
    Note,
    Question,
    Reason,
    Retrieval,
    Router,
    Server,
    TooLong,
    __version__,
    check,
    schema,
)
from fastroute._server import Addresses, RefusedConfig, ServerStatus

if TYPE_CHECKING:
    from fastroute._client.awaiting import AsyncClient, AsyncRemoteDecision
    from fastroute._client.blocking import Client, RemoteDecision

__all__ = [
    "ATTEMPT_OUTCOMES",
    "DEFAULT_CONFIG",
    "OUTCOMES",
    "REASONS",
    "Addresses",
    "AsyncClient",
    "AsyncRemoteDecision",
    "Cascade",
    "Client",
    "ConfigError",
    "ConfigIssue",
    "Decision",
    "Deployment",
    "Explanation",
    "FastrouteError",
    "InternalError",
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
    "TooLong",
    "__version__",
    "check",
    "schema",
]

# Imported when they are asked for: clients need asyncio and more, which deciding in-process does not.
_CLIENTS = {
    "AsyncClient": "fastroute._client.awaiting",
    "AsyncRemoteDecision": "fastroute._client.awaiting",
    "Client": "fastroute._client.blocking",
    "RemoteDecision": "fastroute._client.blocking",
}


def __getattr__(name: str) -> object:
    if name not in _CLIENTS:
        raise AttributeError(f"module `fastroute` has no attribute `{name}`")
    from importlib import import_module

    value: object = getattr(import_module(_CLIENTS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
