"""A call that does not end by itself, for tests of how a server stops."""

from __future__ import annotations

import socket
import struct


def begin_call(address: str) -> socket.socket:
    """Connects, sends the head of a call and none of its message, and returns the open connection."""
    host, _, port = address.rpartition(":")
    connection = socket.create_connection((host, int(port)))
    path = _field(b":path", b"/fastroute.v1.RouterService/Route")
    rest = _field(b":authority", b"localhost") + _field(b"content-type", b"application/grpc")
    head = b"\x83\x86" + path + rest + _field(b"te", b"trailers")  # POST, http
    settings, end_of_head = 4, 4
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(settings, 0, 0, b""))
    connection.sendall(_frame(1, end_of_head, 1, head))
    # The server acknowledges our settings, which it reads before the head.
    connection.settimeout(10)
    assert connection.recv(1)
    return connection


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return struct.pack(">I", len(content))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + content


def _field(name: bytes, value: bytes) -> bytes:
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value
