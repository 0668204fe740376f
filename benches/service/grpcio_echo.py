"""A bare grpcio server: takes a message of bytes, gives one, decides nothing.

    python benches/service/grpcio_echo.py sync|aio RESPONSE_BYTES      prints its address

Fair because it is grpcio at its barest: one protobuf message each way as in the bare tonic server, read by protobuf's own C code,
no interceptors, and a handler of one line. `sync` answers on a pool of ten threads, as grpcio's examples do; `aio` on one
event loop.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
import grpc.aio
from google.protobuf.wrappers_pb2 import BytesValue  # the wire form of the driver's message: bytes in field 1

SERVICE = "fastroute.bench.EchoService"
OPTIONS = (("grpc.so_reuseport", 0), ("grpc.max_concurrent_streams", 100))


def main() -> None:
    kind, size = sys.argv[1], int(sys.argv[2])
    # The length of the bytes in a message of that size.
    length = max(n for n in range(size) if BytesValue(value=bytes(n)).ByteSize() <= size)
    if kind == "sync":
        _sync(length)
    else:
        asyncio.run(_aio(length))


def _answer(request: BytesValue, length: int) -> BytesValue:
    return BytesValue(value=request.value[:length].ljust(length, b"\0"))


def _sync(length: int) -> None:
    server = grpc.server(ThreadPoolExecutor(max_workers=10), options=OPTIONS)
    handler = grpc.unary_unary_rpc_method_handler(
        lambda request, _: _answer(request, length),
        request_deserializer=BytesValue.FromString,
        response_serializer=BytesValue.SerializeToString,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Echo": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    server.wait_for_termination()


async def _aio(length: int) -> None:
    async def echo(request: BytesValue, _: object) -> BytesValue:
        return _answer(request, length)

    server = grpc.aio.server(options=OPTIONS)
    handler = grpc.unary_unary_rpc_method_handler(
        echo,
        request_deserializer=BytesValue.FromString,
        response_serializer=BytesValue.SerializeToString,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Echo": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    main()
