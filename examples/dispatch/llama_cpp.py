"""A model in this process as a tier: llama.cpp through a callable.

    pip install llama-cpp-python
    python examples/dispatch/llama_cpp.py model.gguf "What is the capital of Portugal?"

The model runs on a thread, so the event loop goes on; one lock, as a context of llama.cpp serves one
request at a time. The configuration names the provider with `kind: callable`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import fastroute
from fastroute.providers import Callable, Delta, ProviderCall, Usage

CONFIG = """
version: 1
providers: {here: {kind: callable}}
models:
  - name: local
    provider: here
    context_window: 4096
    max_output_tokens: 512
    price: {input: 0.0, output: 0.0}
    latency: {first_token: 500ms, per_token: 50ms}
    quality: {default: 0.5}
routes: [{name: general, description: Everything.}]
resilience: {timeouts: {attempt: 120s, first_token: 60s, idle: 30s}, deadline: 120s}
default: {route: general}
"""


def provider_of(llama: Any) -> Callable:
    """Returns the provider of a `llama_cpp.Llama`."""
    lock = threading.Lock()

    def answer(call: ProviderCall) -> Iterator[Delta]:
        options: dict[str, Any] = {"max_tokens": call.max_output_tokens, "stream": True}
        if call.temperature is not None:
            options["temperature"] = call.temperature
        if call.schema is not None:
            options["response_format"] = {"type": "json_object", "schema": call.schema}
        pieces = 0
        with lock:
            for event in llama.create_chat_completion(messages=list(call.messages), **options):
                choice = event["choices"][0]
                text = choice["delta"].get("content") or ""
                pieces += bool(text)
                yield Delta(text, finish_reason=choice.get("finish_reason"))
        yield Delta(usage=Usage(output_tokens=pieces))

    return Callable(answer)


def main(llama: Any, question: str) -> str:
    """Answers a question word by word, and returns the whole."""
    said = []
    router = fastroute.Router.from_string(CONFIG)
    with fastroute.SyncDispatcher(router, providers={"here": provider_of(llama)}) as dispatcher:
        for chunk in dispatcher.stream(question):
            print(chunk.text, end="", flush=True)
            said.append(chunk.text)
    print()
    return "".join(said)


if __name__ == "__main__":
    from llama_cpp import Llama  # type: ignore[import-not-found,unused-ignore]

    main(Llama(sys.argv[1], n_ctx=4096, verbose=False), " ".join(sys.argv[2:]))
