"""python -m tests.chaos [--seconds 600] [--seed 1] [--broker redis|rabbitmq|none]

Exit code 0: nothing was lost and every rule held. 1: something was; it is listed.
"""

import argparse
import http.client
import json
import os
import random
import sys
import time
from collections import Counter
from typing import Any

from tests.chaos.checker import Checker
from tests.chaos.clients import Client
from tests.chaos.faults import Faults
from tests.chaos.record import Record
from tests.chaos.stack import Stack, stack
from tests.clocks import afternoon
from tests.outgoing.receiver import Receiver, receiving

CLIENTS = 8
MIN_SECONDS_FOR_JOBS = 150
"""In a shorter trial it may be that no job of every minute has run between two kills."""
SETTLE = 180.0
"""Seconds after the last fault in which nothing of what is still on its way arrives."""


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--seconds", type=float, default=600)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--broker", choices=("redis", "rabbitmq", "none"), default="redis")
    given = asked.parse_args()
    try:
        with stack(given.broker) as running, receiving() as receiver:
            return trial(running, receiver, given)[0]
    except FileNotFoundError as missing:
        print(f"SKIPPED chaos: {missing}", flush=True)
        return int(os.environ.get("FENLIU_DEMAND_SERVERS") == "1")


def trial(running: Stack, receiver: Receiver, given: argparse.Namespace) -> tuple[int, Checker]:
    """The exit code, and the checker for who wants to look further."""
    seconds, seed = given.seconds, given.seed
    running.bring_back()
    for name in running.ports:
        running.wait(name)
    shops = running.furnish(afternoon())
    for shop in shops:
        add_webhook(running.ports["web1"], shop, receiver.url)
    chosen = random.Random(seed)
    clients = [
        Client(number, lambda: chosen.choice(sorted(running.ports.values())), own(shops, number), seed)
        for number in range(CLIENTS)
    ]
    faults = Faults(running, seed)
    for client in clients:
        client.start()
    faults.run(seconds)
    running.bring_back()
    for client in clients:
        client.finish()
    for name in running.ports:
        running.wait(name)
    records = [client.record for client in clients]
    checker = Checker(running.ports["web1"], running.database.url, shops, records)
    settle(checker, shops, receiver)
    wrong = {"everything was answered within 90 s, and rightly": [one for record in records for one in record.lost]}
    wrong |= checker.violations(receiver.got)
    if seconds >= MIN_SECONDS_FOR_JOBS:
        wrong["a shop that sweeps choke on is noted"] = [] if checker.failed_items() else ["nothing is noted"]
    print(f"\nchaos: {seconds:.0f} s of traffic and faults, seed {seed}, {CLIENTS} clients")
    told(faults, records, receiver, wrong)
    return int(any(wrong.values())), checker


def own(shops: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """The shops with those of their agents that are this client's."""
    return [shop | {"agents": shop["agents"][number::CLIENTS]} for shop in shops]


def add_webhook(port: int, shop: dict[str, Any], url: str) -> None:
    events = ["conversation.opened", "conversation.assigned", "conversation.queued", "conversation.closed", "message"]
    body = json.dumps({"name": "chaos", "url": f"{url}/{shop['slug']}", "events": events})
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Token {shop['boss']}", "Content-Type": "application/json"}
    line.request("POST", f"/api/v1/shops/{shop['slug']}/webhooks/", body, headers)
    answer = json.loads(line.getresponse().read())
    shop["secret"], shop["webhook"] = answer["secret"], answer["id"]


def settle(checker: Checker, shops: list[dict[str, Any]], receiver: Receiver) -> None:
    """Wait until every shop's webhook has followed all events and nothing is left to be delivered."""
    deadline, left, most = time.monotonic() + SETTLE, 0, 0
    while time.monotonic() < deadline:
        left = 0
        for shop in shops:
            [hook] = [row for row in checker.all_of(shop, "webhooks/") if row["id"] == shop["webhook"]]
            last = checker.database.execute(
                "SELECT l.seq FROM routing_lane l JOIN agents_shop s ON s.id = l.shop_id WHERE s.slug = %s",
                [shop["slug"]],
            ).fetchone()
            pending = checker.ask(shop, f"webhooks/{shop['webhook']}/deliveries/?state=pending")["results"]
            left += len(pending) + (last is not None and hook["seq"] < last[0])
        if not left:
            return
        if len(receiver.got) > most:
            deadline, most = time.monotonic() + SETTLE, len(receiver.got)
        time.sleep(1)
    print(f"  {left} deliveries are still to be made, and none has come for {SETTLE:.0f} s")


def told(faults: Faults, records: list[Record], receiver: Receiver, wrong: dict[str, list[str]]) -> None:
    refused: Counter[str] = Counter()
    for record in records:
        refused.update(record.refused)
    talks = [talk for record in records for talk in record.talks]
    for name, count in sorted(faults.done.items()):
        print(f"  {name:52} {count:>8}")
    rows = {
        "requests accepted": sum(record.accepted for record in records),
        "sent again for want of an answer": sum(record.again for record in records),
        "refused as may be": sum(refused.values()),
        "conversations": len(talks),
        "messages": sum(len(talk.messages) for talk in talks),
        "webhook deliveries received": len(receiver.got),
    }
    for what, number in rows.items():
        print(f"  {what:52} {number:>8,}")
    for what, found in wrong.items():
        print(f"  {what:68} {'yes' if not found else f'NO: {len(found)}'}")
        for one in found[:10]:
            print(f"      {one}")


if __name__ == "__main__":
    sys.exit(main())
