"""The channel that a client keeps: addresses, balancing, TLS, and what a fork leaves of it.

Several addresses are one channel with one connection to each, and calls go round
among those that answer. A DNS name stands for all its addresses in the same way.

grpc's threads do not survive a fork, so in a child of a process that has made a
client every call is refused instead of hanging, unless grpc itself was asked to
support forking (`GRPC_ENABLE_FORK_SUPPORT=1`, before it is imported); then the
child makes channels of its own.
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from fastroute._exceptions import ServiceError

if TYPE_CHECKING:
    import grpc

Pem: TypeAlias = bytes | str | os.PathLike[str]

# Retries are ours, as grpc's know no RetryInfo; a lost server is looked for often enough.
_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
]

_first_user: int | None = None
"""The process that made the first client, whose grpc threads run."""


class Endpoint(NamedTuple):
    """Where a client calls, and how it proves who it is."""

    target: str
    credentials: grpc.ChannelCredentials | None
    options: list[tuple[str, Any]]
    token: str | None

    @classmethod
    def of(
        cls,
        address: str | Sequence[str],
        token: str | None,
        ca: Pem | None,
        certificate: Pem | None,
        key: Pem | None,
        server_name: str | None,
        tls: bool | None,
    ) -> Endpoint:
        """Reads the arguments of a client; TLS is on with `tls`, `ca` or `certificate`."""
        grpc = import_grpc()
        claim_process()
        if (certificate is None) != (key is None):
            raise TypeError("`certificate` and `key` go together")
        credentials = None
        needs_tls = ca is not None or certificate is not None
        if needs_tls and tls is False:
            raise TypeError("`tls=False` excludes `ca` and `certificate`")
        if needs_tls or tls:
            credentials = grpc.ssl_channel_credentials(_pem(ca), _pem(key), _pem(certificate))
        elif server_name is not None:
            raise TypeError("`server_name` needs `tls=True`, `ca` or `certificate`, as there is no TLS without")
        target = target_of(address)
        options = list(_OPTIONS)
        if server_name is not None:
            options.append(("grpc.ssl_target_name_override", server_name))
        elif target.startswith(("ipv4:", "ipv6:", "unix:")):
            # grpc would make an authority of the list or path, which HTTP/2 servers refuse as malformed.
            host = "localhost" if target.startswith("unix:") else target[5:].split(",")[0]
            options.append(("grpc.default_authority", host))
        return cls(target, credentials, options, token)

    def open(self, module: Any) -> Any:
        """Opens a channel with `grpc` or `grpc.aio`; it connects when it is first used."""
        if self.credentials is None:
            return module.insecure_channel(self.target, self.options)
        return module.secure_channel(self.target, self.credentials, self.options)


def target_of(address: str | Sequence[str]) -> str:
    """Returns the target of one address, or of several that are all IPv4 or all IPv6."""
    if isinstance(address, str):
        return address
    addresses = list(address)
    if not addresses:
        raise ValueError("`address` is an empty list")
    if len(addresses) == 1:
        return addresses[0]
    for version in (4, 6):
        if all(_version(each) == version for each in addresses):
            return f"ipv{version}:{','.join(addresses)}"
    raise ValueError("several addresses must be all IPv4:port or all [IPv6]:port; one DNS name may stand for many")


def _version(address: str) -> int | None:
    host, _, port = address.rpartition(":")
    try:
        return ipaddress.ip_address(host.strip("[]")).version if port.isdigit() else None
    except ValueError:
        return None


def _pem(given: Pem | None) -> bytes | None:
    return given if given is None or isinstance(given, bytes) else Path(given).read_bytes()


def import_grpc() -> Any:
    """Returns the module `grpc`, or says how to get it."""
    try:
        import grpc
        import grpc.aio
    except ImportError as error:
        raise ImportError("fastroute's clients need grpcio: pip install 'fastroute[grpc]'") from error
    return grpc


def claim_process() -> None:
    """Refuses to use grpc in a child of a process that did, where it would hang."""
    global _first_user
    process = os.getpid()
    if _first_user is None:
        _first_user = process
    if _first_user == process:
        return
    if os.environ.get("GRPC_ENABLE_FORK_SUPPORT", "").lower() in ("1", "true", "yes"):
        _first_user = process
        return
    raise ServiceError(
        f"process `{process}` was forked from one that had a client, and grpc's threads do not exist here; "
        "make clients after forking, or set GRPC_ENABLE_FORK_SUPPORT=1 before starting",
        "FORKED",
        "FAILED_PRECONDITION",
    )
