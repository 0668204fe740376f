"""Runs a measurement in an environment of its own, so that rivals are needed neither to develop nor to test fastroute."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(directory: Path, requirements: Path, arguments: list[str]) -> int:
    """Makes the environment anew if its requirements changed, runs Python in it, and returns the exit status."""
    python = directory / "bin" / "python"
    mark = directory / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if not mark.exists() or mark.read_text() != wanted:
        print(f"making {directory.relative_to(ROOT)} from {requirements.relative_to(ROOT)}", flush=True)
        venv.create(directory, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
        mark.write_text(wanted)
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT / 'python'}{os.pathsep}{ROOT / 'benches'}",
        "FASTROUTE_PYTHON": sys.executable,
        # One thread on both sides: a ratio of CPU work, not of cores.
        "OPENBLAS_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    # These make OpenBLAS, and so the rival, slower on some machines; numpy's own choice is the fair one.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    return subprocess.run([python, *arguments], env=environment).returncode
