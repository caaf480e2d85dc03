"""PostgreSQL and Redis for the tests, from the machine's own binaries: started here, in a temporary folder.

    python -m tests.servers postgresql [redis?] -- COMMAND …

runs COMMAND with DATABASE_URL and REDIS_URL set. Where the binaries are missing one line says so: the command is then
not run and the exit code 0, or, behind a question mark, it runs without that server. With FENLIU_DEMAND_SERVERS=1 (as
.ci/run sets) a missing server is a failure. TEST_DATABASE_URL and TEST_REDIS_URL, if set, are used instead.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def postgresql_binaries() -> Path | None:
    """The newest folder that holds initdb and postgres, if any."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [*folders, *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@contextmanager
def folder_for(user: str | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fenliu-test-"))
    try:
        if user:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class PostgreSQL:
    """A fresh server in a folder of its own, that can be stopped and started again. initdb and postgres refuse to run
    as root: then they run as `postgres`."""

    def __init__(self, binaries: Path, folder: Path, user: str | None, options: Sequence[str] = ()) -> None:
        self.data, self.binaries, self.port = folder / "data", binaries, free_port()
        self.options = options
        self.run: dict[str, Any] = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL}
        command: list[str | Path] = [binaries / "initdb", "-D", self.data, "-U", "fenliu", "-A", "trust", "-E", "UTF8"]
        subprocess.run(command, check=True, **self.run)
        self.url = f"postgres://fenliu@127.0.0.1:{self.port}/postgres"
        self.start()

    def start(self) -> None:
        options = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "log_min_messages=fatal"]
        options += ["-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"]
        options += [part for option in self.options for part in ("-c", option)]
        command: list[str | Path] = [self.binaries / "postgres", "-D", self.data, *options]
        self.server: subprocess.Popen[Any] = subprocess.Popen(command, stderr=subprocess.DEVNULL, **self.run)
        _wait_for(self.port, self.server)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self, seconds: float = 30) -> None:
        """A port that listens may still say that the database system is starting up."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        """As an administrator does: open connections are cut, what was committed is kept."""
        self.server.send_signal(signal.SIGINT)
        self.server.wait(30)


@contextmanager
def postgresql_server(*options: str) -> Iterator[PostgreSQL]:
    """A server with more `options` ("ssl=on"). Raises FileNotFoundError where the binaries are missing."""
    binaries = postgresql_binaries()
    if binaries is None:
        raise FileNotFoundError("no PostgreSQL binaries (initdb, postgres)")
    user = "postgres" if os.geteuid() == 0 else None
    with folder_for(user) as folder:
        server = PostgreSQL(binaries, folder, user, options)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def postgresql() -> Iterator[str]:
    """A fresh PostgreSQL; its URL."""
    with postgresql_server() as server:
        yield server.url


@contextmanager
def redis() -> Iterator[str]:
    """A fresh Redis that keeps nothing on disk; its URL."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise FileNotFoundError("no redis-server")
    with folder_for(None) as folder:
        port = free_port()
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _wait_for(port, server)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(port: int, server: subprocess.Popen[Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"{server.args!r} ended at once")
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


KINDS = {
    "postgresql": ("TEST_DATABASE_URL", "DATABASE_URL", postgresql),
    "redis": ("TEST_REDIS_URL", "REDIS_URL", redis),
}


def main(arguments: list[str]) -> int:
    split = arguments.index("--")
    wanted, command = arguments[:split], arguments[split + 1 :]
    with ExitStack() as stack:
        environment = dict(os.environ)
        for kind in wanted:
            given, name, start = KINDS[kind.removesuffix("?")]
            try:
                environment[name] = os.environ.get(given) or stack.enter_context(start())
            except FileNotFoundError as missing:
                if os.environ.get("FENLIU_DEMAND_SERVERS") == "1":
                    print(f"FAILED: {missing}", flush=True)
                    return 1
                if not kind.endswith("?"):
                    print(f"SKIPPED on {kind}: {missing}; these tests did not run here.", flush=True)
                    return 0
                print(f"WITHOUT {kind[:-1]}: {missing}; what needs it is skipped, the rest runs on SQLite.", flush=True)
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
