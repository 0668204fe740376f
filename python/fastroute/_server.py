"""What a running server tells of itself, and what a fork must not take with it.

A forked child has copies of the server's sockets but nobody who serves them: calls
that the system hands to it would hang, and the port would stay taken after the
parent's server has stopped. So a child closes its copies.
"""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from fastroute._exceptions import ConfigIssue


class Addresses(NamedTuple):
    """Where a server listens, with the ports that the system chose."""

    grpc: tuple[str, ...]
    """Of the router service; `host:port` or `unix:/path`."""
    http: str | None
    """Of HTTP; None when it is off."""
    admin: str | None
    """Of the admin service; None when it is off."""


class RefusedConfig(NamedTuple):
    """A configuration that a running server refused."""

    at: float
    """When, in seconds since 1970, as time.time() has it."""
    cause: str
    """Why it was tried: `file_change`, `reload`, `signal`, `activate` or `start`."""
    code: str
    """Stable code, such as `INVALID_CONFIG`."""
    message: str
    """One sentence."""
    issues: tuple[ConfigIssue, ...]
    """Errors and warnings, in the order of the file."""
    omitted: int
    """Number of issues beyond those."""


class ServerStatus(NamedTuple):
    """Which configuration a server serves, and what it refused."""

    revision: str
    """Content hash of the configuration that serves."""
    since: float
    """Since when, in seconds since 1970."""
    cause: str
    """Why it serves: `start`, `file_change`, `reload`, `signal` or `activate`."""
    by: str
    """Application that asked for it; empty when nobody did."""
    is_pinned: bool
    """Whether a call of the admin service asked for it; it then holds until the file changes."""
    stale_since: float | None
    """Since when the file says something else; None while it does not."""
    last_refused: RefusedConfig | None
    """What was refused last; None when something was accepted since."""


@cache
def watch_forks() -> None:
    """Has children of this process close their copies of the servers' sockets; once is enough."""
    os.register_at_fork(after_in_child=_close_sockets)


def _close_sockets() -> None:
    """Closes the sockets of this process whose own end is an address of a server."""
    import socket

    from fastroute._fastroute import _served_addresses

    served = set(_served_addresses())
    try:
        names = os.listdir("/proc/self/fd")  # noqa: PTH208 - numbers, not paths
    except OSError:
        return
    for name in names:
        try:
            found = socket.socket(fileno=int(name))
        except OSError:  # no socket
            continue
        if served.isdisjoint(_spellings(found)):
            found.detach()
        else:
            found.close()


def _spellings(found: object) -> set[str]:
    """The addresses that a server may have told for a socket: its own, or that of every interface."""
    own = found.getsockname()  # type: ignore[attr-defined]
    match own:
        case str():
            return {f"unix:{own}"}
        case (str(host), int(port)):
            return {f"{host}:{port}", f"0.0.0.0:{port}"}
        case (str(host), int(port), *_):
            return {f"[{host}]:{port}", f"[::]:{port}"}
    return set()
