"""Writes an encoder in the model2vec file format.

Four files: `model.safetensors` with the tensor `embeddings`, `tokenizer.json`,
`config.json`, and the card `README.md`. Same input, same bytes: no date, no
machine, sorted keys.
"""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FILES = ("README.md", "config.json", "model.safetensors", "tokenizer.json")
"""What a distilled encoder consists of."""


def plain_tokenizer(tokenizer: dict[str, Any]) -> dict[str, Any]:
    """Returns the teacher's tokenizer without anything but words and pieces.

    Special tokens are added nowhere and recognised nowhere: `[MASK]` in a
    request is three ordinary tokens, not a row that a caller could pick.
    """
    plain = copy.deepcopy(tokenizer)
    plain["added_tokens"] = []
    for key in ("padding", "post_processor", "truncation"):
        plain[key] = None
    return plain


def write_artefact(
    directory: Path,
    rows: npt.NDArray[np.int8],
    tokenizer: dict[str, Any],
    card: str,
) -> None:
    """Writes the four files into `directory`, making it if need be.

    `card` is the model card with the placeholder `{sha256}` where the digest of
    `model.safetensors` belongs.
    """
    from safetensors.numpy import save

    directory.mkdir(parents=True, exist_ok=True)
    weights = save({"embeddings": np.ascontiguousarray(rows)})
    config = {
        "architectures": ["StaticModel"],
        "embedding_dtype": "int8",
        "hidden_dim": int(rows.shape[1]),
        "max_length": None,
        "model_type": "model2vec",
        "normalize": True,
        "seq_length": 1_000_000,
    }
    written = {
        "README.md": card.replace("{sha256}", hashlib.sha256(weights).hexdigest()).encode(),
        "config.json": (json.dumps(config, indent=2, sort_keys=True) + "\n").encode(),
        "model.safetensors": weights,
        "tokenizer.json": json.dumps(plain_tokenizer(tokenizer), ensure_ascii=False, separators=(",", ":")).encode(),
    }
    for name, content in written.items():
        (directory / name).write_bytes(content)
