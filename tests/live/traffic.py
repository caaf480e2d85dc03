"""Who writes and who watches while things are killed: writers that try again until they are accepted, followers that
come again from where they were."""

import http.client
import json
import random
import threading
import time
from collections import defaultdict
from contextlib import suppress
from uuid import uuid4

from tests.asgi import Reader

PAUSE = 0.15


class Writers:
    """Buyers' messages into conversations by a program's key; each has an id of the client's, kept over retries."""

    def __init__(self, port: int, slug: str, key: str, conversations: list[str], count: int = 4) -> None:
        self.port, self.key, self.conversations = port, key, conversations
        self.path = f"/api/v1/shops/{slug}/conversations/"
        self.accepted: dict[str, set[str]] = defaultdict(set)
        self.retries = 0
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(n,), daemon=True) for n in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Nothing new is begun; what was begun is tried until it is accepted."""
        self._end.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads), (
            "a message could not be delivered within a minute"
        )

    def _write(self, number: int) -> None:
        rng = random.Random(number)
        while not self._end.is_set():
            conversation, identity = rng.choice(self.conversations), uuid4().hex
            body = json.dumps({"sender": "buyer", "text": "在吗", "message_id": identity})
            while not self._post(conversation, body):
                self.retries += 1
                time.sleep(PAUSE)
            self.accepted[conversation].add(identity)
            time.sleep(PAUSE * rng.random())

    def _post(self, conversation: str, body: str) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with suppress(OSError, http.client.HTTPException):
            headers = {"Authorization": f"Token {self.key}", "Content-Type": "application/json"}
            line.request("POST", f"{self.path}{conversation}/messages/", body, headers)
            answer = line.getresponse()
            answer.read()
            assert answer.status < 400 or answer.status >= 500, answer.status
            return answer.status in (200, 201)
        return False


class Follower:
    """One reader's stream, over as many connections as it takes."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.seen: list[tuple[str, str]] = []
        """(conversation, message id) in the order in which they were shown."""
        self.resets = 0
        self.connections = 0
        self._end = threading.Event()
        self.ready = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        last = ""
        while not self._end.is_set():
            with suppress(OSError, http.client.HTTPException, ValueError):
                reader = Reader(self.url, Authorization=f"Token {self.token}", Last_Event_ID=last)
                self.connections += 1
                last = self._read(reader, last)
            time.sleep(PAUSE)

    def _read(self, reader: Reader, last: str) -> str:
        while not self._end.is_set():
            try:
                event = reader.events.get(timeout=0.2)
            except Exception:
                if reader.ended.is_set() and reader.events.empty():
                    return last
                continue
            last = event.id
            if event.kind == "ready":
                self.ready.set()
            self.resets += event.kind == "reset"
            message = event.data.get("message")
            if message:
                self.seen.append((str(message["conversation"]), message["message_id"]))
        reader.cut()
        return last

    def end(self) -> None:
        self._end.set()
        self._thread.join(10)
