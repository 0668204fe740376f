"""Before anything is timed: what the service answers is what the core decides in process.

Every one of the 512 reference prompts is sent, and each answer is written in the canonical form and compared, byte by
byte, with the decision that the core makes in the driver's process from the same file.
"""

from __future__ import annotations

from service import drive, servers

PROMPTS = 512


def check() -> int:
    """Returns the mean size of an answer in bytes, which the echoes answer with.

    Raises `SystemExit` when any answer differs.
    """
    with servers.service() as ours:
        for seconds in (1.0, 10.0):  # the second on a machine that is too busy to send every prompt in the first
            process = drive.start(ours, drive.closed(8, seconds), verify=(servers.CONFIGURATION,))
            (phase,) = drive.finish(process)["phases"]
            answered = phase["answered"]["count"]
            if answered >= PROMPTS:
                break
    if set(phase["statuses"]) != {"0"} or answered < PROMPTS or phase["wrong"]:
        raise SystemExit(
            f"{phase['wrong']} of {answered} answers differ from the core's, statuses {phase['statuses']}; "
            f"nothing was timed: {phase['errors']}"
        )
    print(f"equality: {answered} answers over {PROMPTS} prompts are the core's, byte by byte", flush=True)
    size: float = phase["mean_answer_bytes"]
    return round(size)
