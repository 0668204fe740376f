"""Asks the teacher for one vector per vocabulary token.

Each token is read alone, as `[CLS] token [SEP]`, and the state at the token is
taken. The mean over all three positions, which is how the teacher pools a
sentence, was tried and costs one to two points of routing accuracy: the two
special tokens are the same for every row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from fastroute.distill.teacher import Floats, Teacher

BATCH = 512
"""Tokens per forward pass: large enough to fill the matrix products, 20 MB at most."""

Progress = Callable[[int, int], None]
"""Called with (done, total) after each batch."""


def token_vectors(
    teacher: Teacher,
    tokens: npt.NDArray[np.int64],
    *,
    progress: Progress | None = None,
) -> Floats:
    """Returns the teacher's vector of each of `tokens`, one row each.

    Rows are not normalised. Every batch has the same size whatever is asked
    for, the last one padded with its first token, so that a row does not depend
    on how the matrix product is cut up.
    """
    first = teacher.vocabulary["[CLS]"]
    last = teacher.vocabulary["[SEP]"]
    rows = np.empty((len(tokens), teacher.width), dtype=np.float32)
    for start in range(0, len(tokens), BATCH):
        chunk = tokens[start : start + BATCH]
        ids = np.full((BATCH, 3), chunk[0], dtype=np.int64)
        ids[:, 0] = first
        ids[: len(chunk), 1] = chunk
        ids[:, 2] = last
        states = teacher.hidden_states(ids)[:, 1]
        rows[start : start + BATCH] = states[: len(chunk)]
        if progress is not None:
            progress(min(start + BATCH, len(tokens)), len(tokens))
    return rows
