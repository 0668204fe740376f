"""Loads tiktoken's o200k where nothing can be downloaded.

tiktoken fetches its vocabulary and checks its SHA-256. The same ranks come embedded with the Rust crate of
that name, so they are written in tiktoken's file format where tiktoken looks first, and its own check of the
hash proves them equal. The rival therefore counts with the real package and the real vocabulary.
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import tiktoken

from measure import workload

URL = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"


def o200k() -> tiktoken.Encoding:
    """Returns the encoding `o200k_base` without the network.

    Raises an error of tiktoken's when the file's hash is not the one that it knows.
    """
    directory: Path = workload.DIRECTORY / "tiktoken"
    path = directory / hashlib.sha1(URL.encode()).hexdigest()
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        tokens = workload.export("vocabulary").decode().split()
        lines = [base64.b64encode(bytes.fromhex(token)) + f" {rank}\n".encode() for rank, token in enumerate(tokens)]
        path.write_bytes(b"".join(lines))
    os.environ["TIKTOKEN_CACHE_DIR"] = str(directory)
    return tiktoken.get_encoding("o200k_base")
