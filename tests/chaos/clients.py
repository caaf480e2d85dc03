"""Eight clients with mixed traffic. Each has buyers, conversations and agents of its own, so that it knows in which
order its things were accepted; what gets no answer is sent again, as any program would, under the same name."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.chaos.record import Message, Record, Talk

PATIENCE, PAUSE = 90.0, 0.25
MIX = {"open": 24, "buyer": 28, "agent": 22, "close": 14, "late": 4, "presence": 5, "transfer": 3}
LATE_DAYS = 5
STATUSES = {"conversation_closed", "already_holder"}
"""Refusals of a repeat: the first one went through, and its answer was lost."""


class Client:
    """`shops`: as tests.chaos.furnish makes them, with the `agents` that are this client's own."""

    def __init__(self, number: int, ports: Callable[[], int], shops: list[dict[str, Any]], seed: int) -> None:
        self.number, self.ports, self.shops = number, ports, shops
        self.rng = random.Random(f"{seed}:{number}")
        self.record = Record()
        self.ended = threading.Event()
        self._count = 0
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Nothing new is begun; what was begun is tried until it is accepted."""
        self.ended.set()
        self._thread.join(PATIENCE + 30)
        if self._thread.is_alive():
            self.record.lost.append(f"client {self.number} hangs")

    def _work(self) -> None:
        while not self.ended.is_set():
            kind = self.rng.choices(list(MIX), list(MIX.values()))[0]
            getattr(self, f"_{kind}")()
            time.sleep(self.rng.random() * 0.15)

    # -- what it does ------------------------------------------------------------------------

    def _open(self) -> None:
        shop = self.rng.choice(self.shops)
        mine = [talk for talk in self.record.talks if talk.shop == shop["slug"]]
        busy = {talk.buyer for talk in mine if not talk.closed}
        known = sorted({talk.buyer for talk in mine} - busy)
        self._count += 1
        name = f"k{self.number}-{self._count}"
        buyer = self.rng.choice(known) if known and self.rng.random() < 0.3 else f"b-{name}"
        body = {"buyer": buyer, "external_id": name, "entry": "goods_detail"}
        answer = self._by_key(shop, "conversations/", body)
        if answer is not None:
            self.record.talks.append(Talk(shop["slug"], name, buyer, answer["id"]))

    def _buyer(self) -> None:
        self._say("buyer")

    def _agent(self) -> None:
        self._say("agent")

    def _late(self) -> None:
        """Of one of the last days: a question, and an answer soon, late, or never."""
        past = datetime.now(UTC) - timedelta(days=self.rng.randint(1, LATE_DAYS), seconds=self.rng.randrange(7200))
        talk = self._say("buyer", past)
        wait = self.rng.choice((60, 200, 600, 2000, 4000, None))
        if talk is not None and wait is not None:
            self._say("agent", past + timedelta(seconds=wait), talk)

    def _say(self, sender: str, sent_at: datetime | None = None, talk: Talk | None = None) -> Talk | None:
        talk = talk or self._one_open()
        if talk is None:
            return None
        said = Message(f"m-{uuid4().hex}", sender, sent_at)
        body: dict[str, Any] = {"sender": sender, "text": "在吗", "message_id": said.identity}
        if sent_at is not None:
            body["sent_at"] = sent_at.isoformat()
        shop = self._shop(talk)
        if self._by_key(shop, f"conversations/{talk.pk}/messages/", body) is not None:
            talk.messages.append(said)
        return talk

    def _close(self) -> None:
        talk = self._one_open()
        if talk is not None and self._by_key(self._shop(talk), f"conversations/{talk.pk}/close/", {}) is not None:
            talk.closed = True

    def _presence(self) -> None:
        shop = self.rng.choice(self.shops)
        _name, token = self.rng.choice(shop["agents"])
        status = self.rng.choice(("online", "online", "online", "break", "offline"))
        self._until_sure("PUT", "/api/v1/me/presence/", {"status": status}, token)

    def _transfer(self) -> None:
        talk = self._one_open()
        if talk is None:
            return
        shop = self._shop(talk)
        to = self.rng.choice(shop["everybody"])
        path = f"/api/v1/shops/{shop['slug']}/conversations/{talk.pk}/transfer/"
        self._until_sure("POST", path, {"to": to, "reason": "chaos"}, shop["boss"], may_refuse=True)

    def _one_open(self) -> Talk | None:
        opened = [talk for talk in self.record.talks[-60:] if not talk.closed]
        return self.rng.choice(opened) if opened else None

    def _shop(self, talk: Talk) -> dict[str, Any]:
        return next(shop for shop in self.shops if shop["slug"] == talk.shop)

    # -- until it is sure --------------------------------------------------------------------

    def _by_key(self, shop: dict[str, Any], path: str, body: Any) -> Any:
        return self._until_sure("POST", f"/api/v1/shops/{shop['slug']}/{path}", body, shop["key"])

    def _until_sure(self, method: str, path: str, body: Any, token: str, *, may_refuse: bool = False) -> Any:
        """The answer's content, {} where a repeat is told that it has happened already; None where it was refused."""
        deadline = time.monotonic() + PATIENCE
        first = True
        while time.monotonic() < deadline:
            status, content = self._ask(method, path, body, token)
            if 200 <= status < 300:
                self.record.accepted += 1
                return content
            if 400 <= status < 500:
                code = str(content.get("code"))
                if not first and code in STATUSES:
                    return {}
                self.record.refused[code] = self.record.refused.get(code, 0) + 1
                if not may_refuse:
                    self.record.lost.append(f"{method} {path} {body}: {status} {content}")
                return None
            first = False
            self.record.again += 1
            time.sleep(PAUSE)
        self.record.lost.append(f"{method} {path} {body}: no answer within {PATIENCE:.0f} s")
        return None

    def _ask(self, method: str, path: str, body: Any, token: str) -> tuple[int, dict[str, Any]]:
        """(0, {}) where there was no answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.ports(), timeout=15)
        with suppress(OSError, http.client.HTTPException, ValueError):
            headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
            line.request(method, path, json.dumps(body), headers)
            answer = line.getresponse()
            content = json.loads(answer.read() or b"{}")
            return answer.status, content if isinstance(content, dict) else {"rows": content}
        line.close()
        return 0, {}
