"""The live shop decides as the simulator does (CONTRACT section 3)."""

import json
from pathlib import Path
from typing import Any

import pytest

from conversations.models import Conversation
from routing.models import AgentCounter, Lane
from routing.simulator.run import Run
from routing.simulator.scenario import Scenario, read_scenario
from tests.conftest import SHARED
from tests.routing.live import LiveRun

OWN = Path(__file__).parent.parent / "scenarios"
FILES = sorted([*OWN.glob("*.json"), *(SHARED / "scenarios").glob("*.json")])

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_file_comes_out_the_same_live(path: Path) -> None:
    assert_same(read_scenario(json.loads(path.read_text())))


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
    lane = Lane.objects.get(shop=live.shop)
    today = lane.last_at.astimezone(live.shop.zone).date() if lane.last_at else None
    counted = {name: (0, 0, 0) for name in run.state.agents}
    for row in AgentCounter.objects.filter(shop=live.shop).select_related("sub_account"):
        received = row.received_today if row.counted_on == today else 0
        counted[row.sub_account.name] = (row.open, received, row.waiting_replies)
    return counted
