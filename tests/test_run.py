"""`make run` on an empty database: demo, web server, worker; Ctrl-C stops all of it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.slow


def processes_of(group_leader: int) -> list[str]:
    """Command lines that mention this run's own folder of data or port."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if re.match(rf"\s*\d+\s+{group_leader}\s", line)]


def test_everything_comes_up_with_the_demo_and_ctrl_c_stops_it(tmp_path: Path) -> None:
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"FENLIU_VAR": str(tmp_path), "PORT": str(port), "TASK_RUNNER": "django_q"}
    # As a script's background starts it: with SIGINT ignored.
    shell = ["sh", "-c", "trap '' INT; exec \"$0\" -m config.run", sys.executable]
    running = subprocess.Popen(shell, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        said = _read_until(running, f"http://127.0.0.1:{port}")
        assert "pdd-demo-main" in said
        assert re.search(r"password: \S{8,}", said)
        with urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=10) as page:
            assert page.status == 200
        children = processes_of(running.pid)
        assert len(children) == 2
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)
    for child in children:
        assert not Path(f"/proc/{child.split()[0]}").exists()


def _read_until(running: subprocess.Popen[str], text: str, seconds: float = 120) -> str:
    said, deadline = "", time.monotonic() + seconds
    while text not in said:
        line = running.stdout.readline() if running.stdout else ""
        assert line or running.poll() is None, said
        assert time.monotonic() < deadline, said
        said += line
    return said
