"""The whole distillation: teacher in, encoder directory out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from fastroute.distill.artefact import write_artefact
from fastroute.distill.card import model_card
from fastroute.distill.reduce import (
    frequency_weights,
    principal_components,
    quantise,
    unit_rows,
)
from fastroute.distill.teacher import Teacher, load_teacher
from fastroute.distill.tokens import Progress, token_vectors

DIMENSIONS = 256
"""Width of the shipped encoder."""


def distill(
    teacher: str | Path,
    output: str | Path,
    *,
    dimensions: int = DIMENSIONS,
    progress: Progress | None = None,
) -> Path:
    """Distils `teacher` into a static encoder and writes it to `output`.

    `teacher` is a directory, a wheel or an installed package that holds a BERT
    sentence encoder. Returns the directory written. Raises `TeacherError` when
    the teacher cannot be used, `ValueError` when `dimensions` is not between 1
    and the teacher's width. Deterministic: the same machine writes the same
    bytes; another may differ by one in a few cells in a million.
    """
    loaded = load_teacher(teacher)
    if not 1 <= dimensions <= loaded.width:
        raise ValueError(f"`{dimensions}` dimensions asked, the teacher has {loaded.width}")
    tokens = spoken_tokens(loaded)
    vectors = unit_rows(token_vectors(loaded, tokens, progress=progress))
    rows = reduce_rows(vectors, tokens, len(loaded.vocabulary), dimensions)
    directory = Path(output)
    write_artefact(directory, rows, loaded.tokenizer, model_card(loaded, dimensions))
    return directory


def spoken_tokens(teacher: Teacher) -> npt.NDArray[np.int64]:
    """Returns the rows that text can reach: all but special and unused tokens."""
    silent = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    return np.array(
        sorted(
            row for token, row in teacher.vocabulary.items() if token not in silent and not token.startswith("[unused")
        ),
        dtype=np.int64,
    )


def reduce_rows(
    vectors: npt.NDArray[np.float64],
    tokens: npt.NDArray[np.int64],
    vocabulary: int,
    dimensions: int,
) -> npt.NDArray[np.int8]:
    """Returns one int8 row per vocabulary entry, zero where text cannot reach."""
    mean, directions = principal_components(vectors, dimensions)
    weights = frequency_weights(vocabulary)[tokens]
    rows = np.zeros((vocabulary, dimensions), dtype=np.float64)
    rows[tokens] = ((vectors - mean) @ directions) * weights[:, None]
    return quantise(rows)
