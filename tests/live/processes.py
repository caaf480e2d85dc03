"""The real processes of an installation, to be killed and started again, and a network that can be cut."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


class Installation:
    """Web server and worker on one database; `folder` holds what they keep beside it."""

    def __init__(self, database: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database,
            "FENLIU_VAR": str(folder),
            "TASK_RUNNER": "django_q",
            "LOG_LEVEL": "ERROR",
        }
        self.log = (folder / "log").open("wb")
        self.manage("migrate", "--verbosity=0")
        self.manage("collectstatic", "--noinput", "--verbosity=0")
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], check=True, cwd=ROOT, env=self.environment)

    def furnish(self, what: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.live.furnish", what]
        done = subprocess.run(command, check=True, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE)
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def start(self, name: str, *options: str) -> None:
        web = [sys.executable, "-m", "uvicorn", "config.asgi:application", f"--port={self.port}"]
        web += ["--timeout-graceful-shutdown=1", "--no-access-log", "--log-level=error", *options]
        command = {"web": web, "worker": [sys.executable, "manage.py", "worker"]}[name]
        self.running[name] = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log, start_new_session=True
        )
        if name == "web":
            self._wait()

    def kill(self, name: str) -> None:
        """kill -9, with all its children."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)
        self.log.close()

    def _wait(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError), urlopen(f"{self.url}/healthz", timeout=5):
                return
            time.sleep(0.1)
        raise TimeoutError("the web server does not answer")


class Network:
    """A line to a port that can be cut: what goes through stands still, and nothing new gets through."""

    def __init__(self, to: int) -> None:
        self.to, self.port = to, free_port()
        self.cut = threading.Event()
        self._ended = threading.Event()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            with suppress(OSError):
                near, _ = self._listening.accept()
                if self.cut.is_set():
                    near.close()
                    continue
                pair = (near, socket.create_connection(("127.0.0.1", self.to)))
                self._pairs.add(pair)
                threading.Thread(target=self._carry, args=(pair,), daemon=True).start()

    def _carry(self, pair: tuple[socket.socket, socket.socket]) -> None:
        other = {pair[0]: pair[1], pair[1]: pair[0]}
        with suppress(OSError, ValueError):
            while not self._ended.is_set():
                readable, _, _ = select.select(pair, (), (), 0.2)
                for one in readable:
                    if self.cut.is_set():
                        time.sleep(0.05)
                        continue
                    data = one.recv(65536)
                    if not data:
                        raise OSError("the other end has gone")
                    other[one].sendall(data)
        for one in pair:
            one.close()
        self._pairs.discard(pair)

    def drop(self) -> None:
        """Every connection that goes through ends now, whatever is on its way."""
        for pair in list(self._pairs):
            for one in pair:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._ended.set()
        self._listening.close()
        for pair in list(self._pairs):
            for one in pair:
                one.close()
