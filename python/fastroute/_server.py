"""What a running server tells of itself."""

from __future__ import annotations

from typing import NamedTuple


class Addresses(NamedTuple):
    """Where a server listens, with the ports that the system chose."""

    grpc: tuple[str, ...]
    """Of the router service; `host:port` or `unix:/path`."""
    http: str | None
    """Of HTTP; None when it is off."""
    admin: str | None
    """Of the admin service; None when it is off."""
