"""Ollama as a tier: it speaks OpenAI's API, so a configuration is all it takes.

    ollama pull qwen2.5:7b
    python examples/dispatch/ollama.py "What is the capital of Portugal?"

The same holds for llama.cpp's server, vLLM, LM Studio and others; only `base_url` differs.
"""

from __future__ import annotations

import sys

import fastroute

CONFIG = """
version: 1
providers: {ollama: {kind: openai, base_url: "http://127.0.0.1:11434/v1"}}
models:
  - name: qwen
    provider: ollama
    model: qwen2.5:7b
    context_window: 32768
    max_output_tokens: 2048
    tokenizer: qwen2
    price: {input: 0.0, output: 0.0}
    latency: {first_token: 300ms, per_token: 30ms}
    quality: {default: 0.6}
routes: [{name: general, description: Everything.}]
default: {route: general}
"""


def main(question: str, config: str = CONFIG) -> str:
    """Answers a question, and returns the answer."""
    with fastroute.SyncDispatcher(fastroute.Router.from_string(config)) as dispatcher:
        answer = dispatcher.complete(question)
    print(answer.text)
    return answer.text


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
