"""PgBouncer as deploy/pgbouncer ships it, on a port and in a folder of its own."""

import configparser
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.servers import free_port

SHIPPED = Path(__file__).resolve().parent.parent.parent / "deploy/pgbouncer/pgbouncer.ini"
PASSWORD = "pooler-Pass-1"
SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin:/sbin"


def find_program(name: str) -> str:
    """The program's path. Raises FileNotFoundError where it is missing."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}")
    if found is None:
        raise FileNotFoundError(f"no {name}")
    return found


def read_shipped() -> configparser.ConfigParser:
    shipped = configparser.ConfigParser(interpolation=None, comment_prefixes=(";", "#"))
    shipped.optionxform = str  # type: ignore[assignment,method-assign]
    shipped.read(SHIPPED)
    return shipped


class PgBouncer:
    """`folder` belongs to `user`, as whom PgBouncer runs (it refuses root). Leads to the database `fenliu` behind the
    port `to`. Ports, folders and the user's password are the test's, everything else is what is shipped."""

    def __init__(self, folder: Path, user: str | None, to: int) -> None:
        self.program, self.folder, self.user, self.port = find_program("pgbouncer"), folder, user, free_port()
        given = read_shipped()
        own = given["pgbouncer"]
        given["databases"]["fenliu"] = re.sub(r"port=\d+", f"port={to}", given["databases"]["fenliu"])
        own["listen_port"], own["unix_socket_dir"] = str(self.port), ""
        own["logfile"], own["pidfile"] = str(folder / "pgbouncer.log"), str(folder / "pgbouncer.pid")
        own["auth_file"] = str(folder / "userlist.txt")
        (folder / "userlist.txt").write_text(f'"fenliu" "{PASSWORD}"\n')
        with (folder / "pgbouncer.ini").open("w") as written:
            given.write(written)
        self.url = f"postgres://fenliu:{PASSWORD}@127.0.0.1:{self.port}/fenliu"
        self.start()

    def start(self) -> None:
        run: dict[str, Any] = {"cwd": self.folder, "user": self.user, "start_new_session": True}
        command = [self.program, str(self.folder / "pgbouncer.ini")]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **run)
        deadline = time.monotonic() + 20
        while not (self.folder / "pgbouncer.pid").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PgBouncer did not start: {self.log()}")
            time.sleep(0.05)

    def log(self) -> str:
        path = self.folder / "pgbouncer.log"
        return path.read_text() if path.exists() else "no log"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(20)
        (self.folder / "pgbouncer.pid").unlink(missing_ok=True)
