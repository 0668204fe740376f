"""One request through three tiers of which the first two fail, and the log of its run.

Starts the mock by itself:

    python examples/dispatch/three_tiers.py "What is the capital of Portugal?"
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import fastroute
from fastroute.mock import Mock

HERE = Path(__file__).parent
QUESTION = "What is the capital of Portugal?"


async def main(question: str, script: dict[str, Any] | None = None) -> fastroute.Answer:
    """Answers a question on the mock, prints the answer and the log, and returns it."""
    async with Mock(script or json.loads((HERE / "mock.json").read_text("utf-8"))) as mock:
        text = (HERE / "fastroute.yaml").read_text("utf-8").replace("127.0.0.1:8089", mock.address)
        async with fastroute.Dispatcher(fastroute.Router.from_string(text)) as dispatcher:
            answer = await dispatcher.complete(question, caller={"team": "demo"})
    print(answer.text)
    for attempt in answer.attempts:
        print(f"  {attempt}")
    saved = answer.saved_usd or 0.0
    print(f"  cost ${answer.cost_usd:.6f}, of which ${answer.costs.meta_llm:.6f} for the route; saved ${saved:.6f}")
    return answer


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or QUESTION))
