"""Commands that are run as one: whichever ends, all of them end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.asgi import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
SLEEPER = "import sys, time, pathlib, os; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(600)"
WITH_CHILD = (
    "import subprocess, sys, time, pathlib;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); time.sleep(600)"
)


@contextmanager
def supervised(*commands: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [part for command in commands for part in ("--", *command)]
    process = subprocess.Popen([sys.executable, "-m", "core.supervisor", *arguments], cwd=ROOT, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def sleeper(path: Path, program: str = SLEEPER) -> list[str]:
    return [sys.executable, "-c", program, str(path)]


def pid_in(path: Path) -> int:
    wait_until(lambda: path.exists() and path.read_text() != "")
    return int(path.read_text())


def runs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_when_one_is_killed_the_other_ends_and_the_exit_code_says_so(tmp_path: Path) -> None:
    with supervised(sleeper(tmp_path / "a"), sleeper(tmp_path / "b")) as process:
        first, second = pid_in(tmp_path / "a"), pid_in(tmp_path / "b")
        os.kill(first, signal.SIGKILL)
        assert process.wait(20) == 1
        assert not runs(second)


def test_a_command_that_ends_well_is_a_fault_too(tmp_path: Path) -> None:
    with supervised(sleeper(tmp_path / "a"), [sys.executable, "-c", "pass"]) as process:
        assert process.wait(20) == 1
        assert not runs(pid_in(tmp_path / "a"))


def test_a_signal_ends_all_of_them(tmp_path: Path) -> None:
    with supervised(sleeper(tmp_path / "a"), sleeper(tmp_path / "b")) as process:
        pids = [pid_in(tmp_path / name) for name in ("a", "b")]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert not any(runs(pid) for pid in pids)


def test_the_children_of_a_command_that_is_killed_are_ended_too(tmp_path: Path) -> None:
    with supervised(sleeper(tmp_path / "a", WITH_CHILD), sleeper(tmp_path / "b")) as process:
        grandchild = pid_in(tmp_path / "a")
        parent = int(Path(f"/proc/{grandchild}/stat").read_text().rpartition(")")[2].split()[1])
        pid_in(tmp_path / "b")
        os.kill(parent, signal.SIGKILL)
        assert process.wait(20) == 1
        assert not runs(grandchild)


def test_a_supervisor_that_is_killed_takes_its_commands_with_it(tmp_path: Path) -> None:
    with supervised(sleeper(tmp_path / "a")) as process:
        child = pid_in(tmp_path / "a")
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        deadline = time.monotonic() + 20
        while runs(child):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize("arguments", [[], ["--"], ["x"], ["--", "a", "--"]])
def test_a_call_without_commands_is_refused(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core.supervisor", *arguments], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 2 and b"COMMAND" in done.stderr
