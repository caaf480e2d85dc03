"""What is killed: PostgreSQL, a broker, two web processes, the worker with its schedule; and the lines between them."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.live.processes import Network
from tests.servers import PostgreSQL, folder_for, free_port, postgresql_server

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = sys.executable


class Broker:
    """Redis or RabbitMQ in a folder of its own; killed, it forgets what it held in memory."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder, self.port = kind, folder, free_port()
        self.environment = dict(os.environ)
        if kind == "redis":
            self.command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
            self.url = f"redis://127.0.0.1:{self.port}/0"
        else:
            self.command = ["rabbitmq-server"]
            self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
            self.environment |= {
                "RABBITMQ_NODENAME": f"chaos{self.port}@localhost",
                "RABBITMQ_NODE_PORT": str(self.port),
                "RABBITMQ_DIST_PORT": str(free_port()),
                "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
                "RABBITMQ_LOG_BASE": str(folder / "log"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            }
        if shutil.which(self.command[0]) is None:
            raise FileNotFoundError(f"no {self.command[0]}")
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self) -> None:
        """With its children: RabbitMQ's server is one of a script."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for pid in _pids_with(str(self.port)) if self.kind == "rabbitmq" else []:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


class Stack:
    def __init__(
        self, database: PostgreSQL, broker: Broker | None, folder: Path, addresses: Mapping[str, str] | None = None
    ) -> None:
        """`addresses`: DATABASE_URL and DATABASE_DIRECT_URL where they are others than the line to `database`."""
        self.database, self.broker = database, broker
        self.line = Network(database.port)
        """Between the product and its database."""
        self.ports = {"web1": free_port(), "web2": free_port()}
        url = database.url.replace(str(database.port), str(self.line.port))
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in ("REDIS_URL", "CELERY_BROKER_URL")},
            "DATABASE_URL": url,
            "FENLIU_VAR": str(folder),
            "TASK_RUNNER": "django_q" if broker is None else "celery",
            "FENLIU_ALLOW_PRIVATE_WEBHOOKS": "1",
            "LOG_LEVEL": "ERROR",
            **(addresses or {}),
        }
        if broker is not None:
            self.environment["CELERY_BROKER_URL"] = broker.url
        self.log = (folder / "log").open("ab")
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for command in (["migrate", "--verbosity=0"], ["collectstatic", "--noinput", "--verbosity=0"]):
            subprocess.run([PYTHON, "manage.py", *command], check=True, cwd=ROOT, env=self.environment)

    def furnish(self, *arguments: str) -> list[dict[str, Any]]:
        command = [PYTHON, "-m", "tests.chaos.furnish", *arguments]
        done = subprocess.run(command, check=True, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE)
        return list(json.loads(done.stdout.splitlines()[-1]))

    def start(self, name: str) -> None:
        command = [PYTHON, "manage.py", "worker"]
        if name in self.ports:
            command = [PYTHON, "-m", "uvicorn", "config.asgi:application", f"--port={self.ports[name]}"]
            command += ["--timeout-graceful-shutdown=1", "--no-access-log", "--log-level=error"]
        self.running[name] = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def start_ahead(self, name: str, days: int) -> None:
        """A web process whose clock is `days` ahead. Raises FileNotFoundError where libfaketime is missing."""
        library = faketime_library()
        if library is None:
            raise FileNotFoundError("no libfaketime")
        given = self.environment
        self.environment = given | {
            "LD_PRELOAD": str(library),
            "FAKETIME": f"+{days}d",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        try:
            self.start(name)
        finally:
            self.environment = given

    def signal(self, name: str, number: int) -> None:
        """To the process and all its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, number)

    def kill(self, name: str) -> None:
        self.signal(name, signal.SIGKILL)
        self.running.pop(name).wait()

    def kill_a_child(self, name: str, rng: random.Random) -> str:
        """kill -9 of one process of its group: a pool's child, the schedule, a cluster's sentinel."""
        group = [pid for pid in _group_of(self.running[name].pid) if pid != self.running[name].pid]
        if not group:
            return "nobody"
        pid = rng.choice(sorted(group))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return str(pid)

    def kill_child_with(self, name: str, words: str) -> None:
        """kill -9 of the processes of its group whose command line holds `words`."""
        for pid in set(_group_of(self.running[name].pid)) & set(_pids_with(words)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def signal_database(self, number: int) -> None:
        """To PostgreSQL and all its processes."""
        for pid in (self.database.server.pid, *_children_of(self.database.server.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill_a_backend(self, rng: random.Random) -> None:
        """kill -9 of one of PostgreSQL's own processes: it throws everybody out and recovers."""
        backends = [pid for pid in _pids_with("postgres: fenliu") if pid in _children_of(self.database.server.pid)]
        if backends:
            with suppress(ProcessLookupError):
                os.kill(rng.choice(sorted(backends)), signal.SIGKILL)

    def bring_back(self) -> None:
        """Whatever has ended by itself or been killed runs again."""
        for name in ("web1", "web2", "worker"):
            if name not in self.running or self.running[name].poll() is not None:
                self.start(name)

    def wait(self, name: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError), urlopen(f"http://127.0.0.1:{self.ports[name]}/healthz", timeout=5):
                return
            time.sleep(0.1)
        raise TimeoutError(f"{name} does not answer")

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)
        if self.broker is not None:
            self.broker.kill()
        self.line.close()
        self.log.close()


@contextmanager
def stack(broker: str) -> Iterator[Stack]:
    """`broker`: redis, rabbitmq or none (django-q's own). Raises FileNotFoundError where a server is missing."""
    with ExitStack() as cleanup:
        database = cleanup.enter_context(postgresql_server())
        folder = cleanup.enter_context(folder_for(None))
        server = None if broker == "none" else Broker(broker, folder)
        made = Stack(database, server, folder)
        cleanup.callback(made.stop)
        yield made


def faketime_library() -> Path | None:
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _stat(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return ["", "0", "0"]


def _group_of(leader: int) -> list[int]:
    return [pid for pid in _pids() if _stat(pid)[2] == str(leader)]


def _children_of(parent: int) -> set[int]:
    return {pid for pid in _pids() if _stat(pid)[1] == str(parent)}


def _pids_with(words: str) -> list[int]:
    found = []
    for pid in _pids():
        with suppress(OSError):
            if words in Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " "):
                found.append(pid)
    return found
