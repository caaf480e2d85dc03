"""`make run`: migrate, demo shops if the database is empty, web server and worker; Ctrl-C stops all of it."""

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def manage(*arguments: str) -> None:
    subprocess.run([*MANAGE, *arguments], check=True, cwd=ROOT)


def main() -> int:
    port = os.environ.get("PORT", "8000")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    manage("migrate", "--verbosity=0")
    manage("collectstatic", "--noinput", "--verbosity=0")
    manage("demo", "--if-empty", f"--password={os.environ.get('DEMO_PASSWORD') or secrets.token_urlsafe(9)}")
    address = f"http://127.0.0.1:{port}"
    web = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--host=127.0.0.1", f"--port={port}"]
    web += ["--timeout-graceful-shutdown=3", "--no-access-log", "--log-level=warning", "--no-proxy-headers"]
    return run([web, [*MANAGE, "worker"]], address)


def answers(url: str, running: list[subprocess.Popen[bytes]], seconds: float = 60) -> bool:
    """Wait until the web server answers; False if something has ended meanwhile."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and all(process.poll() is None for process in running):
        with suppress(OSError), urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
        time.sleep(0.2)
    return False


def run(commands: list[list[str]], address: str) -> int:
    """All of them until Ctrl-C, however early it comes, or until one of them ends; then stop the others."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    # SIGINT too: in the background of a script it would be ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    code = 0
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            # A group of its own: Ctrl-C reaches this process alone, which then stops them in order.
            running.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        if answers(f"{address}/healthz", running):
            print(f"\nFenliu 分流 → {address}   (Ctrl-C stops it)\n", flush=True)
        while all(process.poll() is None for process in running):
            signal.sigtimedwait([signal.SIGCHLD], 1)
        code = next(process.returncode for process in running if process.returncode is not None)
        print(f"a part of Fenliu has ended (exit {code}); stopping the rest", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
    finally:
        for process in running:
            end(process)
    return code


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop, then make its whole group stop."""
    if process.poll() is None:
        process.terminate()
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
