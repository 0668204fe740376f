"""Starts the service inside this Python process and spins in Python beside it, until it is told to stop.

    python benches/service/spinning.py --config FILE --listen 127.0.0.1:0 …      the options of `fastroute serve`

The thread that spins never waits and so keeps asking for the interpreter lock. It has the lowest priority, see
`latency.py`; whatever else it does not leave to the service would be seen in the latency.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading

import fastroute


def main() -> None:
    parser = argparse.ArgumentParser()
    for option in ("--config", "--listen", "--http", "--admin", "--log"):
        parser.add_argument(option, required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    ends = {signal.SIGTERM, signal.SIGINT}
    # Before any thread begins, so that none of them takes the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with fastroute.Server(**vars(options)) as server:
        threading.Thread(target=_spin, daemon=True).start()
        grpc, http, admin = server.addresses
        print(f"grpc {grpc[0]}, http {http}, admin {admin}", flush=True)
        signal.sigwait(ends)


def _spin() -> None:
    # On Linux a priority is the thread's own.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
    turns = 0
    while True:
        turns += 1


if __name__ == "__main__":
    main()
