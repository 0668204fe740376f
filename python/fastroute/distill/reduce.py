"""Turns teacher vectors of tokens into the int8 rows that are shipped.

Four steps, each closed form: unit length, principal components, a weight by
rank of frequency, one scale for the whole table. One scale rather than one a
row keeps the sum of rows an exact integer sum, and it drops out when the sum is
normalised.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fastroute.distill.teacher import Floats

Doubles = npt.NDArray[np.float64]

SIF = 1e-4
"""Smoothing of the inverse-frequency weight `SIF / (SIF + probability)`."""


def unit_rows(vectors: Floats | Doubles) -> Doubles:
    """Scales each row to length one; a zero row stays zero."""
    rows = np.asarray(vectors, dtype=np.float64)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Doubles = rows / np.where(norms > 0, norms, 1)
    return scaled


def principal_components(rows: Doubles, dimensions: int) -> tuple[Doubles, Doubles]:
    """Returns the mean and the `dimensions` strongest directions of `rows`.

    Directions are columns, strongest first. An eigenvector's sign is arbitrary,
    so each is turned until its entry of largest magnitude is positive; of equal
    entries the first decides.
    """
    mean: Doubles = rows.mean(axis=0)
    centred = rows - mean
    _, vectors = np.linalg.eigh(centred.T @ centred)
    strongest = vectors[:, ::-1][:, :dimensions]
    peaks = np.abs(strongest).argmax(axis=0)
    signs = np.sign(strongest[peaks, np.arange(strongest.shape[1])])
    return mean, strongest * signs


def frequency_weights(count: int) -> Doubles:
    """Returns a weight per row from its rank alone.

    A WordPiece vocabulary is ordered by frequency, so Zipf's law on the row
    number stands in for counts that the teacher does not carry.
    """
    probability = 1.0 / np.arange(1, count + 1, dtype=np.float64)
    probability /= probability.sum()
    weights: Doubles = SIF / (SIF + probability)
    return weights


def quantise(rows: Doubles) -> npt.NDArray[np.int8]:
    """Rounds `rows` to int8 with one scale: the largest magnitude becomes 127."""
    largest = float(np.abs(rows).max())
    scale = 127.0 / largest if largest > 0 else 1.0
    rounded: npt.NDArray[np.int8] = np.rint(rows * scale).astype(np.int8)
    return rounded
