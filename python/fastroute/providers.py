"""What a Dispatcher calls: endpoints, functions of the host, and scripts for tests.

A provider is anything with the methods of Provider. The dispatcher makes those of kind `openai` and
`anthropic` from the configuration; pass others, or these with settings of your own, by name:

    fastroute.Dispatcher(router, providers={"local": fastroute.providers.Callable(model)})
"""

from __future__ import annotations

from fastroute._dispatch.anthropic import Anthropic
from fastroute._dispatch.call import Delta, Provider, ProviderCall, ProviderError, Reply, ToolCall, ToolPiece, Usage
from fastroute._dispatch.local import Callable, Scripted
from fastroute._dispatch.openai import OpenAI

__all__ = [
    "Anthropic",
    "Callable",
    "Delta",
    "OpenAI",
    "Provider",
    "ProviderCall",
    "ProviderError",
    "Reply",
    "Scripted",
    "ToolCall",
    "ToolPiece",
    "Usage",
]
