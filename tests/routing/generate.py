"""Random scenarios on every platform: small shops, much happening."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from agents.vocabulary import Platform
from routing.engine.vocabulary import ENTRIES, ORDER_STATUSES

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ACCOUNTS = ["a1", "a2", "a3", "a4", "a5", "mg", "boss"]
QUESTIONS = ["q1", "q2"]
PAUSES = [0, 1, 30, 60, 600, 3600, 6 * 3600, 20 * 3600]


def scenario(rng: Random, platform: Platform, length: int) -> dict[str, Any]:
    """A scenario file's content; `length` events."""
    made = _Maker(rng, platform)
    return {
        "platform": platform.value,
        "timezone": rng.choice(["Asia/Shanghai", "America/New_York"]),
        "seed": rng.randrange(1000),
        "agents": made.agents(),
        "routing": made.routing(),
        "events": made.events(length),
    }


class _Maker:
    def __init__(self, rng: Random, platform: Platform) -> None:
        self.rng, self.platform = rng, platform
        self.opened = 0

    def agents(self) -> list[dict[str, Any]]:
        roles = {"mg": ["cs_manager"], "boss": ["main"]}
        return [
            {
                "account": name,
                "roles": roles.get(name, ["agent"]),
                "max_concurrent": self.rng.choice([None, 1, 1, 2, 3]),
                "mobile_app": self.rng.random() < 0.3,
                "enabled": self.rng.random() < 0.9 or name == "boss",
            }
            for name in ACCOUNTS
        ]

    def some(self, least: int = 0) -> list[str]:
        return self.rng.sample(ACCOUNTS[:6], self.rng.randint(least, 4))

    def routing(self) -> dict[str, Any]:
        rng = self.rng
        made: dict[str, Any] = {
            "offline": {"enabled": rng.random() < 0.7, "agents": self.some()},
            "never_route": self.some()[:1] if rng.random() < 0.3 else [],
            "recent_contact": {
                "enabled": rng.random() < 0.9,
                "within_hours": rng.choice([None, 1, 48]),
                "respect_max_concurrent": rng.random() < 0.4,
            },
            "auto_close_minutes": rng.choice([None, None, 5, 90]),
        }
        if self.platform is Platform.PINDUODUO:
            made["mode"] = rng.choice(["basic", "advanced"])
            made["pages"] = {page: self.some() for page in ENTRIES[self.platform] if rng.random() < 0.6}
            made["groups"] = self.groups(exclusive=True)
        elif self.platform is Platform.KUAISHOU:
            made["mode"] = rng.choice(["basic", "grouped", "grouped"])
            made["groups"] = self.groups(exclusive=False)
        elif self.platform is Platform.TAOBAO:
            made["groups"] = self.groups(exclusive=False)
            made["busy_threshold"] = rng.choice([1, 4])
        else:
            made["entries"] = {entry: self.entry() for entry in ENTRIES[self.platform] if rng.random() < 0.7}
            made["allocation"] = rng.choice(["least_saturated", "even_today", "priority"])
            made["queue"] = {"overflow": rng.random() < 0.5}
        return made

    def entry(self) -> dict[str, Any]:
        if self.rng.random() < 0.4:
            return {"assign": "unified", "agents": self.some()}
        return {"assign": "by_question", "questions": {q: self.some() for q in QUESTIONS if self.rng.random() < 0.8}}

    def groups(self, *, exclusive: bool) -> list[dict[str, Any]]:
        people, statuses = ACCOUNTS[:5], list(ORDER_STATUSES)
        self.rng.shuffle(people)
        self.rng.shuffle(statuses)
        made = []
        for i in range(self.rng.randint(0, 3)):
            members = people[2 * i : 2 * i + 2] if exclusive else self.some()
            bound = statuses[2 * i : 2 * i + 2]
            if self.platform is Platform.TAOBAO and self.rng.random() < 0.5:
                bound = self.rng.sample(ORDER_STATUSES, 2)
            made.append(
                {
                    "name": f"g{i}",
                    "members": [{"account": m, "weight": self.rng.choice([1, 100, 500])} for m in members],
                    "order_statuses": bound,
                }
            )
        return made

    def events(self, length: int) -> list[dict[str, Any]]:
        at = START
        made = []
        for _ in range(length):
            at += timedelta(seconds=self.rng.choice(PAUSES) if self.rng.random() < 0.4 else 1)
            made.append({"at": at.isoformat()} | self.event())
        return made

    def event(self) -> dict[str, Any]:
        kind = self.rng.choices(
            ["open", "message", "close", "presence", "transfer", "agent", "settings", "ask_human", "app_login", "tick"],
            [30, 25, 12, 22, 6, 4, 2, 3, 1, 2],
        )[0]
        return {"type": kind} | getattr(self, f"_{kind}")()

    def conversation(self) -> str:
        return f"c{self.rng.randint(max(1, self.opened - 8), self.opened + 1)}"

    def _open(self) -> dict[str, Any]:
        self.opened += self.rng.random() < 0.97
        made: dict[str, Any] = {"conversation": f"c{self.opened}", "buyer": f"b{self.rng.randint(1, 14)}"}
        if self.platform in ENTRIES:
            made["entry"] = self.rng.choice([*ENTRIES[self.platform], "nowhere"])
        made["question"] = self.rng.choice([None, "q1", "q2", "q3"])
        made["order_status"] = self.rng.choice([None, *ORDER_STATUSES])
        made["robot"] = self.rng.random() < 0.15
        made["message"] = self.rng.random() < 0.9
        return made

    def _message(self) -> dict[str, Any]:
        return {
            "conversation": self.conversation(),
            "sender": self.rng.choice(["buyer", "buyer", "agent", "agent", "robot", "auto"]),
            "kind": self.rng.choice(["text"] * 9 + ["video"]),
        }

    def _close(self) -> dict[str, Any]:
        return {"conversation": self.conversation(), "by": self.rng.choice(["agent", "buyer", "system"])}

    def _presence(self) -> dict[str, Any]:
        status = self.rng.choice(["online", "online", "break", "offline"])
        return {"agent": self.rng.choice(ACCOUNTS), "status": status}

    def _transfer(self) -> dict[str, Any]:
        return {
            "conversation": self.conversation(),
            "by": self.rng.choice(ACCOUNTS),
            "to": self.rng.choice(ACCOUNTS),
            "reason": "x",
        }

    def _agent(self) -> dict[str, Any]:
        changes = {
            "roles": self.rng.choice([["agent"], ["operations"], ["cs_manager", "agent"]]),
            "max_concurrent": self.rng.choice([None, 1, 2, 5]),
            "enabled": self.rng.random() < 0.7,
        }
        name = self.rng.choice(list(changes))
        return {"agent": self.rng.choice(ACCOUNTS[:6]), name: changes[name]}

    def _settings(self) -> dict[str, Any]:
        return {"routing": self.routing()}

    def _ask_human(self) -> dict[str, Any]:
        return {"conversation": self.conversation()}

    def _app_login(self) -> dict[str, Any]:
        return {"agent": self.rng.choice(ACCOUNTS)}

    def _tick(self) -> dict[str, Any]:
        return {}
