"""Every rule of ROUTING.md by scenario, by number where chance is in it, and by a broken rule being noticed."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.vocabulary import Platform
from routing.engine.decide import decide
from routing.engine.state import ShopState
from routing.engine.types import Conversation
from routing.engine.vocabulary import Trigger
from routing.simulator.check import failures
from routing.simulator.run import Run
from routing.simulator.scenario import read_scenario
from tests.conftest import SHARED

OWN = sorted((Path(__file__).parent.parent / "scenarios").glob("*.json"))
GIVEN = sorted((SHARED / "scenarios").glob("*.json"))
RULES = (
    [f"G{n}" for n in range(1, 21)]
    + [f"PDD{n}" for n in range(1, 12)]
    + [f"KS{n}" for n in range(1, 12)]
    + [f"DY{n}" for n in range(1, 14)]
    + [f"TB{n}" for n in range(1, 10)]
)
OWN_RULES = ["G21"]
"""Rules that are ours, written down in docs/routing.md."""
ELSEWHERE = {
    "G11": "one sub-account, one set of rows: tests/routing/test_api.py reads the same thread from two sessions",
    "G12": "test_the_trace_tells_each_rule_and_each_candidate",
    "PDD9": "tests/routing/test_documents.py",
    "PDD10": "the settings screen",
    "KS7": "the settings screen",
    "KS11": "tests/routing/test_documents.py",
    "DY9": "test_the_buyer_is_told_the_number_or_that_all_are_busy",
    "DY10": "tests/routing/test_api.py",
}
"""Rules that no scenario can show, and where they are tested."""
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_an_own_scenario_passes(path: Path) -> None:
    assert failures(Run(read_scenario(json.loads(path.read_text())))) == []


@pytest.mark.parametrize("path", GIVEN, ids=lambda path: path.stem)
def test_a_given_scenario_passes(path: Path) -> None:
    assert failures(Run(read_scenario(json.loads(path.read_text())))) == []


def test_the_given_scenarios_are_there(shared: Path) -> None:
    assert len(GIVEN) >= 23


def test_every_rule_has_a_scenario_that_names_it() -> None:
    named = {rule for path in OWN for rule in json.loads(path.read_text())["rules"]}
    missing = {*RULES, *OWN_RULES} - named - set(ELSEWHERE)
    assert not missing


def test_every_rule_that_can_settle_a_decision_does_so_in_some_scenario() -> None:
    """What is never seen to settle anything may be broken unseen."""
    settled = {d.rule for path in OWN for d in Run(read_scenario(json.loads(path.read_text()))).decisions}
    waits = {"G5", "G17", "G8", "KS6", "DY7"}
    lists = (
        "PDD1 PDD2 PDD3 PDD4 PDD5 PDD6 PDD7 KS1 KS2 KS3 KS5 KS9 KS10 DY3 DY4 DY5 DY8 DY11 DY12 TB1 TB2 TB3 TB6 TB7 TB8"
    )
    assert settled == waits | set(lists.split())


def state_of(platform: Platform, routing: dict[str, Any], agents: list[str], waiting: dict[str, int]) -> ShopState:
    """A shop where `agents` are online, some with buyers waiting for their reply."""
    read = read_scenario(
        {"platform": platform, "agents": [{"account": a} for a in agents], "routing": routing, "events": []}
    )
    state = ShopState(read.settings, read.zone, 20, read.fresh_agents())
    for agent in state.agents.values():
        state.set_status(agent, "online")
        agent.waiting_replies = waiting.get(agent.name, 0)
    return state


def shares(state: ShopState, draws: int = 20_000) -> Counter[str]:
    got: Counter[str] = Counter()
    for i in range(draws):
        conversation = Conversation(id=f"c{i}", buyer=f"b{i}", entry="shop_home")
        got[decide(state, conversation, AT, Trigger.OPENED).agent or ""] += 1
    return got


def within_four_standard_errors(found: int, share: float, draws: int = 20_000) -> bool:
    error = (share * (1 - share) / draws) ** 0.5
    return abs(found / draws - share) <= 4 * error


def groups(**weights: int) -> list[dict[str, Any]]:
    members = [{"account": name, "weight": weight} for name, weight in weights.items()]
    return [{"name": "g", "members": members, "order_statuses": ["none"]}]


def test_pdd6_500_against_100_gets_five_times_as_many() -> None:
    routing = {"mode": "advanced", "groups": groups(a1=500, a2=100)}
    got = shares(state_of(Platform.PINDUODUO, routing, ["a1", "a2", "a3"], {}))
    assert set(got) == {"a1", "a2"}
    assert within_four_standard_errors(got["a1"], 5 / 6)


def test_pdd4_anyone_is_as_likely_as_another() -> None:
    got = shares(state_of(Platform.PINDUODUO, {}, ["a1", "a2", "a3"], {}))
    assert all(within_four_standard_errors(got[name], 1 / 3) for name in ("a1", "a2", "a3"))


def test_tb4_tb5_weight_times_busyness() -> None:
    """At the threshold the factor is 1; with 8 waiting it is 4 ÷ 8: 200 × 1 against 200 × ½ and 100 × 1."""
    routing = {"groups": groups(a1=200, a2=200, a3=100)}
    got = shares(state_of(Platform.TAOBAO, routing, ["a1", "a2", "a3"], {"a1": 4, "a2": 8}))
    assert within_four_standard_errors(got["a1"], 0.5)
    assert within_four_standard_errors(got["a2"], 0.25)
    assert within_four_standard_errors(got["a3"], 0.25)


def test_tb9_an_agent_in_several_groups_counts_with_the_largest_weight_that_matches() -> None:
    both = [*groups(a1=100, a2=300), {"name": "h", "members": [{"account": "a1", "weight": 300}], "order_statuses": []}]
    got = shares(state_of(Platform.TAOBAO, {"groups": both}, ["a1", "a2"], {}))
    assert within_four_standard_errors(got["a2"], 0.75)
    both[1]["order_statuses"] = ["none"]
    got = shares(state_of(Platform.TAOBAO, {"groups": both}, ["a1", "a2"], {}))
    assert within_four_standard_errors(got["a2"], 0.5)


def test_another_seed_changes_only_random_choices() -> None:
    state = state_of(Platform.PINDUODUO, {}, ["a1", "a2", "a3"], {})
    first = [decide(state, Conversation(id=f"c{i}", buyer="b"), AT, Trigger.OPENED).agent for i in range(50)]
    again = [decide(state, Conversation(id=f"c{i}", buyer="b"), AT, Trigger.OPENED).agent for i in range(50)]
    state.seed = 21
    other = [decide(state, Conversation(id=f"c{i}", buyer="b"), AT, Trigger.OPENED).agent for i in range(50)]
    assert first == again != other


SCENARIO: dict[str, Any] = {
    "platform": "pinduoduo",
    "agents": [{"account": "a1", "max_concurrent": 1}, {"account": "a2"}, {"account": "a3"}],
    "routing": {"pages": {"goods_detail": ["a1", "a2"]}, "queue": {"show_count_below": 2, "notice": "{count} 位"}},
    "events": [
        {"at": "2026-03-02T09:00:00+08:00", "type": "presence", "agent": "a1", "status": "online"},
        {"at": "2026-03-02T09:00:00+08:00", "type": "presence", "agent": "a2", "status": "break"},
        *(
            {
                "at": f"2026-03-02T09:0{i}:00+08:00",
                "type": "open",
                "conversation": f"c{i}",
                "buyer": f"b{i}",
                "entry": "goods_detail",
            }
            for i in range(1, 4)
        ),
    ],
}


def test_the_trace_tells_each_rule_and_each_candidate() -> None:
    decisions = Run(read_scenario(SCENARIO)).result()["decisions"]
    assert decisions[0]["trace"] == [
        {"rule": "PDD1", "found": "no_recent_contact"},
        {"rule": "PDD2", "found": "no_recent_contact"},
        {
            "rule": "PDD3",
            "candidates": {"a1": {"load": 0, "max_concurrent": 1}},
            "excluded": {"a2": "break"},
        },
    ]
    assert decisions[1]["trace"][2:5] == [
        {"rule": "PDD3", "found": "none_free", "excluded": {"a1": "full", "a2": "break"}},
        {"rule": "PDD4", "found": "none_free", "excluded": {"a1": "full", "a2": "break", "a3": "offline"}},
        {"rule": "PDD5", "found": "somebody_online"},
    ]


def test_the_buyer_is_told_the_number_or_that_all_are_busy() -> None:
    """DY9: fewer in the pool than the set number, the number; else the busy text."""
    queue = Run(read_scenario(SCENARIO)).result()["queue"]
    assert [(row["position"], row["notice"]) for row in queue] == [
        (1, "咨询人数较多，客服繁忙，请耐心等待或稍后再来。"),
        (2, "咨询人数较多，客服繁忙，请耐心等待或稍后再来。"),
    ]
    shorter = SCENARIO | {"events": SCENARIO["events"][:-1]}
    assert Run(read_scenario(shorter)).result()["queue"][0]["notice"] == "1 位"


def test_the_rules_here_are_those_of_the_document(shared: Path) -> None:
    text = (shared / "rules" / "ROUTING.md").read_text()
    assert set(re.findall(r"^\| ([A-Z]{1,3}\d+) \|", text, re.M)) == set(RULES)
