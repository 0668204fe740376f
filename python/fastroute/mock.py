"""A provider of this machine for trying things out and for tests: no key, no model, real connections.

>>> with fastroute.mock.MockThread({"models": {"small": {"replies": ["Yes."]}}}) as mock:
...     mock.base_url.startswith("http://127.0.0.1:")
True

`fastroute mock` serves the same from the command line. What a script may say is in BEHAVIOURS and in
MockModel: replies, latency, a share of failures, and every way in which providers misbehave.
"""

from __future__ import annotations

from fastroute._dispatch.mock.script import BEHAVIOURS, MockModel, read_script
from fastroute._dispatch.mock.server import Mock, Received
from fastroute._dispatch.mock.thread import MockThread

__all__ = ["BEHAVIOURS", "Mock", "MockModel", "MockThread", "Received", "read_script"]
