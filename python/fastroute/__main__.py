"""Runs the command line as `python -m fastroute`."""

from __future__ import annotations

from fastroute._cli import main

main()
