"""Decides which prompt and which model should serve a request, in microseconds.

>>> import fastroute
>>> router = fastroute.Router.default()
>>> decision = router.route("Translate 'good morning' into French.")
>>> decision.outcome, decision.route
('routed', 'translation')

`Router` holds one configuration; `Router.route` answers with a `Decision`, and
`Router.route_batch` with a numpy array. Everything that goes wrong is a
`FastrouteError` with a stable code.
"""

from __future__ import annotations

from fastroute._exceptions import (
    ConfigError,
    ConfigIssue,
    FastrouteError,
    InternalError,
    RenderError,
    RequestError,
)
from fastroute._fastroute import (
    DEFAULT_CONFIG,
    OUTCOMES,
    REASONS,
    Decision,
    Deployment,
    Explanation,
    Missing,
    Note,
    Question,
    Reason,
    Retrieval,
    Router,
    __version__,
    check,
    schema,
)

__all__ = [
    "DEFAULT_CONFIG",
    "OUTCOMES",
    "REASONS",
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
    "RenderError",
    "RequestError",
    "Retrieval",
    "Router",
    "__version__",
    "check",
    "schema",
]
