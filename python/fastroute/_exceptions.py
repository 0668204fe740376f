"""The errors that fastroute raises, each with a stable code.

    FastrouteError
    ├── ConfigError        a configuration was refused; `issues` lists every defect
    ├── DispatchError      a request got no answer; `attempts` lists what was tried
    ├── InternalError      a defect of fastroute itself; never of the input
    ├── RenderError        a prompt template could not be filled
    ├── RequestError       a request is outside the limits, or not text
    ├── ServerError        a server cannot start, or cannot be used in this process
    └── ServiceError       a call to a server failed for no fault of the request

Branch on the class or on `code`; the message is for people and may change. No
message carries the text of a prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from fastroute._dispatch.answer import Attempt
    from fastroute._fastroute import Decision


class ConfigIssue(NamedTuple):
    """One defect of a configuration, with its place."""

    code: str
    """Stable code, such as `UNKNOWN_KEY`."""
    message: str
    """What is wrong and what would be right."""
    file: str
    """Name of the file, as given."""
    line: int
    """Line, from 1; 0 when the defect has no place in the text."""
    column: int
    """Column in characters, from 1; 0 when the defect has no place in the text."""
    path: str
    """Where in the document, such as `routes[2].threshold`."""
    severity: Literal["error", "warning"] = "error"
    """Errors refuse a configuration, warnings do not."""

    def __str__(self) -> str:
        """Returns `file:line:column: path: message [CODE]`, which editors can follow."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        warning = "warning: " if self.severity == "warning" else ""
        path = f"{self.path}: " if self.path else ""
        return f"{place}: {warning}{path}{self.message} [{self.code}]"


class FastrouteError(Exception):
    """Base of every error that fastroute raises.

    `code` is stable and the same on every surface.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code)
        self.code = code

    def __str__(self) -> str:
        return str(self.args[0])


class ConfigError(FastrouteError):
    """A configuration was refused; nothing was changed.

    `issues` holds every defect that the failing stage found, in file order; later
    stages may find more once these are fixed.

    >>> try:
    ...     fastroute.Router.from_string("version: 1")
    ... except fastroute.ConfigError as error:
    ...     print(error.code, [issue.code for issue in error.issues])
    INVALID_CONFIG ['MISSING_KEY', 'MISSING_KEY', 'MISSING_KEY']
    """

    def __init__(self, message: str, code: str, issues: tuple[ConfigIssue, ...] = ()) -> None:
        super().__init__(message, code)
        self.args = (message, code, issues)
        self.issues = issues


class DispatchError(FastrouteError):
    """A request got no answer; the message lists each attempt with its reason.

    `attempts` are the calls and the steps that were passed over, in order. `retry_after_s` is the
    soonest time to try again; None when no time helps, or none is known. `decision` is what was
    decided before; None when it did not come so far.

    `code` is `REJECTED`, `NOTHING_FITS` or `OVER_BUDGET` when the decision has no plan, and else says how
    the run ended, such as `ALL_ATTEMPTS_FAILED`, `DEADLINE_EXCEEDED` or `NO_MODEL_AVAILABLE`.

    >>> from fastroute.providers import ProviderError, Scripted
    >>> providers = {"local": Scripted([ProviderError("unauthorized", "status 401")])}
    >>> with fastroute.SyncDispatcher(fastroute.Router.default(), providers=providers) as dispatcher:
    ...     try:
    ...         dispatcher.complete("hello", unavailable=["middle", "large"])
    ...     except fastroute.DispatchError as error:
    ...         print(error.code, [attempt.outcome for attempt in error.attempts])
    ALL_ATTEMPTS_FAILED ['unauthorized']
    """

    def __init__(
        self,
        message: str,
        code: str,
        attempts: tuple[Attempt, ...] = (),
        retry_after_s: float | None = None,
        decision: Decision | None = None,
    ) -> None:
        super().__init__(message, code)
        self.attempts = attempts
        self.retry_after_s = retry_after_s
        self.decision = decision

    def __reduce__(self) -> tuple[object, ...]:
        # What holds a router stays in the process that has it.
        attempts = tuple(attempt._replace(deployment=None) for attempt in self.attempts)
        return DispatchError, (str(self), self.code, attempts, self.retry_after_s)


class InternalError(FastrouteError):
    """Fastroute met a defect of its own; the message names the source line, never the input.

    The router stays usable. Please report it.
    """


class RenderError(FastrouteError):
    """A prompt template could not be filled for this request."""


class RequestError(FastrouteError):
    """A request is outside the limits or malformed, so nothing was decided.

    >>> try:
    ...     router.route("hello", max_cost=float("nan"))
    ... except fastroute.RequestError as error:
    ...     print(error.code)
    INVALID_LIMIT
    """


class ServerError(FastrouteError):
    """A server cannot start, or cannot be used in this process.

    `code` says why: `INVALID_SETTING` for a flag, `UNAUTHENTICATED_LISTENER` for a
    listener of the network without authentication, `FORKED` in a child of the
    process that started it. A configuration that is refused is a ConfigError.

    >>> try:
    ...     fastroute.Server(listen="0.0.0.0:0")
    ... except fastroute.ServerError as error:
    ...     print(error.code)
    UNAUTHENTICATED_LISTENER
    """


class ServiceError(FastrouteError):
    """A call to a server failed for no fault of the request, so another try may succeed.

    `status` is the name of the gRPC status, and `code` the server's own code, such
    as `OVERLOADED`, or the same name when the server did not say. `retry_after`
    is the time in seconds that the server asks to wait; None when it did not.

    >>> try:
    ...     fastroute.Client("127.0.0.1:1", timeout=0.2).route("hello")
    ... except fastroute.ServiceError as error:
    ...     print(error.code)
    UNAVAILABLE
    """

    def __init__(self, message: str, code: str, status: str = "UNKNOWN", retry_after: float | None = None) -> None:
        super().__init__(message, code)
        self.args = (message, code, status, retry_after)
        self.status = status
        self.retry_after = retry_after
