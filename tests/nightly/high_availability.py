"""python -m tests.nightly.high_availability [--kills 10] [--seed 1]

The primary of a Patroni cluster is killed under traffic; then the checker of tests/chaos looks for what was lost, with
`fsync` on. Tells how long each kill cost. Exit code 0: nothing was lost, every rule held, each recovery was in time.
"""

import argparse
import os
import random
import shutil
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

from tests.chaos.__main__ import CLIENTS, add_webhook, own, settle, told
from tests.chaos.checker import Checker
from tests.chaos.clients import Client
from tests.chaos.stack import Broker, Stack
from tests.clocks import afternoon
from tests.nightly.cluster import Cluster, Node, cluster
from tests.outgoing.receiver import Receiver, receiving
from tests.servers import folder_for

MAX_RECOVERY_SECONDS = 60.0
TRAFFIC_SECONDS = (3.0, 6.0)
"""Between two kills, once the standby confirms every commit."""


class TimedClient(Client):
    """Notes when each accepted write was sent, and when it was answered."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.writes: list[tuple[float, float]] = []

    def _ask(self, method: str, path: str, body: Any, token: str) -> tuple[int, dict[str, Any]]:
        sent_at = time.monotonic()
        status, content = super()._ask(method, path, body, token)
        if 200 <= status < 300:
            self.writes.append((sent_at, time.monotonic()))
        return status, content


class Kills:
    """Kills of the primary, in an order drawn from the seed; `recoveries`: (kind, seconds)."""

    def __init__(self, database: Cluster, clients: list[TimedClient], seed: int) -> None:
        self.database, self.clients, self.rng = database, clients, random.Random(seed)
        self.recoveries: list[tuple[str, float]] = []
        self.wrong: list[str] = []
        self.kinds: dict[str, Callable[[Node], None]] = {
            "machine killed": Node.kill,
            "PostgreSQL killed, Patroni lives": lambda node: node.signal_postgresql(signal.SIGKILL),
            "PostgreSQL hangs, Patroni lives": lambda node: node.signal_postgresql(signal.SIGSTOP),
            "machine hangs, then goes on": lambda node: node.signal_all(signal.SIGSTOP),
        }

    def run(self, kills: int) -> None:
        """Every kind once in each round."""
        order: list[str] = []
        for number in range(1, kills + 1):
            order = order or self.rng.sample(sorted(self.kinds), len(self.kinds))
            self.kill(number, order.pop())
        self.kill_both()

    def kill(self, number: int, kind: str) -> None:
        node = self.primary_under_traffic()
        self.kinds[kind](node)
        killed_at = time.monotonic()  # a write that was sent before the last process stood still may have been accepted
        other = next(one for one in self.database.nodes if one is not node)
        seconds, promoted = self.recovery_since(killed_at, other)
        steps = f"{promoted:5.1f} s until the other was promoted, {seconds:5.1f} s until the first accepted write"
        print(f"  kill {number:>2}: {kind:34} {node.name}: {steps}", flush=True)
        self.recoveries.append((kind, seconds))
        if seconds > MAX_RECOVERY_SECONDS:
            self.wrong.append(f"kill {number}, {kind}: {seconds:.1f} s")
        time.sleep(self.rng.uniform(0, 3))
        self.bring_back(node)
        self.database.wait_for_standby()
        now = self.database.primary()
        if now is None or now.name == node.name:
            self.wrong.append(f"kill {number}: {node.name} was killed, and is the primary")

    def kill_both(self) -> None:
        """Both nodes lose power; each recovers what it has written down."""
        primary = self.primary_under_traffic()
        for node in self.database.nodes:
            node.kill()
        time.sleep(self.rng.uniform(5, 8))
        started_at = time.monotonic()
        for node in self.database.nodes:
            self.bring_back(node)
        seconds, _ = self.recovery_since(started_at, primary)
        print(f"  both nodes killed, {primary.name} was the primary: {seconds:5.1f} s from their start", flush=True)
        if seconds > MAX_RECOVERY_SECONDS:
            self.wrong.append(f"both nodes killed: {seconds:.1f} s")
        self.database.wait_for_standby()

    def primary_under_traffic(self) -> Node:
        """Let traffic run for a while, with both nodes there; the primary."""
        self.database.wait_for_standby()
        time.sleep(self.rng.uniform(*TRAFFIC_SECONDS))
        node = self.database.primary()
        if node is None:
            raise RuntimeError(f"no primary, though nothing was killed\n{self.database.last_words()}")
        return node

    def bring_back(self, node: Node) -> None:
        node.signal_all(signal.SIGCONT)
        if node.patroni.running is None:
            node.patroni.start()

    def recovery_since(self, killed_at: float, other: Node) -> tuple[float, float]:
        """Seconds from then until the first answer to an accepted write that was sent afterwards, and until `other` was
        the primary by its Patroni's word."""
        deadline = killed_at + 3 * MAX_RECOVERY_SECONDS
        promoted_at = None
        while time.monotonic() < deadline:
            if promoted_at is None and other.is_in_role("primary"):
                promoted_at = time.monotonic()
            answered = [end for client in self.clients for sent, end in client.writes[-20:] if sent > killed_at]
            if answered:
                first = min(answered)
                return first - killed_at, min(promoted_at or first, first) - killed_at
            time.sleep(0.05)
        raise TimeoutError(f"no write was accepted for {deadline - killed_at:.0f} s\n{self.database.last_words()}")


@contextmanager
def product(database: Cluster) -> Iterator[Stack]:
    """Two web processes and a worker; Redis as the broker where it is found, else django-q2."""
    with ExitStack() as cleanup:
        folder = cleanup.enter_context(folder_for(None))
        broker = Broker("redis", folder) if shutil.which("redis-server") else None
        addresses = {"DATABASE_URL": database.url, "DATABASE_DIRECT_URL": database.direct}
        made = Stack(database, broker, folder, addresses)  # type: ignore[arg-type]
        cleanup.callback(made.stop)
        yield made


def trial(database: Cluster, running: Stack, receiver: Receiver, given: argparse.Namespace) -> int:
    """The exit code."""
    running.bring_back()
    for name in running.ports:
        running.wait(name)
    shops = running.furnish(afternoon())
    for shop in shops:
        add_webhook(running.ports["web1"], shop, receiver.url)
    chosen = random.Random(given.seed)
    clients = [
        TimedClient(number, lambda: chosen.choice(sorted(running.ports.values())), own(shops, number), given.seed)
        for number in range(CLIENTS)
    ]
    kills = Kills(database, clients, given.seed)
    for client in clients:
        client.start()
    print(f"high availability: {given.kills} kills of the primary, seed {given.seed}, {CLIENTS} clients", flush=True)
    kills.run(given.kills)
    ended = [name for name, process in running.running.items() if process.poll() is not None]
    for client in clients:
        client.finish()
    for name in running.ports:
        running.wait(name)
    records = [client.record for client in clients]
    checker = Checker(running.ports["web1"], database.direct, shops, records)
    settle(checker, shops, receiver)
    wrong = {
        f"each kill cost less than {MAX_RECOVERY_SECONDS:.0f} s, and the other node took over": kills.wrong,
        "no process of the product ended": ended,
        "everything was answered within 90 s, and rightly": [one for record in records for one in record.lost],
    } | checker.violations(receiver.got)
    done = Counter(kind for kind, _ in kills.recoveries)
    told(SimpleNamespace(done=done), records, receiver, wrong)  # type: ignore[arg-type]
    seconds = [taken for _, taken in kills.recoveries]
    print(
        f"  recovery: {min(seconds):.1f} / {statistics.median(seconds):.1f} / {max(seconds):.1f} s (min, median, max)"
    )
    return int(any(wrong.values()))


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.nightly.high_availability", description=__doc__)
    asked.add_argument("--kills", type=int, default=10)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    try:
        with cluster() as database, product(database) as running, receiving() as receiver:
            return trial(database, running, receiver, given)
    except FileNotFoundError as missing:
        print(f"SKIPPED high availability: {missing}", flush=True)
        return int(os.environ.get("FENLIU_DEMAND_SERVERS") == "1")


if __name__ == "__main__":
    sys.exit(main())
