"""aurelio `semantic-router` with our encoder, so that the two differ in how they route and not in vectors.

Its local index scores the five most similar utterances and takes the mean by route, which are its defaults.
The encoder gives numpy rows instead of lists: the router makes an array of them anyway, and lists would cost
it 15 us that are not its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from model2vec import StaticModel
from numpy.typing import NDArray
from pydantic import PrivateAttr
from semantic_router import IndexedRouter, Route
from semantic_router.encoders import DenseEncoder


class StaticEncoder(DenseEncoder):
    """The shipped encoder, read by model2vec."""

    name: str = "fastroute-static"
    _model: Any = PrivateAttr()

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._model = StaticModel.from_pretrained(str(directory), force_download=False)

    def __call__(self, docs: list[str]) -> list[Any]:
        return list(self.vectors(docs))

    async def acall(self, docs: list[str]) -> list[Any]:
        return list(self.vectors(docs))

    def vectors(self, texts: list[str]) -> NDArray[np.float32]:
        encoded: NDArray[np.float32] = self._model.encode(texts)
        return encoded


def router(examples: dict[str, list[str]], encoder: StaticEncoder) -> IndexedRouter:
    """Returns a router that always names the best route: no threshold."""
    return IndexedRouter(
        encoder=encoder, routes=[Route(name=name, utterances=texts) for name, texts in examples.items()]
    )
