"""The layout of the rows that `Router.route_batch` returns.

Rust writes the rows into one bytearray, and numpy adopts it: no copy, and no
Python object per prompt. numpy is imported here and nowhere else, so that
single decisions and the command line do not pay for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

ROW = np.dtype(
    [
        ("outcome", np.uint8),  # place in fastroute.OUTCOMES
        ("reason", np.uint8),  # place in fastroute.REASONS
        ("route", np.int16),  # places in router.routes, .models and .prompts; -1 is none
        ("model", np.int16),
        ("prompt", np.int16),
        ("confidence", np.float32),  # 0 to 1; NaN is none
        ("difficulty", np.float32),  # 0 to 1
        ("input_tokens", np.uint32),
        ("latency_ms", np.float32),  # expected, to the last token; NaN is none
        ("cost_usd", np.float64),  # expected; NaN is none
    ]
)


def rows(buffer: bytearray) -> npt.NDArray[Any]:
    """Returns the rows in `buffer`, which the array keeps and may change."""
    return np.frombuffer(buffer, dtype=ROW)
