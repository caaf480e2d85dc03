"""Malformed scenarios and routing documents: one error that names the place, exit code 2, nothing run."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from routing.engine.checking import Malformed
from routing.simulator.scenario import read_scenario

GOOD: dict[str, Any] = {
    "platform": "pinduoduo",
    "agents": [{"account": "a1"}, {"account": "a2"}],
    "routing": {"groups": [{"name": "甲", "members": [{"account": "a1"}]}, {"name": "乙", "members": []}]},
    "events": [
        {"at": "2026-03-02T09:00:00+08:00", "type": "presence", "agent": "a1", "status": "online"},
        {
            "at": "2026-03-02T09:01:00+08:00",
            "type": "open",
            "conversation": "c1",
            "buyer": "b1",
            "entry": "goods_detail",
        },
    ],
}
MEMBER = {"account": "a1"}

BAD: list[tuple[str, list[Any], Any, str]] = [
    ("an unknown key", ["colour"], 1, "colour: unknown key"),
    ("an unknown platform", ["platform"], "amazon", "platform: must be one of"),
    ("an unknown time zone", ["timezone"], "Mars/Olympus", 'timezone: unknown time zone "Mars/Olympus"'),
    ("a cap of 0", ["agents", 0, "max_concurrent"], 0, "agents[0].max_concurrent: must be from 1"),
    ("two of one name", ["agents", 1, "account"], "a1", 'agents[1].account: a second sub-account "a1"'),
    ("an unknown role", ["agents", 0, "roles"], ["king"], "agents[0].roles[0]: must be one of"),
    ("an unknown agent in an event", ["events", 0, "agent"], "a9", 'events[0].agent: no sub-account "a9"'),
    ("an unknown status", ["events", 0, "status"], "asleep", "events[0].status: must be one of"),
    ("an unknown event", ["events", 0, "type"], "dance", "events[0].type: must be one of"),
    ("a time without offset", ["events", 0, "at"], "2026-03-02T09:00:00", "events[0].at: "),
    ("no time at all", ["events", 0, "at"], "yesterday", 'events[0].at: "yesterday" is no ISO 8601 time'),
    ("an impossible time", ["events", 1, "at"], "2026-03-01T09:00:00+08:00", "events[1].at: is earlier than events[0]"),
    ("an agent that nobody lists", ["routing", "never_route"], ["a9"], 'routing.never_route[0]: no sub-account "a9"'),
    ("a key of another platform", ["routing", "entries"], {}, "routing.entries: unknown key"),
    ("an unknown page", ["routing", "pages"], {"attic": ["a1"]}, "routing.pages.attic: unknown key"),
    ("in two groups (PDD9)", ["routing", "groups", 1, "members"], [MEMBER], "routing.groups[1].members[0].account: "),
    ("a group twice", ["routing", "groups", 1, "name"], "甲", 'routing.groups[1].name: a second group "甲"'),
    ("weights all 0", ["routing", "groups", 0, "members"], [MEMBER | {"weight": 0}], "routing.groups[0].members: "),
    (
        "a weight below 0",
        ["routing", "groups", 0, "members"],
        [MEMBER | {"weight": -1}],
        "routing.groups[0].members[0]",
    ),
    ("an unknown mode", ["routing", "mode"], "grouped", "routing.mode: must be one of basic, advanced"),
    ("hours of 0", ["routing", "recent_contact"], {"within_hours": 0}, "routing.recent_contact.within_hours: "),
    ("silence of no time", ["routing", "silence"], {"after_seconds": 0}, "routing.silence.after_seconds: "),
    ("silence over a day", ["routing", "silence"], {"after_seconds": 86_401}, "routing.silence.after_seconds: "),
    (
        "silence in parts of a second",
        ["routing", "silence"],
        {"after_seconds": 60.5},
        "routing.silence.after_seconds: ",
    ),
    ("reassigned never", ["routing", "silence"], {"times": 0}, "routing.silence.times: "),
    ("reassigned for ever", ["routing", "silence"], {"times": 11}, "routing.silence.times: "),
    ("silence switched by a word", ["routing", "silence"], {"enabled": "yes"}, "routing.silence.enabled: "),
    ("silence with more", ["routing", "silence"], {"seconds": 60}, "routing.silence.seconds: unknown key"),
    ("minutes below 0", ["routing", "auto_close_minutes"], -5, "routing.auto_close_minutes: "),
    ("text for a flag", ["routing", "offline"], {"enabled": "yes"}, "routing.offline.enabled: must be true or false"),
    ("an unknown expectation", ["expect"], [{"conversation": "c1", "colour": 1}], "expect[0].colour: unknown key"),
    ("no list of events", ["events"], {"a": 1}, "events: must be a list"),
]


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    scenario = copy.deepcopy(GOOD)
    place: Any = scenario
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return scenario


@pytest.mark.parametrize(("path", "value", "error"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_malformed_scenario_names_the_place(path: list[Any], value: Any, error: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_scenario(changed(path, value))
    assert str(caught.value).startswith(error)


@pytest.mark.parametrize("place", [("events", 1, "entry"), ("events", 1, "buyer"), ("platform",), ("agents",)])
def test_what_is_missing_is_named(place: tuple[Any, ...]) -> None:
    scenario = copy.deepcopy(GOOD)
    holder: Any = scenario
    for step in place[:-1]:
        holder = holder[step]
    del holder[place[-1]]
    with pytest.raises(Malformed) as caught:
        read_scenario(scenario)
    assert str(place[-1]) in caught.value.path


@pytest.mark.parametrize("platform", ["kuaishou", "pinduoduo"])
def test_a_status_in_two_groups_is_refused(platform: str) -> None:
    """KS11; Taobao may bind a status twice (TB9)."""
    groups = [{"name": name, "order_statuses": ["none"]} for name in ("甲", "乙")]
    scenario = {"platform": platform, "agents": [], "events": [], "routing": {"groups": groups}}
    with pytest.raises(Malformed, match=r"groups\[1\]\.order_statuses\[0\].*KS11"):
        read_scenario(scenario)
    read_scenario(scenario | {"platform": "taobao"})


def test_kuaishou_takes_caps_up_to_200() -> None:
    with pytest.raises(Malformed, match="from 1 to 200"):
        read_scenario({"platform": "kuaishou", "agents": [{"account": "a", "max_concurrent": 201}], "events": []})


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (json.dumps(GOOD).encode("utf-16"), "is not UTF-8"),
        (json.dumps(GOOD, ensure_ascii=False).encode("gbk"), "is not UTF-8"),
        (json.dumps(GOOD).encode()[:-30], "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"name": "\\ud800", "platform": "taobao", "agents": [], "events": []}', "lone surrogate"),
        (b"[]", "must be an object"),
    ],
    ids=["UTF-16", "GBK", "truncated", "empty", "too deep", "lone surrogate", "a list"],
)
def test_a_file_that_is_no_scenario_is_refused_with_exit_code_2(tmp_path: Path, content: bytes, error: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=error) as caught:
        call_command("simulate", str(path))
    assert caught.value.returncode == 2


def test_a_good_file_is_printed_as_json_and_checked(tmp_path: Path) -> None:
    path, out = tmp_path / "x.json", io.StringIO()
    path.write_text(json.dumps(GOOD))
    call_command("simulate", str(path), stdout=out)
    assert json.loads(out.getvalue())["conversations"] == {"c1": {"state": "open", "agent": "a1"}}
    out = io.StringIO()
    call_command("simulate", "--check", str(path), stdout=out)
    assert out.getvalue() == "1 passed, 0 failed\n"


def test_a_wrong_expectation_is_printed_and_ends_with_1(tmp_path: Path) -> None:
    path, out = tmp_path / "x.json", io.StringIO()
    path.write_text(json.dumps(GOOD | {"expect": [{"conversation": "c1", "agent": "a2"}], "expect_errors": []}))
    with pytest.raises(SystemExit) as ended:
        call_command("simulate", "--check", str(path), stdout=out)
    assert ended.value.code == 1
    assert out.getvalue() == (f"{path}: expect[0]: c1 decision 1 agent: wanted a2, found a1\n0 passed, 1 failed\n")
