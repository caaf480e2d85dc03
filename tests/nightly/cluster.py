"""Two PostgreSQL nodes under Patroni, etcd, HAProxy and PgBouncer on this machine, from the files of deploy/.

Ports, folders and passwords are the trial's; everything else is what is shipped, `fsync` included.
"""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import yaml

from tests.chaos.stack import _children_of
from tests.operations.pooler import PASSWORD, PgBouncer, find_program
from tests.servers import folder_for, free_port, postgresql_binaries

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
PROGRAMS = ("etcd", "patroni", "haproxy", "pgbouncer")
STEP_SECONDS = 2.0
"""Patroni's loop_wait."""
BEGIN_SECONDS, JOIN_SECONDS = 120.0, 180.0


class Process:
    """A program of the stand, run as `user`; its output goes to <name>.log in the folder."""

    def __init__(
        self, name: str, command: list[str], folder: Path, user: str | None, environment: dict[str, str] | None = None
    ) -> None:
        self.name, self.command, self.folder, self.user = name, command, folder, user
        self.environment = {**os.environ, **(environment or {})}
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.running = subprocess.Popen(
                self.command,
                cwd=self.folder,
                user=self.user,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait(30)
            self.running = None


class Node:
    """One PostgreSQL under its Patroni."""

    def __init__(self, name: str, folder: Path, user: str | None, ports: dict[str, int]) -> None:
        self.name, self.folder = name, folder
        self.port, self.rest = ports[f"{name} postgresql"], ports[f"{name} rest"]
        self.data = folder / name
        (folder / f"{name}.yml").write_text(yaml.safe_dump(patroni_configuration(name, folder, ports)))
        self.patroni = Process(name, [find_program("patroni"), str(folder / f"{name}.yml")], folder, user)

    def postmaster(self) -> int | None:
        """PostgreSQL's first process, if it runs."""
        with suppress(OSError, ValueError):
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return None

    def postgresql(self) -> list[int]:
        """PostgreSQL's processes, the first one first."""
        postmaster = self.postmaster()
        return [] if postmaster is None else [postmaster, *sorted(_children_of(postmaster))]

    def signal_postgresql(self, number: int) -> None:
        """To PostgreSQL alone; Patroni lives."""
        signal_processes(self.postgresql(), number)

    def signal_all(self, number: int) -> None:
        """To Patroni first, which would otherwise notice that PostgreSQL is gone."""
        patroni = [] if self.patroni.running is None else [self.patroni.running.pid]
        signal_processes([*patroni, *self.postgresql()], number)

    def kill(self) -> None:
        """kill -9 of everything: the machine is gone."""
        self.signal_all(signal.SIGKILL)
        self.patroni.kill()
        self.signal_all(signal.SIGKILL)

    def is_in_role(self, role: str) -> bool:
        """Patroni's own answer; roles: primary, synchronous (a standby that confirms every commit)."""
        try:
            with urlopen(f"http://127.0.0.1:{self.rest}/{role}", timeout=3) as answer:
                return bool(answer.status == 200)
        except (HTTPError, OSError):
            return False


def signal_processes(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def patroni_configuration(name: str, folder: Path, ports: dict[str, int]) -> dict[str, Any]:
    """deploy/patroni/patroni.yml for a node of this machine."""
    given: dict[str, Any] = yaml.safe_load((DEPLOY / "patroni/patroni.yml").read_text())
    rest, server = (f"127.0.0.1:{ports[f'{name} {what}']}" for what in ("rest", "postgresql"))
    given["name"] = name
    given["restapi"] |= {"listen": rest, "connect_address": rest}
    given["etcd"]["hosts"] = f"127.0.0.1:{ports['etcd']}"
    own = given["postgresql"]
    own |= {"listen": server, "connect_address": server, "data_dir": str(folder / name)}
    own |= {"bin_dir": str(postgresql_binaries()), "pgpass": str(folder / f"{name}.pgpass")}
    own["parameters"]["unix_socket_directories"] = str(folder)
    own["pg_hba"] = [line.replace("10.0.0.0/24", "127.0.0.1/32") for line in own["pg_hba"]]
    given["watchdog"] = {"mode": "off"}
    return given


def etcd_environment(folder: Path, ports: dict[str, int]) -> dict[str, str]:
    """deploy/etcd/etcd.env for one member on this machine."""
    lines = (DEPLOY / "etcd/etcd.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    client, peers = (f"http://127.0.0.1:{ports[name]}" for name in ("etcd", "etcd peers"))
    for name in given:
        if name.endswith(("_CLIENT_URLS", "_PEER_URLS")):
            given[name] = client if "CLIENT" in name else peers
    given |= {"ETCD_DATA_DIR": str(folder / "etcd"), "ETCD_INITIAL_CLUSTER": f"{given['ETCD_NAME']}={peers}"}
    return given


def haproxy_configuration(ports: dict[str, int]) -> str:
    """deploy/haproxy/haproxy.cfg for nodes of this machine."""
    text = (DEPLOY / "haproxy/haproxy.cfg").read_text()
    text = text.replace("bind 127.0.0.1:5000", f"bind 127.0.0.1:{ports['haproxy']}")
    text = re.sub(r"^ +(log|user|group) .*\n", "", text, flags=re.MULTILINE)
    for n, name in enumerate(("pg1", "pg2")):
        shipped = f"server {name} 10.0.0.1{n + 1}:5432 check port 8008"
        assert shipped in text, "deploy/haproxy/haproxy.cfg names its servers otherwise"
        here = f"server {name} 127.0.0.1:{ports[f'{name} postgresql']} check port {ports[f'{name} rest']}"
        text = text.replace(shipped, here)
    return text


class Cluster:
    """`url`: through PgBouncer, `direct`: through HAProxy alone."""

    def __init__(self, folder: Path, user: str | None) -> None:
        for program in PROGRAMS:
            find_program(program)
        if postgresql_binaries() is None:
            raise FileNotFoundError("no PostgreSQL binaries (initdb, postgres)")
        names = ["etcd", "etcd peers", "haproxy"]
        names += [f"{node} {what}" for node in ("pg1", "pg2") for what in ("postgresql", "rest")]
        self.ports = {name: free_port() for name in names}
        self.folder = folder
        self.etcd = Process("etcd", [find_program("etcd")], folder, user, etcd_environment(folder, self.ports))
        self.nodes = [Node(name, folder, user, self.ports) for name in ("pg1", "pg2")]
        (folder / "haproxy.cfg").write_text(haproxy_configuration(self.ports))
        self.haproxy = Process("haproxy", [find_program("haproxy"), "-f", str(folder / "haproxy.cfg")], folder, user)
        self.user = user
        self.port = self.ports["haproxy"]
        self.direct = f"postgres://fenliu:{PASSWORD}@127.0.0.1:{self.port}/fenliu"
        self.pgbouncer: PgBouncer | None = None

    def start(self) -> None:
        """The first node makes the cluster, the second copies it; then the product's role and database."""
        self.etcd.start()
        for node in self.nodes:
            node.patroni.start()
            self.wait_for(lambda: self.primary() is not None, "a primary", BEGIN_SECONDS)
        self.haproxy.start()
        self.wait_for_standby()
        primary = self.primary()
        assert primary is not None
        place = f"host=127.0.0.1 port={primary.port} user=postgres password=CHANGE-ME-SUPERUSER dbname=postgres"
        with psycopg.connect(place, autocommit=True) as administrator:
            administrator.execute(f"CREATE ROLE fenliu LOGIN PASSWORD '{PASSWORD}'")
            administrator.execute("CREATE DATABASE fenliu OWNER fenliu")
            kept = {name: administrator.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")}
            assert set(kept.values()) == {("on",)}, kept
        self.pgbouncer = PgBouncer(self.folder, self.user, self.port)
        self.wait_for(self.takes_connections, "HAProxy", BEGIN_SECONDS)

    @property
    def url(self) -> str:
        assert self.pgbouncer is not None
        return self.pgbouncer.url

    def takes_connections(self) -> bool:
        with suppress(psycopg.Error):
            psycopg.connect(self.direct, connect_timeout=3).close()
            return True
        return False

    def primary(self) -> Node | None:
        return next((node for node in self.nodes if node.is_in_role("primary")), None)

    def wait_for_standby(self) -> None:
        """Until the other node confirms every commit, and does so still a moment later: it may be promoted now."""
        self.wait_for(self.is_redundant, "a synchronous standby", JOIN_SECONDS)
        time.sleep(2 * STEP_SECONDS)
        self.wait_for(self.is_redundant, "a synchronous standby that lasts", JOIN_SECONDS)

    def is_redundant(self) -> bool:
        roles = [(node.is_in_role("primary"), node.is_in_role("synchronous")) for node in self.nodes]
        return sorted(roles) == [(False, True), (True, False)]

    def wait_for(self, true: Any, what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come about within {seconds:.0f} s\n{self.last_words()}")
            time.sleep(0.2)

    def last_words(self) -> str:
        """The ends of all logs."""
        return "\n".join(f"--- {path.name}\n{path.read_text()[-2000:]}" for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        if self.pgbouncer is not None:
            self.pgbouncer.stop()
        self.haproxy.kill()
        for node in self.nodes:
            node.signal_all(signal.SIGCONT)
            node.kill()
        self.etcd.kill()

    def members(self) -> Any:
        """Patroni's view of the cluster."""
        for node in self.nodes:
            with suppress(OSError), urlopen(f"http://127.0.0.1:{node.rest}/cluster", timeout=3) as answer:
                return json.load(answer)["members"]
        return None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Raises FileNotFoundError where a program is missing."""
    user = "postgres" if os.geteuid() == 0 else None
    with ExitStack() as cleanup:
        made = Cluster(cleanup.enter_context(folder_for(user)), user)
        cleanup.callback(made.stop)
        made.start()
        yield made
