"""What a scenario expects, held against what came of it."""

from collections.abc import Mapping
from typing import Any

from routing.engine.types import Decision
from routing.simulator.run import Run


def failures(run: Run) -> list[str]:
    """A line for each expectation that does not hold."""
    by_conversation: dict[str, list[Decision]] = {}
    for decision in run.decisions:
        by_conversation.setdefault(decision.conversation, []).append(decision)
    lines: list[str] = []
    for i, row in enumerate(run.scenario.expect):
        lines += [f"expect[{i}]: {line}" for line in _row_failures(run, row, by_conversation)]
    if run.scenario.expect_errors is not None:
        wanted = [(row.get("event"), row.get("code")) for row in run.scenario.expect_errors]
        found = [(error["event"], error["code"]) for error in run.errors]
        if wanted != found:
            lines.append(f"expect_errors: wanted {wanted}, found {found}")
    return lines


def _row_failures(run: Run, row: Mapping[str, Any], by_conversation: Mapping[str, list[Decision]]) -> list[str]:
    name = row["conversation"]
    conversation = run.state.find(name)
    if conversation is None:
        return [f'no conversation "{name}"']
    lines = []
    if "state" in row and row["state"] != conversation.state.value:
        lines.append(f"{name} state: wanted {row['state']}, found {conversation.state.value}")
    asked = [key for key in row if key not in ("conversation", "decision", "state")]
    decisions = by_conversation.get(conversation.id, [])
    number = row.get("decision", len(decisions))
    if not asked and "decision" not in row:
        return lines
    if not 1 <= number <= len(decisions):
        return [*lines, f"{name}: no decision {number or 1}, there are {len(decisions)}"]
    decision = decisions[number - 1]
    found: dict[str, Any] = {
        "agent": decision.agent,
        "outcome": decision.outcome.value,
        "rule": decision.rule,
        "pool": decision.pool,
        "labels": list(decision.labels),
        "push": decision.push,
    }
    for key in asked:
        if key == "agent_in":
            if decision.agent not in row[key]:
                lines.append(f"{name} decision {number} agent: wanted one of {row[key]}, found {decision.agent}")
        elif row[key] != found[key]:
            lines.append(f"{name} decision {number} {key}: wanted {row[key]}, found {found[key]}")
    return lines
