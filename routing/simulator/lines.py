"""A scenario as lines of JSON, and its result as lines: for what is too long to be held in memory as one file.

In: the scenario without its events, then an event a line. Out: `{"decision": …}` and `{"error": …}` a line each as they
come, and on the last line the other parts of the result.
"""

import json
from collections.abc import Callable, Collection, Iterable

from routing.engine.checking import Malformed
from routing.engine.types import Decision
from routing.simulator.reading import parsed
from routing.simulator.run import WHOLE, Part, Told, told_agents, told_conversation, told_queue
from routing.simulator.streaming import read_head, stream
from routing.simulator.writing import Writer


def simulate_lines(
    lines: Iterable[bytes], write: Callable[[str], object], *, parts: Collection[Part] = WHOLE, traces: bool = True
) -> None:
    """`write` is given a line at a time, without its end. Raises Malformed, naming the line or the event; what was
    written before stays written.
    """
    rows = (parsed(line, number) for number, line in enumerate(lines, 1) if line.strip())
    first = next(rows, None)
    if first is None:
        raise Malformed("line 1", "is missing: the scenario without its events")
    head = read_head(first)
    writer = Writer(head.zone, traces=traces, indent=False)

    def made(decision: Decision) -> None:
        write(f'{{"decision": {writer.decision(decision)}}}')

    def refused(error: Told) -> None:
        write(json.dumps({"error": error}, ensure_ascii=False))

    state = stream(
        head,
        rows,
        made if Part.DECISIONS in parts else None,
        refused if Part.ERRORS in parts else None,
        traces=traces,
        conversations=Part.CONVERSATIONS in parts,
    )
    rest: Told = {}
    if Part.CONVERSATIONS in parts:
        rest["conversations"] = {c.id: told_conversation(c) for c in state.conversations.values()}
    if Part.AGENTS in parts:
        rest["agents"] = told_agents(state)
    if Part.QUEUE in parts:
        rest["queue"] = told_queue(state)
    if rest:
        write(json.dumps(rest, ensure_ascii=False))
