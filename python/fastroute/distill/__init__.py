"""Makes a static encoder from a sentence encoder (extra `distill`)."""

from __future__ import annotations

from fastroute.distill.command import distill_command
from fastroute.distill.pipeline import distill
from fastroute.distill.source import TeacherError

__all__ = ["TeacherError", "distill", "distill_command"]
