"""The clients of a fastroute server: `Client` calls, `AsyncClient` awaits.

What a call says is read and written in Rust, by the code that reads the arguments
of the in-process router. Here is what moves bytes, in the order of a call:

    steps.py      what a method sends and asks, without saying how
    channel.py    the channel that a client keeps: addresses, balancing, TLS, fork
    attempt.py    one call: deadline, metadata, which failures are tried again
    blocking.py   drives the steps and waits
    awaiting.py   drives the same steps and awaits

grpcio is imported when the first client is made, as it takes longer than deciding
ten thousand times.
"""
