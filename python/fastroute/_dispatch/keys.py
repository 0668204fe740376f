"""The keys of providers: known by where they are, read when a call is made.

A key that is rotated is used from the next call on, and none is kept, compared or printed here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class MissingKeyError(Exception):
    """A key cannot be read; the message says where it should be, never what it is."""


class Key:
    """Where the key of a provider is: an environment variable, a file, or the text itself."""

    __slots__ = ("_kind", "_text")

    def __init__(self, kind: Literal["env", "file", "literal"], text: str) -> None:
        self._kind = kind
        self._text = text

    @classmethod
    def of(cls, text: str) -> Key:
        """Reads `${NAME}` as the name of an environment variable, and anything else as the key."""
        variable = _VARIABLE.fullmatch(text)
        return cls("env", variable[1]) if variable else cls("literal", text)

    def reveal(self) -> str:
        """Returns the key as it is now; raises MissingKeyError when it is not there or cannot be sent."""
        if self._kind == "env":
            found = os.environ.get(self._text)
            place = f"environment variable `{self._text}`"
        elif self._kind == "file":
            place = f"file `{self._text}`"
            try:
                found = Path(self._text).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                found = None
        else:
            found, place = self._text, "configuration"
        key = (found or "").strip()
        if not key:
            raise MissingKeyError(f"{place} holds no key")
        if not key.isascii() or not key.isprintable():
            raise MissingKeyError(f"{place} holds a key with characters that no header can carry")
        return key

    def __repr__(self) -> str:
        return "Key(literal)" if self._kind == "literal" else f"Key({self._kind} {self._text})"

    def __reduce__(self) -> str:
        raise TypeError("a key cannot be pickled")
