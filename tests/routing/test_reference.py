"""The engine against a slow second reading of the rules (reference.py), which shares no code with it."""

import json
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.vocabulary import Platform
from routing.simulator.run import Run
from routing.simulator.scenario import read_scenario
from tests.conftest import SHARED
from tests.routing.generate import scenario
from tests.routing.reference import simulate

FILES = sorted([*(Path(__file__).parent.parent / "scenarios").glob("*.json"), *(SHARED / "scenarios").glob("*.json")])


@pytest.mark.parametrize("platform", list(Platform))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_random_events_come_out_as_in_the_reference(platform: Platform, seed: int) -> None:
    assert_same(scenario(Random(seed), platform, 60))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_reference_passes_a_scenario_file(path: Path) -> None:
    """And comes to the same as the engine where the file expects nothing."""
    given = json.loads(path.read_text())
    result = simulate(given)
    for row in given.get("expect", []):
        assert_row(row, result)
    if "expect_errors" in given:
        assert result["errors"] == given["expect_errors"]
    assert_same(given)


def assert_row(row: dict[str, Any], result: dict[str, Any]) -> None:
    """A row of `expect` holds for the conversation's last decision, or its n-th."""
    decisions = [d for d in result["decisions"] if d["conversation"] == row["conversation"]]
    found = decisions[row.get("decision", len(decisions)) - 1] if decisions else {}
    found = found | {"state": result["conversations"][row["conversation"]]["state"]}
    for key in row.keys() - {"conversation", "decision", "agent_in"}:
        assert found.get(key) == row[key], row
    assert found.get("agent") in row.get("agent_in", [found.get("agent")]), row


def assert_same(given: dict[str, Any]) -> None:
    product, reference = Run(read_scenario(given)).result(), simulate(given)
    for decision in product["decisions"]:
        del decision["trace"]
        decision.pop("by", None)
        decision.pop("reason", None)
    for row in product["decisions"]:
        row["at"] = datetime.fromisoformat(row["at"])
    for row in product["queue"]:
        row["since"] = datetime.fromisoformat(row["since"])
    for row in product["errors"]:
        del row["message"]
    for part, found in reference.items():
        assert product[part] == found
