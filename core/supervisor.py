"""Supervisor: run several commands as one; when one of them ends, however it does, all of them end.

    python -m core.supervisor -- COMMAND … -- COMMAND …

A job runner whose schedule has been killed must not live on and look well: what restarts processes (systemd, Docker)
sees only the parent. Needs nothing but Python, so that it costs no memory beside what it supervises.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE_SECONDS = 60.0
"""Children that were asked to end are killed after so long."""


class Stopped(BaseException):
    """SIGTERM or SIGINT has come."""


def supervise(commands: Sequence[Sequence[str]], grace_seconds: float = GRACE_SECONDS) -> int:
    """Run the commands until one ends or a signal comes, then end the others. The exit code: 0 after a signal, else
    that of the command that ended, or 1 where it was 0: none is meant to end by itself."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            running.append(subprocess.Popen(command, preexec_fn=_end_with_parent))  # noqa: PLW1509 (one thread)
        while True:
            for place, process in enumerate(running):
                code = process.poll()
                if code is not None:
                    print(f"{commands[place]} has ended (exit {code})", file=sys.stderr, flush=True)
                    return code if code > 0 else 1
            signal.sigtimedwait([signal.SIGCHLD], 1)
    except Stopped:
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        _end(running, grace_seconds)


def _end(running: Sequence[subprocess.Popen[bytes]], grace_seconds: float) -> None:
    """Ask the commands to end, then kill what is left of them and of their children."""
    for process in running:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + grace_seconds
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    while left := _descendants(os.getpid()):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in running:
            process.poll()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.05)


def _descendants(parent: int) -> list[int]:
    """Every process below `parent` that has not ended; those whose own parent died belong to the supervisor."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
    found: list[int] = []
    level = {parent}
    while level:
        level = {pid for pid, above in parents.items() if above in level}
        found += level
    return found


def _end_with_parent() -> None:
    """In a child before its command: end when the supervisor itself is killed."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    """Linux alone has it; elsewhere a killed supervisor leaves its children behind."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def main(arguments: list[str]) -> int:
    commands: list[list[str]] = []
    for argument in arguments:
        if argument == "--":
            commands.append([])
        elif not commands:
            print(__doc__, file=sys.stderr)
            return 2
        else:
            commands[-1].append(argument)
    if not commands or not all(commands):
        print(__doc__, file=sys.stderr)
        return 2
    return supervise(commands)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
