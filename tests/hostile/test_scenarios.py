"""Scenario files that are wrong: refused with the place, or run; by the command and by the simulator itself."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from routing.engine.checking import Malformed
from routing.management.commands.simulate import read_file
from routing.simulator.lines import simulate_lines
from routing.simulator.run import Run
from routing.simulator.writing import written
from tests.hostile.amount import part
from tests.hostile.calls import SCENARIO, spoilt
from tests.hostile.mutate import Memory, Random, cases

HERE = Path(__file__).resolve().parent.parent / "scenarios"
FILES = sorted(HERE.glob("*.json"))

pytestmark = pytest.mark.slow


def samples() -> list[bytes]:
    return [path.read_bytes() for path in FILES] + [json.dumps(SCENARIO).encode()]


def said(error: Malformed) -> None:
    text = str(error)
    assert text and len(text) < 3_000
    assert "Traceback" not in text


def test_a_spoilt_file_is_run_or_refused_with_its_place(tmp_path: Path) -> None:
    path, memory, ran = tmp_path / "s.json", Memory(part(5_000)), 0
    for content in cases("scenarios", samples(), 5_000):
        path.write_bytes(content)
        try:
            for piece in written(Run(read_file(str(path)))):
                piece.encode()
            ran += 1
        except Malformed as error:
            said(error)
        memory.case()
    memory.check()
    assert 0 < ran < part(5_000)


def test_a_scenario_with_a_wrong_value_is_run_or_refused_with_its_place(tmp_path: Path) -> None:
    """JSON that is right, with one to three places of it wrong: what gets past the reading of bytes."""
    luck, path = Random("values"), tmp_path / "s.json"
    values = [json.loads(sample) for sample in samples()]
    memory, ends = Memory(part(4_000)), {"ran": 0, "refused": 0}
    for _ in range(part(4_000)):
        value = luck.choice(values)
        for _ in range(luck.choice([1, 1, 2, 3])):
            value = spoilt(value, luck)
        path.write_text(json.dumps(value))
        try:
            for piece in written(Run(read_file(str(path)))):
                piece.encode()
            ends["ran"] += 1
        except Malformed as error:
            said(error)
            ends["refused"] += 1
        memory.case()
    memory.check()
    assert min(ends.values()) > 0, ends


def test_lines_that_are_wrong_are_run_or_refused_with_their_line() -> None:
    head = {key: value for key, value in SCENARIO.items() if key != "events"}
    sample = "\n".join(json.dumps(row) for row in [head, *SCENARIO["events"]]).encode()
    for content in cases("lines", [sample], 1_000):
        out: list[str] = []
        try:
            simulate_lines(content.splitlines(keepends=True), out.append)
        except Malformed as error:
            said(error)


def test_the_command_ends_with_two_and_one_error(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    for content in cases("command", samples()[:5], 200):
        path.write_bytes(content)
        out = StringIO()
        try:
            call_command("simulate", str(path), stdout=out, stderr=out)
        except CommandError as refused:
            assert refused.returncode == 2
            assert str(refused).startswith(str(path))
        assert "Traceback" not in out.getvalue()
