"""Events in one by one, decisions out as they are made, and nothing kept that nobody asks for."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.vocabulary import Platform
from conversations.states import State
from routing.engine.checking import Malformed
from routing.engine.telling import told_decision
from routing.engine.types import Decision
from routing.simulator.lines import simulate_lines
from routing.simulator.run import Part, Run
from routing.simulator.scenario import read_scenario
from routing.simulator.streaming import read_head, stream
from routing.simulator.writing import Writer, written
from tests.routing.generate import scenario
from tests.routing.results import FILE, all_results

platforms = pytest.mark.parametrize("platform", list(Platform))


def shops(platform: Platform) -> Iterator[dict[str, Any]]:
    return (scenario(Random(seed), platform, 150) for seed in range(12))


def without_events(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != "events"}


def as_lines(given: dict[str, Any]) -> list[bytes]:
    return [json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in [without_events(given), *given["events"]]]


def test_what_scenarios_come_to_has_not_changed() -> None:
    """Same file, same seed: same result, byte for byte (CONTRACT section 2), from one release to the next too."""
    assert dict(all_results()) == json.loads(FILE.read_text())


@platforms
def test_the_written_result_is_the_result(platform: Platform) -> None:
    for given in shops(platform):
        run = Run(read_scenario(given))
        assert "".join(written(run)) == json.dumps(run.result(), ensure_ascii=False, indent=1)
        on_a_line = Writer(run.scenario.zone, traces=True, indent=False)
        for decision in run.decisions:
            told = told_decision(decision, run.scenario.zone)
            assert on_a_line.decision(decision) == json.dumps(told, ensure_ascii=False)


@platforms
def test_without_traces_all_else_is_the_same(platform: Platform) -> None:
    for given in shops(platform):
        read = read_scenario(given)
        whole, bare = Run(read).result(), Run(read, traces=False)
        for decision in whole["decisions"]:
            del decision["trace"]
        assert bare.result() == whole
        assert "".join(written(bare)) == json.dumps(whole, ensure_ascii=False, indent=1)


@platforms
def test_each_part_alone_is_as_in_the_whole(platform: Platform) -> None:
    for given in shops(platform):
        read = read_scenario(given)
        whole = Run(read).result()
        for part in Part:
            alone = Run(read, parts=[part])
            assert alone.result() == {part.value: whole[part.value]}
            assert "".join(written(alone)) == json.dumps(alone.result(), ensure_ascii=False, indent=1)


@platforms
def test_a_stream_of_events_makes_the_decisions_of_the_file(platform: Platform) -> None:
    for given in shops(platform):
        read = read_scenario(given)
        whole, made, refused = Run(read), list[Decision](), list[dict[str, Any]]()
        state = stream(read_head(without_events(given)), iter(given["events"]), made.append, refused.append)
        assert [told_decision(d, read.zone) for d in made] == whole.result()["decisions"]
        assert refused == whole.errors
        going_on = {c.id: c.agent for c in whole.state.conversations.values() if c.state != State.CLOSED}
        assert {c.id: c.agent for c in state.conversations.values()} == going_on


@platforms
def test_lines_say_what_the_file_s_result_says(platform: Platform) -> None:
    for given in shops(platform):
        whole, lines = Run(read_scenario(given)).result(), list[str]()
        simulate_lines(as_lines(given), lines.append)
        told = [json.loads(line) for line in lines]
        assert [row["decision"] for row in told if "decision" in row] == whole["decisions"]
        assert [row["error"] for row in told if "error" in row] == whole["errors"]
        assert told[-1] == {key: whole[key] for key in ("conversations", "agents", "queue")}


def test_a_decision_is_handed_on_before_the_next_event_is_asked_for() -> None:
    seen: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        at = "2026-03-02T09:00:00+08:00"
        yield {"at": at, "type": "presence", "agent": "a1", "status": "online"}
        for n in range(3):
            seen.append(f"asked for {n}")
            yield {"at": at, "type": "open", "conversation": f"c{n}", "buyer": f"b{n}"}

    head = read_head({"platform": "taobao", "agents": [{"account": "a1"}]})
    stream(head, rows(), lambda decision: seen.append(decision.conversation))
    assert seen == ["asked for 0", "c0", "asked for 1", "c1", "asked for 2", "c2"]


def test_a_closed_conversation_is_not_kept_and_still_known() -> None:
    at = "2026-03-02T09:00:00+08:00"
    opening = {"at": at, "type": "open", "conversation": "c1", "buyer": "b1"}
    rows = [
        opening,
        {"at": at, "type": "open", "conversation": "other", "buyer": "b1"},
        {"at": at, "type": "close", "conversation": "c1", "by": "buyer"},
        opening,
        {"at": at, "type": "message", "conversation": "other", "sender": "buyer"},
        {"at": at, "type": "message", "conversation": "c2", "sender": "buyer"},
    ]
    errors: list[dict[str, Any]] = []
    state = stream(read_head({"platform": "taobao", "agents": []}), rows, None, errors.append)
    assert not state.conversations
    codes = [(error["event"], error["code"]) for error in errors]
    assert codes == [(3, "duplicate_conversation"), (4, "conversation_closed"), (5, "unknown_conversation")]
    whole = Run(read_scenario({"platform": "taobao", "agents": [], "events": rows}))
    assert errors == whole.errors


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "line 1: is missing: the scenario without its events"),
        ([b'{"platform": "taobao", "agents": [], "events": []}'], "events: has no place where the events come one by"),
        ([b'{"platform": "taobao", "agents": []}', b"{"], "line 2, column 2: no JSON"),
        ([b'{"platform": "taobao", "agents": []}', b"\xff"], "line 2: is not UTF-8 (byte 0)"),
        ([b'{"platform": "taobao", "agents": []}', b'{"a": "\\ud800"}'], "line 2: holds a lone surrogate"),
        ([b'{"platform": "taobao", "agents": []}', b"[" * 100_000], "line 2: is nested too deeply"),
        ([b'{"platform": "taobao", "agents": []}', b"", b"7"], "events[0]: must be an object"),
        (
            [
                b'{"platform": "taobao", "agents": []}',
                b'{"at": "2026-03-02T09:00:00Z", "type": "tick"}',
                b'{"at": "2026-03-02T08:00:00Z", "type": "tick"}',
            ],
            "events[1].at: is earlier than events[0].at",
        ),
    ],
)
def test_a_line_that_is_wrong_is_named(lines: list[bytes], said: str) -> None:
    with pytest.raises(Malformed) as refused:
        simulate_lines(lines, lambda line: None)
    assert str(refused.value).startswith(said)


def simulated(*arguments: str) -> str:
    out = io.StringIO()
    call_command("simulate", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_leaves_out_what_is_not_asked_for(tmp_path: Path) -> None:
    given = next(shops(Platform.DOUYIN))
    file, lines = tmp_path / "scenario.json", tmp_path / "scenario.ndjson"
    file.write_text(json.dumps(given))
    lines.write_bytes(b"".join(as_lines(given)))
    whole = Run(read_scenario(given)).result()
    assert simulated(str(file)) == json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    assert list(json.loads(simulated(str(file), "--only", "errors", "--only", "agents"))) == ["agents", "errors"]
    bare = json.loads(simulated(str(file), "--no-traces"))["decisions"]
    assert bare and all("trace" not in decision for decision in bare)
    told = simulated("--lines", str(lines), "--only", "decisions").splitlines()
    assert [json.loads(line)["decision"] for line in told] == whole["decisions"]


def test_the_command_says_what_does_not_go_together(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--check goes without --no-traces"):
        simulated("--check", "--no-traces", "x.json")
    with pytest.raises(CommandError, match="No such file"):
        simulated("--lines", str(tmp_path / "none.ndjson"))
