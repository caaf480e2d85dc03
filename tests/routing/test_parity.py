"""The live shop decides as the simulator does (CONTRACT section 3)."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.vocabulary import Platform
from conversations.models import Conversation
from routing.models import AgentCounter
from routing.simulator.run import Run
from routing.simulator.scenario import Scenario, read_scenario
from tests.conftest import SHARED
from tests.routing.generate import scenario
from tests.routing.live import LiveRun

OWN = Path(__file__).parent.parent / "scenarios"
FILES = sorted([*OWN.glob("*.json"), *(SHARED / "scenarios").glob("*.json")])

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_file_comes_out_the_same_live(path: Path) -> None:
    assert_same(read_scenario(json.loads(path.read_text())))


@pytest.mark.parametrize("platform", list(Platform))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_random_events_come_out_the_same_live(platform: Platform, seed: int) -> None:
    assert_same(read_scenario(scenario(Random(seed), platform, 50)))


def assert_same(scenario: Scenario) -> None:
    run = Run(scenario)
    live = LiveRun(scenario)
    wanted = run.result()
    for decision in wanted["decisions"]:
        decision.pop("by", None)
        decision.pop("reason", None)
    assert live.decisions() == wanted["decisions"]
    assert live.errors == [{"event": e["event"], "code": e["code"]} for e in wanted["errors"]]
    assert _conversations(live) == wanted["conversations"]
    assert _agents(live, run) == {
        name: (told["open"], told["received_today"], told["waiting_replies"]) for name, told in wanted["agents"].items()
    }


def _conversations(live: LiveRun) -> dict[str, Any]:
    rows = Conversation.objects.for_shop(live.shop).select_related("holder").order_by("pk")
    return {row.external_id: {"state": row.state, "agent": row.holder.name if row.holder else None} for row in rows}


def _agents(live: LiveRun, run: Run) -> dict[str, tuple[int, int, int]]:
    today = live.scenario.events[-1][0].astimezone(live.shop.zone).date()
    counted = dict.fromkeys(run.state.agents, (0, 0, 0))
    for row in AgentCounter.objects.filter(shop=live.shop).select_related("sub_account"):
        received = row.received_today if row.counted_on == today else 0
        counted[row.sub_account.name] = (row.open, received, row.waiting_replies)
    return counted
