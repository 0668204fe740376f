"""Reads the trained head that `Head::to_bytes` writes, as numpy arrays.

The rival scores routes with the same weights as fastroute, so that both take one decision and the benchmark
measures only how. The int8 rows are multiplied by their scales once, here: numpy's float matrix product is
faster than its integer one, and a careful engineer would take it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEADER = 16
DIGEST = 32


@dataclass(frozen=True)
class Head:
    """Weights (routes and background, by dimensions), biases, and the `auto` threshold of each route."""

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]
    thresholds: NDArray[np.float32]


def read(content: bytes) -> Head:
    """Returns the head in `content`.

    Raises `ValueError` when it is not one.
    """
    magic, version, dimensions, routes = struct.unpack_from("<4sIII", content)
    if (magic, version) != (b"FRHD", 1):
        raise ValueError(f"not a head of version 1: `{magic!r}`, `{version}`")
    classes = routes + 1
    rows = np.frombuffer(content, np.int8, classes * dimensions, HEADER).reshape(classes, dimensions)
    floats = np.frombuffer(content[HEADER + rows.size : -DIGEST], "<f4")
    scales, biases, thresholds = np.split(floats, [classes, 2 * classes])
    return Head(np.ascontiguousarray(rows * scales[:, None], np.float32), biases.copy(), thresholds.copy())
