"""What happens to the stack, drawn from a seed: each with the pause until it is mended."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable

import psycopg

from tests.chaos.stack import Stack, faketime_library

BETWEEN = (4.0, 10.0)
"""Seconds of traffic between two faults."""


class Faults:
    def __init__(self, stack: Stack, seed: int) -> None:
        self.stack, self.rng = stack, random.Random(seed)
        self.done: Counter[str] = Counter()
        self.kinds: dict[str, Callable[[], None]] = {
            "web killed": self._web,
            "both web processes killed": self._webs,
            "worker killed, schedule and all": self._worker,
            "one process of the worker killed": self._child,
            "PostgreSQL restarted": self._restart,
            "a PostgreSQL backend killed": self._backend,
            "connections to PostgreSQL cut": self._cut,
            "worker hangs, then goes on": self._hang,
            "two workers with a schedule each": self._second,
            "a shop's row held": self._held_row,
            "PostgreSQL hangs, then goes on": self._hung_database,
        }
        if stack.broker is not None:
            self.kinds["broker killed"] = self._broker
            self.kinds["beat killed"] = self._beat
            if stack.broker.kind == "redis":
                self.kinds["broker hangs, then goes on"] = self._hung_broker
        if faketime_library() is not None:
            self.kinds["a web process with its clock a year ahead"] = self._clock

    def run(self, seconds: float) -> None:
        """Every kind once in each round, in an order that is drawn."""
        end = time.monotonic() + seconds
        while True:
            for name in self.rng.sample(sorted(self.kinds), len(self.kinds)):
                if time.monotonic() + BETWEEN[1] + 14 > end:
                    time.sleep(max(0.0, end - time.monotonic()))
                    return
                time.sleep(self.rng.uniform(*BETWEEN))
                self.kinds[name]()
                self.done[name] += 1
                self.stack.bring_back()

    def _web(self) -> None:
        self.stack.kill(self.rng.choice(("web1", "web2")))
        time.sleep(self.rng.uniform(0, 2))

    def _webs(self) -> None:
        for name in ("web1", "web2"):
            self.stack.kill(name)
        time.sleep(self.rng.uniform(0, 2))

    def _worker(self) -> None:
        self.stack.kill("worker")
        time.sleep(self.rng.uniform(0, 3))

    def _child(self) -> None:
        self.stack.kill_a_child("worker", self.rng)

    def _hang(self) -> None:
        self.stack.signal("worker", signal.SIGSTOP)
        time.sleep(self.rng.uniform(4, 8))
        self.stack.signal("worker", signal.SIGCONT)

    def _second(self) -> None:
        self.stack.start("worker2")
        time.sleep(self.rng.uniform(10, 12))
        self.stack.kill("worker2")

    def _restart(self) -> None:
        self.stack.database.stop()
        time.sleep(self.rng.uniform(0, 2))
        self.stack.database.start()

    def _backend(self) -> None:
        self.stack.kill_a_backend(self.rng)

    def _cut(self) -> None:
        self.stack.line.cut.set()
        time.sleep(self.rng.uniform(1, 6))
        self.stack.line.cut.clear()
        self.stack.line.drop()

    def _held_row(self) -> None:
        """Longer than `lock_timeout`: its shop is refused, the other goes on."""
        with psycopg.connect(self.stack.database.url) as holder:
            holder.execute("SELECT 1 FROM routing_lane ORDER BY shop_id LIMIT 1 FOR UPDATE")
            time.sleep(self.rng.uniform(4, 8))
            holder.rollback()

    def _hung_database(self) -> None:
        self.stack.signal_database(signal.SIGSTOP)
        time.sleep(self.rng.uniform(5, 9))
        self.stack.signal_database(signal.SIGCONT)

    def _hung_broker(self) -> None:
        assert self.stack.broker is not None
        self.stack.broker.process.send_signal(signal.SIGSTOP)
        time.sleep(self.rng.uniform(4, 8))
        self.stack.broker.process.send_signal(signal.SIGCONT)

    def _beat(self) -> None:
        self.stack.kill_child_with("worker", "manage.py beat")
        time.sleep(self.rng.uniform(1, 3))

    def _clock(self) -> None:
        """It refuses everything; the other one serves."""
        self.stack.kill("web2")
        self.stack.start_ahead("web2", 365)
        time.sleep(self.rng.uniform(6, 9))
        self.stack.kill("web2")

    def _broker(self) -> None:
        assert self.stack.broker is not None
        self.stack.broker.kill()
        time.sleep(self.rng.uniform(0, 3))
        self.stack.broker.start()
